import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../scripts/run-steps.ts';
import { type ActiveconnectSimulator, startActiveconnectSimulator } from '../../simulators/activeconnect/simulator.ts';
import { type Desktop, startDesktop } from './desktop/desktop.ts';
import { startManaged } from './desktop/managed-process.ts';
import { requireTools } from './desktop/tools.ts';

const PROGRAM = join(ROOT, 'command/presence-locker.ts');

describe.skipIf(requireTools(['keychain']))('presence-locker with a real Secret Service', () => {
  let desktop: Desktop;
  let simulator: ActiveconnectSimulator;
  let folder: string;

  beforeAll(async () => {
    desktop = await startDesktop({ parts: ['keychain'] });
    simulator = await startActiveconnectSimulator({ appId: 'APP', users: [{ userId: 'ada', registered: true }] });
    folder = mkdtempSync(join(tmpdir(), 'presence-locker-command-'));
    await secretTool(['store', '--label=Presence Locker', ...attributes('from-docs')], simulator.appSecret);
  });
  afterAll(async () => {
    await simulator?.close();
    await desktop?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** As docs/cli.md says. */
  const attributes = (account: string) => ['service', 'presence-locker', 'username', account];

  async function secretTool(args: readonly string[], input = ''): Promise<string> {
    const child = await startManaged(['secret-tool', ...args], desktop.env);
    child.writeAndEnd(input);
    await child.ended;
    return child.stdout.trim();
  }

  async function run(...args: readonly string[]): Promise<{ readonly stdout: string; readonly output: string }> {
    const connection = ['--service', 'activeconnect', '--base-url', simulator.url];
    const child = await startManaged([process.execPath, PROGRAM, ...args, ...connection, '--json'], desktop.env);
    child.writeAndEnd('');
    await child.ended;
    return { stdout: child.stdout, output: child.output };
  }

  it('takes the application secret from the account that somebody stored it in', async () => {
    const { stdout, output } = await run(
      'devices',
      'status',
      'ada',
      '--app-id',
      'APP',
      '--secret-keychain',
      'from-docs',
    );
    expect(JSON.parse(stdout)).toEqual({ ok: true, user: 'ada', registered: true });
    expect(output).not.toContain(simulator.appSecret);
    const file = join(folder, 'account.json');
    writeFileSync(file, JSON.stringify({ appId: 'APP', appSecret: { keychain: 'from-docs' } }));
    expect(JSON.parse((await run('devices', 'status', 'ada', '--config', file)).stdout)).toMatchObject({
      registered: true,
    });
  });

  it('says when there is no such account', async () => {
    const { stdout } = await run('devices', 'status', 'ada', '--app-id', 'APP', '--secret-keychain', 'another');
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, exitCode: 2, code: 'CONFIGURATION' });
  });

  it.each([
    ['a chosen account', `key-${randomBytes(4).toString('hex')}`, true],
    ['its own account', 'command-session-key', false],
  ])('makes the key of sealed sessions on the first one in %s, and opens them with it', async (_what, name, chosen) => {
    await secretTool(['clear', ...attributes(name)]);
    const file = join(folder, `${randomBytes(4).toString('hex')}.session`);
    const session = ['--session-file', file, ...(chosen ? ['--key-keychain', name] : [])];
    const before = await run('session', 'end', ...session);
    expect(JSON.parse(before.stdout)).toMatchObject({ ok: false, exitCode: 2, code: 'CONFIGURATION' });
    expect(await secretTool(['lookup', ...attributes(name)])).toBe('');

    const start = ['session', 'start', 'ada', '--app-id', 'APP', '--secret-keychain', 'from-docs', ...session];
    expect(JSON.parse((await run(...start)).stdout)).toMatchObject({ ok: true });
    const key = await secretTool(['lookup', ...attributes(name)]);
    expect(Buffer.from(key, 'base64')).toHaveLength(32);
    const ended = await run('session', 'end', ...session);
    expect(JSON.parse(ended.stdout)).toEqual({ ok: true, status: 'closed' });
    expect(ended.output).not.toContain(key);

    expect(JSON.parse((await run(...start)).stdout)).toMatchObject({ ok: true });
    expect(await secretTool(['lookup', ...attributes(name)])).toBe(key);
    expect(JSON.parse((await run('session', 'end', ...session)).stdout)).toMatchObject({ ok: true });
  });
});
