import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { MAX_LINE_BYTES } from '../../main/sentinel/limits.ts';
import { type WireMessage, wireOver } from '../../main/sentinel/wire.ts';

/** Two ends of a real socket, as a parent and a child hold them. */
async function bothEnds(): Promise<readonly [Socket, Socket]> {
  const folder = await mkdtemp(join(tmpdir(), 'wire-'));
  const server = createServer().listen(join(folder, 's'));
  await once(server, 'listening');
  const far = connect(join(folder, 's'));
  const [near]: Socket[] = await once(server, 'connection');
  onTestFinished(async () => {
    far.destroy();
    near?.destroy();
    server.close();
    await rm(folder, { recursive: true });
  });
  if (near === undefined) throw new Error('nobody connected');
  far.on('error', () => undefined);
  return [near, far];
}

function heard(wire: ReturnType<typeof wireOver>) {
  const messages: WireMessage[] = [];
  let closed = 0;
  wire.listen({
    onMessage: (message) => messages.push(message),
    onClosed: () => {
      closed += 1;
    },
  });
  return { messages, closed: () => closed };
}

const ALIVE = { type: 'alive', guarding: true, processId: 9 } as const;

describe('the wire', () => {
  it('carries what one end says to the other, also what was said before anybody listened', async () => {
    const [near, far] = await bothEnds();
    wireOver(far).say(ALIVE);
    const wire = wireOver(near);
    await once(near, 'data');
    const { messages } = heard(wire);
    expect(messages).toEqual([ALIVE]);
  });

  it('reports its end once, however it came', async () => {
    const [near] = await bothEnds();
    const { closed } = heard(wireOver(near));
    near.destroy(new Error('EPIPE'));
    await vi.waitFor(() => expect(closed()).toBe(1));
    await new Promise((resolve) => setImmediate(resolve));
    expect(near.closed).toBe(true);
    expect(closed()).toBe(1);
  });

  it('reports an end from before anybody listened', async () => {
    const [near, far] = await bothEnds();
    const wire = wireOver(near);
    far.destroy();
    await once(near, 'close');
    expect(heard(wire).closed()).toBe(1);
  });

  it('hands over a farewell before the end', async () => {
    const [near, far] = await bothEnds();
    const { messages, closed } = heard(wireOver(near));
    const other = wireOver(far);
    other.say({ type: 'farewell' });
    await other.end();
    await vi.waitFor(() => expect(closed()).toBe(1));
    expect(messages).toEqual([{ type: 'farewell' }]);
  });

  it.each([
    ['no JSON', 'farewell'],
    ['another word', '{"type":"goodbye"}'],
    ['an unknown member', '{"type":"farewell","really":true}'],
    ['a missing member', '{"type":"alive","guarding":true}'],
    ['a process id that is none', '{"type":"alive","guarding":true,"processId":0}'],
    ['a line beyond all measure', `{"type":"farewell"${' '.repeat(2 * MAX_LINE_BYTES)}}`],
  ])('takes %s for nothing at all', async (_what, line) => {
    const [near, far] = await bothEnds();
    const { messages } = heard(wireOver(near));
    far.write(`${line}\n${JSON.stringify(ALIVE)}\n`);
    await vi.waitFor(() => expect(messages).toEqual([ALIVE]));
  });

  it('keeps a bounded part of a line that does not end', async () => {
    const [near, far] = await bothEnds();
    const { messages } = heard(wireOver(near));
    for (let part = 0; part < 200; part += 1) far.write('x'.repeat(10_000));
    far.write(`\n${JSON.stringify(ALIVE)}\n`);
    await vi.waitFor(() => expect(messages).toEqual([ALIVE]));
  });

  it('says nothing to an end that is gone, without failing', async () => {
    const [near, far] = await bothEnds();
    const wire = wireOver(near);
    far.destroy();
    await once(near, 'close');
    wire.say(ALIVE);
    await wire.end();
  });
});
