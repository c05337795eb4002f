import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeConfig, type GatewayConfig } from '../../../gateway/config.ts';
import { type ConfiguredGateway, gatewayOfConfig } from '../../../gateway/gateway-of-config.ts';
import { PhoneInSoftware } from '../approver/phone-in-software.ts';
import { rememberingLogger } from '../gateway-under-test.ts';
import { RunningProcess } from '../running-process.ts';
import { commandAt, linesOf } from './admin-under-test.ts';

const SOMEBODY_ELSE = 65_534;

let directory = '';
let logger: ReturnType<typeof rememberingLogger>;
const gateways: ConfiguredGateway[] = [];
const processes: RunningProcess[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'admin-socket-'));
  logger = rememberingLogger();
});
afterEach(async () => {
  await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
  for (const running of processes.splice(0)) running.kill();
  rmSync(directory, { recursive: true });
});

function written(change: { readonly admin?: unknown } = {}) {
  const key = join(directory, 'database.key');
  if (!existsSync(key)) writeFileSync(key, randomBytes(32).toString('base64'), { mode: 0o600 });
  return {
    listen: { host: '127.0.0.1', port: 0 },
    tokens: [{ name: 'desk', sha256: 'a'.repeat(64) }],
    provider: { kind: 'passkey', publicUrl: 'http://localhost:8099' },
    database: { file: join(directory, 'data', 'gateway.db'), key: { file: key } },
    ...change,
  };
}

const configWith = (change: { readonly admin?: unknown } = {}): GatewayConfig => decodeConfig(written(change));

async function serving(config: GatewayConfig): Promise<void> {
  const gateway = await gatewayOfConfig(config, logger);
  gateways.push(gateway);
  await gateway.listenForAdministrator();
}

const list = (socketPath: string) => commandAt(socketPath, ['users', 'list', '--config', 'x']);

describe('the administrator’s socket', () => {
  test('lies beside the database, for its owner alone, and goes with the gateway', async () => {
    await serving(configWith());
    const path = join(directory, 'data', 'admin.sock');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, 'data')).mode & 0o777).toBe(0o700);
    expect((await list(path)).exitCode).toBe(0);
    await gateways[0]?.close();
    expect(existsSync(path)).toBe(false);
    expect((await list(path)).exitCode).toBe(1);
  });

  test('lies where the configuration says, in a folder made for it', async () => {
    const socketPath = join(directory, 'run', 'locker.sock');
    await serving(configWith({ admin: { socketPath } }));
    expect(statSync(join(directory, 'run')).mode & 0o777).toBe(0o700);
    expect((await list(socketPath)).exitCode).toBe(0);
  });

  test('takes the place of one that a killed gateway left behind', async () => {
    const path = await leftBehind();
    await serving(configWith());
    expect((await list(path)).exitCode).toBe(0);
  });

  test('of another gateway stays its own: named in the configuration it is refused, otherwise said in the log', async () => {
    await serving(configWith());
    const path = join(directory, 'data', 'admin.sock');
    await expect(serving(configWith({ admin: { socketPath: path } }))).rejects.toThrow(
      'admin.socketPath: expected a socket on which no other gateway listens',
    );
    await serving(configWith());
    expect(logger.lines.join('\n')).toContain('the administrator’s socket is not served');
    expect((await list(path)).exitCode).toBe(0);
  });

  test('is not put in place of a file', async () => {
    const socketPath = join(directory, 'file');
    writeFileSync(socketPath, 'precious');
    await expect(serving(configWith({ admin: { socketPath } }))).rejects.toThrow('admin.socketPath');
    expect(statSync(socketPath).size).toBe(8);
  });

  test('is not put into a folder that others may write into: they could put their own in its place', async () => {
    const folder = join(directory, 'open');
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    await expect(serving(configWith({ admin: { socketPath: join(folder, 's') } }))).rejects.toThrow('admin.socketPath');
  });

  test.runIf(process.geteuid?.() === 0)('is not put into another user’s folder, though root could', async () => {
    const folder = join(directory, 'theirs');
    mkdirSync(folder, { mode: 0o700 });
    chownSync(folder, SOMEBODY_ELSE, SOMEBODY_ELSE);
    await expect(serving(configWith({ admin: { socketPath: join(folder, 's') } }))).rejects.toThrow(
      'admin.socketPath: expected a folder of this user',
    );
  });

  test('with a path that no socket can have is refused by name, and does without where nobody named it', async () => {
    const socketPath = join(directory, 'x'.repeat(120), 's');
    await expect(serving(configWith({ admin: { socketPath } }))).rejects.toThrow(
      'admin.socketPath: expected a shorter',
    );
    const deep = { ...written(), database: { ...written().database, file: join(directory, 'y'.repeat(120), 'g.db') } };
    await serving(decodeConfig(deep));
    expect(logger.lines.join('\n')).toContain('the administrator’s socket is not served');
  });
});

