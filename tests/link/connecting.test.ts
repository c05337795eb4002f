import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { gatewayAddress } from '../../main/link/gateway-address.ts';
import { eventually } from './eventually.ts';
import {
  CAPABILITIES,
  freshSocketPath,
  type HandWrittenGateway,
  startHandWrittenGateway,
} from './hand-written-gateway.ts';
import { type LinkUnderTest, linkUnderTest, TOKEN } from './link-under-test.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function gatewayWith(options = {}): Promise<HandWrittenGateway> {
  const gateway = await startHandWrittenGateway(options);
  closers.push(gateway.stop);
  return gateway;
}

function linkTo(...args: Parameters<typeof linkUnderTest>): LinkUnderTest {
  const made = linkUnderTest(...args);
  closers.push(() => made.link.close());
  return made;
}

describe('connecting to a gateway', () => {
  it('introduces itself with the token in the frame and reports the gateway up after ready', async () => {
    const gateway = await gatewayWith();
    const { link, event } = linkTo({ url: gateway.url, token: TOKEN });
    const hello = await gateway.hear('hello');
    expect(hello).toEqual({
      v: 1,
      type: 'hello',
      token: TOKEN,
      deviceId: 'device-1',
      appVersion: '0.1.0',
      platform: 'linux',
    });
    await event('gateway.up');
    expect(link.status()).toMatchObject({ ready: true, reason: null, capabilities: { title: 'Hand-written' } });
  });

  it('reports nothing up before ready', async () => {
    const gateway = await gatewayWith({ greet: false });
    const { events, event } = linkTo({ url: gateway.url, token: TOKEN });
    await gateway.hear('hello');
    expect(events).toEqual([]);
    gateway.sayReady();
    await event('gateway.up');
  });

  it('tells the rules, at each ready, whether an approval needs nothing that is shown here', async () => {
    const gateway = await gatewayWith({ greet: false });
    const { of, event } = linkTo({ url: gateway.url, token: TOKEN });
    await gateway.hear('hello');
    gateway.sayReady();
    await event('gateway.up');
    gateway.socket().terminate();
    await gateway.hear('hello', 2);
    gateway.sayReady({ capabilities: { ...CAPABILITIES, prompts: ['number'], numberMatching: true } });
    await event('gateway.up', 2);
    expect(of('gateway.up')).toMatchObject([{ approvableUnseen: true }, { approvableUnseen: false }]);
  });

  it('hands on capabilities and the policy of the gateway at ready, and later changes', async () => {
    const gateway = await gatewayWith({ greet: false });
    const { link } = linkTo({ url: gateway.url, token: TOKEN });
    const told: unknown[] = [];
    link.onReady((capabilities, policy) => told.push(capabilities, policy));
    link.onPolicy((policy) => told.push(policy));
    await gateway.hear('hello');
    gateway.sayReady({ policy: { walkawayGraceMs: 5_000 } });
    gateway.say({ v: 1, type: 'policy', policy: { walkawayGraceMs: 0 } });
    await eventually('both policies', () => told.length === 3);
    expect(told).toEqual([CAPABILITIES, { walkawayGraceMs: 5_000 }, { walkawayGraceMs: 0 }]);
  });

  it('reaches an embedded gateway on a local socket whose path has a space', async () => {
    const socketPath = freshSocketPath();
    const http = createServer();
    await new Promise<void>((resolve) => http.listen(socketPath, () => resolve()));
    closers.push(() => new Promise((resolve) => http.close(resolve)));
    closers.push(() => rm(socketPath, { force: true }));
    await gatewayWith({ server: http, url: 'local' });
    const { event } = linkTo({ socketPath, token: TOKEN });
    await event('gateway.up');
  });

  it('gives up on a gateway that never says ready', async () => {
    const gateway = await gatewayWith({ greet: false });
    const { event } = linkTo({ url: gateway.url, token: TOKEN }, { limits: { readyTimeoutMs: 30 } });
    expect(await event('gateway.down')).toMatchObject({ reason: 'READY_TIMEOUT' });
    await gateway.hear('hello', 2);
  });

  it('gives up on a listener that accepts and then says nothing', async () => {
    const mute = createServer();
    mute.on('upgrade', (_request, socket) => closers.push(async () => socket.destroy()));
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', () => resolve()));
    closers.push(() => new Promise((resolve) => mute.close(resolve)));
    const address = mute.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const { event } = linkTo(
      { url: `ws://127.0.0.1:${address.port}/`, token: TOKEN },
      { limits: { connectTimeoutMs: 40 } },
    );
    expect(await event('gateway.down')).toMatchObject({ reason: 'CONNECT_FAILED' });
  });

  it('does not try quickly again with a token that was refused', async () => {
    const gateway = await gatewayWith({ greet: false });
    const { event, link } = linkTo({ url: gateway.url, token: TOKEN }, { random: () => 0 });
    await gateway.hear('hello');
    gateway.say({ v: 1, type: 'error', code: 'UNAUTHORIZED', message: 'no', retryable: false });
    gateway.socket().close(4004);
    expect(await event('gateway.down')).toMatchObject({ reason: 'UNAUTHORIZED' });
    expect(link.status().nextAttemptInMs).toBeGreaterThan(50_000);
    expect(link.status().sentence).toBe('The gateway did not accept this workstation.');
  });

  it('reads a refusal from the close code when the error frame is missing', async () => {
    const gateway = await gatewayWith({ greet: false });
    const { event } = linkTo({ url: gateway.url, token: TOKEN });
    await gateway.hear('hello');
    gateway.socket().close(4001);
    expect(await event('gateway.down')).toMatchObject({ reason: 'VERSION_UNSUPPORTED' });
  });

  it('never logs the token', async () => {
    const gateway = await gatewayWith();
    const { event, link, logLines } = linkTo({ url: gateway.url, token: TOKEN });
    await event('gateway.up');
    gateway.socket().terminate();
    await event('gateway.up', 2);
    await link.close();
    expect(logLines.length).toBeGreaterThan(0);
    expect(logLines.join('\n')).not.toContain(TOKEN);
  });
});

