import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runEmbeddedGateway } from '../../gateway/embedded-gateway.ts';
import { type FromGatewayProcess, FromGatewayProcessSchema } from '../../protocol/embedded.ts';
import { startActiveconnectSimulator } from '../../simulators/activeconnect/simulator.ts';
import { settle } from './fake-gateway-clock.ts';
import { HELLO, TestClient } from './gateway-under-test.ts';
import { RunningProcess } from './running-process.ts';

const PER_RUN_TOKEN = 'per-run-token-0123456789abcdef0123456789';
let directory = '';
const processes: RunningProcess[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'embedded-'));
});
afterEach(() => {
  for (const running of processes.splice(0)) running.kill();
  rmSync(directory, { recursive: true });
});

function configOf(account: { url: string; appId: string; appSecret: string }, token = PER_RUN_TOKEN) {
  return {
    socketPath: join(directory, 'run', 'gateway.sock'),
    token,
    storeDirectory: join(directory, 'store'),
    storeKeyBase64: Buffer.alloc(32, 9).toString('base64'),
    leaseMs: 15_000,
    provider: {
      kind: 'activeconnect',
      profile: 'iampass',
      baseUrl: account.url,
      appId: account.appId,
      appSecret: account.appSecret,
      simulated: true,
    },
  };
}
const NOWHERE = { url: 'http://127.0.0.1:9', appId: 'APP', appSecret: 'SECRET-OF-APP' };

/** Main's end of the port, in this process. */
function port() {
  const posted: FromGatewayProcess[] = [];
  let onMessage: (message: unknown) => void = () => undefined;
  let onClose: () => void = () => undefined;
  const ended = runEmbeddedGateway({
    postMessage: (message) => posted.push(FromGatewayProcessSchema.parse(message)),
    onMessage: (listener) => {
      onMessage = listener;
    },
    onClose: (listener) => {
      onClose = listener;
    },
  });
  return { posted, ended, say: (message: unknown) => onMessage(message), close: () => onClose() };
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('the embedded gateway', () => {
  test('listens where it was told and takes only the per-run token; stop ends it', async () => {
    const main = port();
    main.say({ type: 'start', config: configOf(NOWHERE) });
    await until(() => main.posted.some(({ type }) => type === 'listening'), 'listening');
    const path = join(directory, 'run', 'gateway.sock');
    const client = await TestClient.open(`ws+unix:${path}:/v1`);
    await client.hello({ token: PER_RUN_TOKEN });
    const stranger = await TestClient.open(`ws+unix:${path}:/v1`);
    stranger.send(HELLO);
    expect((await stranger.next('error')).code).toBe('UNAUTHORIZED');
    main.say({ type: 'stop' });
    await main.ended;
    expect(await client.closed()).toBe(1001);
  });

  test('ends when the port closes', async () => {
    const main = port();
    main.say({ type: 'start', config: configOf(NOWHERE) });
    await until(() => main.posted.some(({ type }) => type === 'listening'), 'listening');
    main.close();
    await expect(main.ended).resolves.toBeUndefined();
  });

  test.each<[string, (config: ReturnType<typeof configOf>) => unknown]>([
    ['a token that is too short', (config) => ({ ...config, token: 'short' })],
    ['a member it does not know', (config) => ({ ...config, debug: true })],
    ['no key', ({ storeKeyBase64: _, ...config }) => config],
  ])('says that it failed for %s, and quotes nothing', async (_what, change) => {
    const main = port();
    main.say({ type: 'start', config: change(configOf(NOWHERE)) });
    await settle();
    expect(main.posted.at(-1)).toMatchObject({ type: 'failed' });
    expect(JSON.stringify(main.posted)).not.toContain('SECRET-OF-APP');
    main.close();
    await main.ended;
  });

  test('says why it cannot start, and ends', async () => {
    const main = port();
    const config = configOf(NOWHERE);
    main.say({
      type: 'start',
      config: { ...config, provider: { ...config.provider, baseUrl: 'http://service.example', simulated: false } },
    });
    await main.ended;
    expect(main.posted.at(-1)).toEqual({
      type: 'failed',
      sentence:
        'The gateway cannot use a setting. provider.baseUrl: expected https:// (http:// only on loopback or with simulated: true).',
    });
  });

  test('killed and started anew with another token, goes on with the session of the same workstation', async () => {
    const simulator = await startActiveconnectSimulator({ users: [{ userId: 'user-1', registered: true }] });
    const first = utilityProcess();
    await first.listening(configOf(simulator));
    const url = `ws+unix:${join(directory, 'run', 'gateway.sock')}:/v1`;
    const desk = await (await TestClient.open(url)).hello({ token: PER_RUN_TOKEN });
    desk.send({ v: 1, type: 'session.start', requestId: 'r', userId: 'user-1', reason: 'unlock' });
    const { sessionId } = await desk.next('session.state');
    simulator.phone('user-1').approve();
    const approved = await desk.next('session.state', ({ status }) => status === 'active');
    first.running.kill('SIGKILL');
    await desk.closed();
    // It may have died while replacing the file: what it left of the new one does not count.
    const kept = readdirSync(join(directory, 'store')).filter((name) => name.endsWith('.session'));
    expect(kept).toEqual([`${sessionId}.session`]);

    const token = `another-${PER_RUN_TOKEN}`;
    const second = utilityProcess();
    await second.listening(configOf(simulator, token));
    const back = await (await TestClient.open(url)).hello({ token });
    back.send({ v: 1, type: 'session.poll', sessionId, seq: approved.seq });
    const state = await back.next('session.state');
    expect(state).toMatchObject({ sessionId, status: 'active' });
    expect(state.validForMs).toBeGreaterThan(10_000);
    expect(state.seq).toBeGreaterThan(approved.seq);
    second.running.child.send({ type: 'stop' });
    expect(await second.running.end()).toBe(0);
    expect(await back.closed()).toBe(1001);
    await simulator.close();
  });

  test('ends when main is gone', async () => {
    const started = utilityProcess();
    await started.listening(configOf(NOWHERE));
    started.running.child.disconnect();
    expect(await started.running.end()).toBe(0);
  });
});

/** The real entry, with Electron's `process.parentPort` played over Node's own channel. */
function utilityProcess() {
  const parentPort = `
    import { EventEmitter } from 'node:events';
    const port = new EventEmitter();
    port.postMessage = (message) => process.connected && process.send(message);
    process.on('message', (data) => port.emit('message', { data, ports: [] }));
    process.parentPort = port;
  `;
  const entry = ['--import', `data:text/javascript,${encodeURIComponent(parentPort)}`, 'gateway/embedded.ts'];
  const running = new RunningProcess(entry, { ipc: true });
  processes.push(running);
  const posted: unknown[] = [];
  running.child.on('message', (message) => posted.push(message));
  return {
    running,
    async listening(config: ReturnType<typeof configOf>): Promise<void> {
      running.child.send({ type: 'start', config });
      await running.until(
        () => posted.some((message) => Object(message).type === 'listening'),
        `listening: ${JSON.stringify(posted)}`,
      );
    },
  };
}