describe('presence-locker-gateway', () => {
  function gateway(...args: string[]): RunningProcess {
    const running = new RunningProcess(['gateway/index.ts', ...args]);
    processes.push(running);
    return running;
  }

  test('enrolls, lists and disables the phones of a gateway that runs; no code is on its standard error', async () => {
    const config = join(directory, 'config.json');
    writeFileSync(config, JSON.stringify(written()));
    const running = gateway('--config', config);
    await running.until(() => running.stdout.includes('\n'), 'the line');
    const url = String(Object(JSON.parse(running.stdout)).url);
    const enroll = gateway('codes', 'enroll', '--user', 'ada', '--name', 'Ada', '--config', config);
    expect(await enroll.end()).toBe(0);
    const phone = new PhoneInSoftware({ url });
    await phone.enroll(enroll.stdout.trim());
    const users = gateway('users', 'list', '--json', '--config', config);
    expect(await users.end()).toBe(0);
    expect(linesOf(users.stdout).map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ userId: 'ada', displayName: 'Ada', phones: 1 }),
    ]);
    const lost = gateway('codes', 'lost', '--user', 'ada', '--json', '--config', config);
    expect(await lost.end()).toBe(0);
    await expect(phone.state()).rejects.toThrow('401');
    running.kill('SIGTERM');
    expect(await running.end()).toBe(0);
    const codes = [enroll.stdout.trim(), String(JSON.parse(lost.stdout).link)].map((link) => link.split('#enroll=')[1]);
    for (const code of codes) {
      expect(code).toMatch(/^[A-Za-z0-9_-]{22}$/);
      for (const { stderr } of [running, enroll, users, lost]) expect(stderr).not.toContain(code);
    }
    expect(running.stderr).toContain('codes.lost by the administrator: done');
    const late = gateway('users', 'list', '--config', config);
    expect(await late.end()).toBe(1);
    expect(late.stderr).toMatch(/^The gateway is not running: .*\n$/);
  });

  test.each([
    [['users'], 2],
    [['codes', 'frob'], 2],
    [['users', 'list', '--config', 'no-such-file'], 2],
    [['users', 'list', '--help'], 0],
    [['--help'], 0],
  ])('ends %j with %i', async (words, exitCode) => {
    const running = gateway(...words);
    expect(await running.end()).toBe(exitCode);
    expect((exitCode === 0 ? running.stdout : running.stderr).length).toBeGreaterThan(0);
  });
});

/** A socket file that nobody listens on. @returns its path */
async function leftBehind(): Promise<string> {
  const folder = join(directory, 'data');
  mkdirSync(folder, { mode: 0o700 });
  const path = join(folder, 'admin.sock');
  const child = new RunningProcess([
    '-e',
    `require('node:net').createServer().listen(${JSON.stringify(path)}, () => console.log('listens'))`,
  ]);
  processes.push(child);
  await child.until(() => child.stdout.includes('listens'), 'the socket');
  child.kill('SIGKILL');
  await child.until(() => child.ended, 'its end');
  expect(existsSync(path)).toBe(true);
  return path;
}