describe('losing the gateway', () => {
  it('reports the loss once, however many attempts fail, and the return once', async () => {
    const gateway = await gatewayWith();
    const port = Number(new URL(gateway.url).port);
    const { event, of, logLines } = linkTo({ url: gateway.url, token: TOKEN });
    await event('gateway.up');
    await gateway.stop();
    await eventually(
      'several failed attempts',
      () => logLines.filter((line) => line.includes('CONNECT_FAILED')).length > 3,
    );
    expect(of('gateway.down')).toHaveLength(1);
    await gatewayWith({ port });
    await event('gateway.up', 2);
    expect(of('gateway.down')).toHaveLength(1);
    expect(of('gateway.up')).toHaveLength(2);
  });

  it('drops a healthy socket at once on resume and connects anew without waiting', async () => {
    const gateway = await gatewayWith();
    const { event, link, of } = linkTo(
      { url: gateway.url, token: TOKEN },
      { limits: { backOffMinMs: 60_000, backOffMaxMs: 60_000 } },
    );
    await event('gateway.up');
    link.reconnectNow();
    expect(of('gateway.down')).toMatchObject([{ reason: 'RESUMED' }]);
    await event('gateway.up', 2);
    expect(gateway.connections()).toBe(2);
  });

  it('believes nothing that still sits in the old socket after resume', async () => {
    const gateway = await gatewayWith();
    const { event, link, of } = linkTo({ url: gateway.url, token: TOKEN });
    await event('gateway.up');
    await link.startSession({
      type: 'startSession',
      requestId: 'r.1',
      userId: 'u',
      reason: 'unlock',
      durationSeconds: 60,
    });
    await gateway.hear('session.start');
    gateway.say({
      v: 1,
      type: 'session.state',
      sessionId: 's1',
      requestId: 'r.1',
      seq: 1,
      status: 'active',
      validForMs: 15_000,
    });
    // Same turn of the event loop: the frame is on its way or in a buffer, and has not been read.
    link.reconnectNow();
    await event('gateway.up', 2);
    expect(of('session.status')).toEqual([]);
  });

  it('moves to another gateway and forgets the starts of the old one', async () => {
    const first = await gatewayWith();
    const second = await gatewayWith();
    const { event, link } = linkTo({ url: first.url, token: TOKEN });
    await event('gateway.up');
    await link.startSession({
      type: 'startSession',
      requestId: 'r.1',
      userId: 'u',
      reason: 'unlock',
      durationSeconds: 60,
    });
    await first.hear('session.start');
    link.retarget({ url: second.url, token: TOKEN });
    expect(await event('session.refused')).toMatchObject({ requestId: 'r.1', retryable: true });
    await event('gateway.up', 2);
    expect(second.heard.map((frame) => frame['type'])).toEqual(['hello']);
  });

  it('stays away without a target until it is given one', async () => {
    const gateway = await gatewayWith();
    const { event, link } = linkTo(null);
    expect(link.status()).toMatchObject({ ready: false, reason: 'NO_GATEWAY', connecting: false });
    expect(await link.whenReady(1)).toMatchObject({ ok: false, error: { code: 'NO_GATEWAY' } });
    link.retarget({ url: gateway.url, token: TOKEN });
    await event('gateway.up');
  });

  it('closes in good order: what was sent goes out, nothing is reported afterwards', async () => {
    const gateway = await gatewayWith();
    const { event, events, link } = linkTo({ url: gateway.url, token: TOKEN });
    await event('gateway.up');
    const before = events.length;
    await link.endSession('s9', 'quit');
    await link.close();
    await gateway.hear('session.end');
    await eventually('the close', () => gateway.closeCodes.length === 1);
    expect(gateway.closeCodes).toEqual([1000]);
    expect(events).toHaveLength(before);
  });
});

