import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

vi.mock('electron', () => import('./fake-electron.ts'));

import { createEmbeddedProcesses } from '../../main/electron/embedded-processes.electron.ts';
import {
  EMBEDDED_KILL_TIMEOUT_MS,
  EMBEDDED_START_TIMEOUT_MS,
  EMBEDDED_STOP_TIMEOUT_MS,
} from '../../main/electron/limits.ts';
import type { EmbeddedGatewayConfig } from '../../protocol/embedded.ts';
import * as electron from './fake-electron.ts';
import { rememberingLog } from './remembering-log.ts';

const CONFIG: EmbeddedGatewayConfig = {
  socketPath: '/run/user/1/presence.sock',
  token: 't'.repeat(32),
  storeDirectory: '/data/store',
  storeKeyBase64: Buffer.alloc(32).toString('base64'),
  leaseMs: 15_000,
  provider: {
    kind: 'activeconnect',
    profile: 'activeconnect',
    baseUrl: null,
    appId: 'app',
    appSecret: 'the application secret',
    simulated: false,
  },
};
const LISTENING = { type: 'listening', socketPath: CONFIG.socketPath };

function processes() {
  const log = rememberingLog();
  const embedded = createEmbeddedProcesses({
    gatewayPath: '/app/out/main/gateway.js',
    simulatorPath: '/app/out/main/simulator.js',
    env: { TMPDIR: '/var/tmp', LANG: 'en', AWS_SECRET: 'not for children', NODE_OPTIONS: '--inspect' },
    log,
  });
  return { embedded, log };
}

/** The process forked last, once it has been. */
async function child(number = 1): Promise<electron.FakeUtilityProcess> {
  await vi.waitFor(() => expect(electron.forked).toHaveLength(number));
  const last = electron.forked.at(-1);
  if (last === undefined) throw new Error('nothing was started');
  return last;
}

