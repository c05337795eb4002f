import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { kill } from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostUnderTest } from '../chromium-host/host-under-test.ts';
import { missingTools, startXSession, type XSession } from '../chromium-host/x-session.ts';

const lacking = missingTools(['Xvfb', 'openbox', 'chromium']);
if (lacking.length > 0) console.error(`chromium-host's life was not tested: ${lacking.join(', ')} is missing.`);
if (lacking.length > 0 && process.env['CI'] !== undefined) throw new Error(`CI must have ${lacking.join(', ')}`);

const HOST = fileURLToPath(new URL('../../chromium-host/index.ts', import.meta.url));

describe('chromium-host where it cannot run', () => {
  const run = (env: NodeJS.ProcessEnv, ...args: string[]) =>
    spawnSync(process.execPath, [HOST, ...args], {
      env: { PATH: process.env['PATH'], ...env },
      encoding: 'utf8',
      timeout: 20_000,
    });

  it('says in one sentence that it needs a display, and names the ways to one', () => {
    const { status, stderr, stdout } = run({});
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain('xvfb-run');
    expect(stderr).toContain('npm run demo');
  });

  it('says in one sentence that it needs Chromium', () => {
    const { status, stderr } = run({ DISPLAY: ':1' }, '--chromium', '/nonexistent/chromium');
    expect(status).toBe(1);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain('There is no Chromium at /nonexistent/chromium');
  });
});

describe.skipIf(lacking.length > 0)('the life of an app on chromium-host', () => {
  let session: XSession;
  beforeAll(async () => {
    session = await startXSession();
  });
  afterAll(async () => {
    await session?.stop();
  });

  it('hands a second instance over to the first, arguments and all', async () => {
    const userData = HostUnderTest.newUserData();
    const host = new HostUnderTest(session.display, userData, ['--no-tray-window']);
    try {
      await host.tells('ready');
      const second = new HostUnderTest(session.display, userData, ['--no-tray-window', 'open', '--this']);
      const exited = once(second.child, 'exit');
      await second.tells('second-instance-refused');
      expect((await exited)[0]).toBe(0);
      const told = await host.tells('second-instance');
      expect(told['argv']).toEqual(expect.arrayContaining(['open', '--this']));
      expect(told['data']).toEqual({ from: 'sample' });
    } finally {
      await host.stop();
      host.forget();
    }
  });

  it('ends with everything it started when it is asked to quit, and a window may refuse', async () => {
    const host = new HostUnderTest(session.display, HostUnderTest.newUserData(), ['--no-tray-window']);
    const control = await host.connect();
    try {
      await host.tells('ready');
      await control.call('trayClick', { label: 'quit' });
      expect(await host.tells('window-close')).toMatchObject({ vetoed: true });
      expect(host.told.some(({ event }) => event === 'will-quit')).toBe(false);
      await control.call('trayClick', { label: 'allow close' });
      const exited = once(host.child, 'exit');
      await control.call('trayClick', { label: 'quit' });
      expect((await exited)[0]).toBe(0);
      await host.tells('will-quit');
      await host.until('the browser to end', () => (host.browserProcesses().length === 0 ? true : undefined));
    } finally {
      control.close();
      await host.stop();
      host.forget();
    }
  });

  it('leaves no browser behind when it is killed, and starts again in the same folder at once', async () => {
    const host = new HostUnderTest(session.display, HostUnderTest.newUserData(), ['--no-tray-window']);
    await host.tells('ready');
    expect(host.browserProcesses().length).toBeGreaterThan(0);
    const exited = once(host.child, 'exit');
    kill(host.child.pid ?? 0, 'SIGKILL');
    await exited;
    const again = new HostUnderTest(session.display, host.userData, ['--no-tray-window']);
    try {
      await again.tells('ready');
    } finally {
      await again.stop();
    }
    expect(host.browserProcesses()).toEqual([]);
    again.forget();
  });
});