describe('a gateway that breaks the protocol', () => {
  const session = { v: 1, type: 'session.state', sessionId: 's', seq: 1, status: 'active', validForMs: 1 };
  const cases: readonly [string, (gateway: HandWrittenGateway) => void, number][] = [
    ['sends a binary message', (gateway) => gateway.socket().send(Buffer.from('{}')), 1003],
    ['sends what is not JSON', (gateway) => gateway.socket().send('hello?'), 1007],
    ['sends an unknown type', (gateway) => gateway.say({ v: 1, type: 'session.open' }), 1008],
    ['sends an unknown key', (gateway) => gateway.say({ ...session, extra: 1 }), 1008],
    ['sends a lease of a negative length', (gateway) => gateway.say({ ...session, validForMs: -1 }), 1008],
    ['speaks another version', (gateway) => gateway.say({ ...session, v: 2 }), 4001],
    ['says ready twice', (gateway) => gateway.sayReady(), 1008],
    ['sends more than the size limit', (gateway) => gateway.socket().send('x'.repeat(17 * 1024)), 1009],
    ['sends the size limit in many-byte characters', (gateway) => gateway.socket().send('€'.repeat(6 * 1024)), 1009],
  ];
  for (const [what, misbehave, closeCode] of cases) {
    it(`is left with a close code and a report when it ${what}`, async () => {
      const gateway = await gatewayWith();
      const { event, link } = linkTo({ url: gateway.url, token: TOKEN });
      await event('gateway.up');
      misbehave(gateway);
      expect(await event('gateway.down')).toMatchObject({ reason: 'PROTOCOL_VIOLATION' });
      await eventually('the close code', () => gateway.closeCodes.includes(closeCode));
      expect(link.counters().violations).toBe(1);
      await event('gateway.up', 2);
    });
  }

  it('is left when it speaks before ready', async () => {
    const gateway = await gatewayWith({ greet: false });
    const { event } = linkTo({ url: gateway.url, token: TOKEN });
    await gateway.hear('hello');
    gateway.say(session);
    expect(await event('gateway.down')).toMatchObject({ reason: 'PROTOCOL_VIOLATION' });
  });
});

describe('addresses', () => {
  const refused: readonly [string, string][] = [
    ['plain ws:// to another computer', 'ws://gateway.example.org/'],
    ['plain ws:// to a name that only begins like loopback', 'ws://localhost.example.org/'],
    ['a user name in the address', 'wss://me@gateway.example.org/'],
    ['a password in the address', 'wss://me:pw@gateway.example.org/'],
    ['a fragment', 'wss://gateway.example.org/#x'],
    ['another protocol', 'https://gateway.example.org/'],
    ['no address at all', 'gateway'],
  ];
  for (const [what, url] of refused) {
    it(`refuses ${what}`, () => expect(gatewayAddress({ url, token: TOKEN }).ok).toBe(false));
  }
  it.each(['wss://gateway.example.org/', 'ws://127.0.0.1:1/', 'ws://[::1]:1/', 'ws://localhost:1/'])(
    'accepts %s',
    (url) => expect(gatewayAddress({ url, token: TOKEN }).ok).toBe(true),
  );
  it('sends no token to an address it refuses', async () => {
    const { event, link } = linkTo({ url: 'ws://192.0.2.1/', token: TOKEN });
    expect(await event('gateway.down')).toMatchObject({ reason: 'ADDRESS_REFUSED' });
    expect(link.status().nextAttemptInMs).toBeGreaterThan(50_000);
  });
});