beforeEach(() => {
  vi.useFakeTimers();
  electron.forgetEverything();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the embedded gateway', () => {
  it('gets its secrets over the message port, never by argument or environment', async () => {
    const { embedded } = processes();
    const starting = embedded.startGateway(CONFIG);
    const gateway = await child();
    expect(gateway.posted).toEqual([{ type: 'start', config: CONFIG }]);
    expect(gateway.args).toEqual([]);
    expect(gateway.options.env).toEqual({ TMPDIR: '/var/tmp', LANG: 'en' });
    gateway.emit('message', LISTENING);
    await starting;
  });

  it('has started only when it listens where it was told', async () => {
    const { embedded } = processes();
    const starting = expect(embedded.startGateway(CONFIG)).rejects.toThrow('somewhere else');
    const gateway = await child();
    gateway.emit('message', { type: 'listening', socketPath: '/run/user/1/other.sock' });
    await vi.waitFor(() => expect(gateway.posted).toContainEqual({ type: 'stop' }));
    gateway.emit('exit', 0);
    await starting;
  });

  it('hands on the sentence with which it failed', async () => {
    const { embedded } = processes();
    const starting = expect(embedded.startGateway(CONFIG)).rejects.toThrow('The folder cannot be written');
    (await child()).emit('message', { type: 'failed', sentence: 'The folder cannot be written' });
    await starting;
  });

  it.each([
    ['an unknown type', { type: 'ready', socketPath: CONFIG.socketPath }],
    ['an additional field', { ...LISTENING, admin: true }],
    ['a missing field', { type: 'listening' }],
    ['no object', 'listening'],
  ])('does not take %s for a start', async (_what, message) => {
    const { embedded, log } = processes();
    const starting = expect(embedded.startGateway(CONFIG)).rejects.toThrow('did not start within');
    (await child()).emit('message', message);
    expect(log.lines).toEqual(['The gateway sent a message that was not understood']);
    await vi.advanceTimersByTimeAsync(EMBEDDED_START_TIMEOUT_MS);
    await starting;
  });

  it('is ended when it does not start in time', async () => {
    const { embedded } = processes();
    const starting = expect(embedded.startGateway(CONFIG)).rejects.toThrow('did not start within');
    const gateway = await child();
    await vi.advanceTimersByTimeAsync(EMBEDDED_START_TIMEOUT_MS);
    await starting;
    expect(gateway.killed).toBe(true);
  });

  it('does not start when it ends first', async () => {
    const { embedded } = processes();
    const starting = expect(embedded.startGateway(CONFIG)).rejects.toThrow('while it was starting (code 3)');
    (await child()).emit('exit', 3);
    await starting;
  });

  it('tells that it is gone, but not when it was stopped', async () => {
    const { embedded } = processes();
    const gone: string[] = [];
    const stopListening = embedded.onGatewayGone((reason) => gone.push(reason));
    const first = embedded.startGateway(CONFIG);
    (await child()).emit('message', LISTENING);
    await first;
    electron.forked[0]?.emit('exit', 139);
    expect(gone).toEqual(['The gateway ended unexpectedly (code 139)']);

    const second = embedded.startGateway(CONFIG);
    (await child(2)).emit('message', LISTENING);
    await second;
    const stopping = embedded.stopGateway();
    await vi.waitFor(() => expect(electron.forked[1]?.posted).toContainEqual({ type: 'stop' }));
    electron.forked[1]?.emit('exit', 0);
    await stopping;
    expect(gone).toHaveLength(1);
    stopListening();
  });

  it('is ended when it does not stop by itself, and stopping never hangs', async () => {
    const { embedded } = processes();
    const starting = embedded.startGateway(CONFIG);
    const gateway = await child();
    gateway.emit('message', LISTENING);
    await starting;
    gateway.kill = () => {
      gateway.killed = true;
      return true;
    };
    const stopping = embedded.stopGateway();
    await vi.advanceTimersByTimeAsync(EMBEDDED_STOP_TIMEOUT_MS + EMBEDDED_KILL_TIMEOUT_MS);
    await stopping;
    expect(gateway.killed).toBe(true);
  });

  it('stops the running one before another starts', async () => {
    const { embedded } = processes();
    const first = embedded.startGateway(CONFIG);
    (await child()).emit('message', LISTENING);
    await first;
    const second = embedded.startGateway(CONFIG);
    await vi.waitFor(() => expect(electron.forked[0]?.posted).toContainEqual({ type: 'stop' }));
    expect(electron.forked).toHaveLength(1);
    electron.forked[0]?.emit('exit', 0);
    (await child(2)).emit('message', LISTENING);
    await second;
  });

  it('does not start with a configuration that its own protocol refuses, and does not quote it', async () => {
    const { embedded } = processes();
    const attempt = embedded.startGateway({ ...CONFIG, token: 'short secret' });
    await expect(attempt).rejects.toThrow('config.token');
    await expect(attempt).rejects.not.toThrow('short secret');
    expect(electron.forked).toHaveLength(0);
  });

  it('writes its log lines into ours', async () => {
    const { embedded, log } = processes();
    const starting = embedded.startGateway(CONFIG);
    const gateway = await child();
    gateway.emit('message', { type: 'log', level: 'warn', message: 'provider answers slowly' });
    gateway.emit('message', LISTENING);
    await starting;
    expect(log.lines).toEqual(['gateway: provider answers slowly']);
  });
});

describe('the simulated service', () => {
  it('reports where it listens and with which account', async () => {
    const { embedded } = processes();
    const starting = embedded.startSimulator({ host: '127.0.0.1', port: 0, users: ['u1'] });
    const simulator = await child();
    expect(simulator.posted).toEqual([
      { type: 'start', service: 'activeconnect', host: '127.0.0.1', port: 0, users: ['u1'] },
    ]);
    simulator.emit('message', { type: 'listening', url: 'http://127.0.0.1:4000/', appId: 'a', appSecret: 's' });
    expect(await starting).toEqual({ url: 'http://127.0.0.1:4000/', appId: 'a', appSecret: 's' });
  });
});
