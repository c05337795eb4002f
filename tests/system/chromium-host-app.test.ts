import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ControlClient } from '../../chromium-host/control-client.ts';
import { HostUnderTest } from '../chromium-host/host-under-test.ts';
import { missingTools, startXSession, type XSession } from '../chromium-host/x-session.ts';

const lacking = missingTools(['Xvfb', 'openbox', 'chromium', 'xrandr']);
if (lacking.length > 0) console.error(`chromium-host was not tested: ${lacking.join(', ')} is missing.`);
if (lacking.length > 0 && process.env['CI'] !== undefined) throw new Error(`CI must have ${lacking.join(', ')}`);

describe.skipIf(lacking.length > 0)('an unmodified Electron app on chromium-host', () => {
  let session: XSession;
  let host: HostUnderTest;
  let control: ControlClient;
  let first: number;
  let cover: number;
  let mark = 0;

  const evaluate = async (expression: string): Promise<unknown> =>
    (await control.call('evaluate', { windowId: first, expression })).value;
  const tray = (label: string) => control.call('trayClick', { label });

  beforeAll(async () => {
    session = await startXSession();
    host = new HostUnderTest(session.display, HostUnderTest.newUserData(), ['--no-tray-window', '--flag']);
    control = await host.connect();
    await host.tells('ready');
    first = (await control.window(({ webContentsId }) => webContentsId === 1)).id;
    cover = (await control.window(({ webContentsId }) => webContentsId === 2)).id;
  });
  afterAll(async () => {
    control?.close();
    await host?.stop();
    host?.forget();
    await session?.stop();
  });
  beforeEach(() => {
    mark = host.told.length;
  });

  it('is told its name, version, arguments and folder as Electron tells them', async () => {
    expect(await host.tells('ready')).toMatchObject({
      name: 'chromium-host-sample',
      version: '1.2.3',
      argv: ['--flag'],
      userData: host.userData,
      same: true,
      isBrowserWindow: true,
    });
  });

  it('fails by name where something is not implemented', async () => {
    expect((await host.tells('ready'))['lacks']).toEqual([
      'electron.dialog.showOpenDialog is not implemented in chromium-host',
      'BrowserWindow.setOpacity is not implemented in chromium-host',
      'electron.app.showAboutPanel is not implemented in chromium-host',
      'WebContents.print is not implemented in chromium-host',
      'electron.BrowserWindow.getSomething is not implemented in chromium-host',
    ]);
    expect(await evaluate('sample.lacking()')).toBe(
      'electron.ipcRenderer.sendSync is not implemented in chromium-host',
    );
  });

  it('loads its page from its own protocol and sees its own addresses only', async () => {
    const loaded = await host.tells('loaded');
    expect(loaded).toMatchObject({ url: 'app://sample/index.html?display=one#part', visible: false });
    await host.tells('protocol-request', ({ url }) => url === 'app://sample/page.js');
    expect(await evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(0, 170, 0)');
  });

  it('has its Content-Security-Policy enforced', async () => {
    expect(await evaluate('typeof window.inlineRan')).toBe('undefined');
    expect(await evaluate("fetch('https://elsewhere.invalid/').then(() => 'fetched', () => 'refused')")).toBe(
      'refused',
    );
  });

  it('keeps the preload and its powers out of the page', async () => {
    expect(await evaluate('window.seen')).toEqual({
      bridgeBeforeScripts: 'object',
      require: 'undefined',
      process: 'undefined',
      ipcRenderer: 'undefined',
      hostNames: [],
    });
    expect(await evaluate('sample.fsFailure')).toBe('module not found: node:fs');
    expect(await evaluate('try { sample.echo = 1 } catch {} typeof sample.echo + Object.isFrozen(sample.nested)')).toBe(
      'functiontrue',
    );
    expect(await evaluate('sample.argv.at(-1)')).toBe('--sample-argument');
    expect(await evaluate('sample.nested.twice(21)')).toBe(42);
  });

  it('answers a call of its page and knows which frame called', async () => {
    expect(
      await evaluate("sample.echo(undefined, { a: [1, null, 'ä'], when: new Date(7) }).then((r) => JSON.stringify(r))"),
    ).toBe('{"got":[null,{"a":[1,null,"ä"],"when":"1970-01-01T00:00:00.007Z"}]}');
    expect(await host.tells('invoked', () => true, mark)).toMatchObject({
      count: 2,
      undefinedFirst: true,
      frameUrl: 'app://sample/index.html?display=one#part',
      parent: null,
      sender: 1,
      knowsWindow: true,
    });
  });

  it('rejects a failed call with the words of Electron', async () => {
    const words = (call: string) => evaluate(`${call}.then(() => 'resolved', (error) => error.message)`);
    expect(await words('sample.fail()')).toBe("Error invoking remote method 'fail': Error: refused by the sample");
    expect(await words('sample.unknown()')).toBe(
      "Error invoking remote method 'nobody': Error: No handler registered for 'nobody'",
    );
    expect(await words('new Promise((go) => go(sample.echo(Symbol())))')).toBe('An object could not be cloned.');
  });

  it('takes what its page sends without asking', async () => {
    await evaluate("sample.heard('something')");
    expect(await host.tells('heard', () => true, mark)).toMatchObject({ what: 'something' });
  });

  it('pushes to its page until the page stops listening', async () => {
    await evaluate("window.news = []; window.stop = sample.onNews((item) => window.news.push(item)); 'listening'");
    await tray('push');
    expect(
      await evaluate(
        'new Promise((seen) => { const look = () => window.news.length ? seen(window.news) : setTimeout(look, 5); look(); })',
      ),
    ).toEqual([{ n: 1 }]);
    await evaluate("window.stop(); 'stopped'");
    await tray('push');
    // A call goes the same way as the push before it, so once it is answered the push has arrived or never will.
    await evaluate("sample.echo('after')");
    expect(await evaluate('window.news.length')).toBe(1);
  });

  it('decides about navigation and new windows itself', async () => {
    await control.call('evaluate', { windowId: first, expression: "document.getElementById('away').click()" });
    expect(await host.tells('will-navigate', () => true, mark)).toMatchObject({ url: 'https://elsewhere.invalid/' });
    await control.call('evaluate', { windowId: first, expression: "document.getElementById('new').click()" });
    await host.tells('window-open', () => true, mark);
    expect((await control.call('windows', {})).length).toBe(2);
    expect(await evaluate('location.pathname')).toBe('/index.html');
  });

  it('has its permission handlers obeyed', async () => {
    expect(await evaluate("navigator.permissions.query({ name: 'geolocation' }).then(({ state }) => state)")).toBe(
      'denied',
    );
  });

  it('runs a utility process over a message port and hears its exit code', async () => {
    expect(await host.tells('child-message')).toMatchObject({ message: { echo: { ping: 1 }, env: 'yes' } });
    await tray('end child');
    expect(await host.tells('child-exit')).toMatchObject({ code: 7 });
  });

  it('shows its tray and its notifications, and is clicked on both', async () => {
    expect(await control.call('trayMenu', {})).toMatchObject({ toolTip: 'sample tray', hasIcon: true });
    await control.call('trayClick', {});
    await host.tells('tray-click', () => true, mark);
    await tray('nested');
    await host.tells('nested-click', () => true, mark);
    await expect(tray('headline')).rejects.toThrow('"headline" is disabled');
    await tray('notify');
    const [shown] = await control.call('notifications', {});
    expect(shown).toMatchObject({ title: 'Leaving', body: 'Locking in 10 seconds' });
    await control.call('clickNotification', { id: shown?.id ?? 0 });
    await host.tells('notification-click', () => true, mark);
    await tray('withdraw');
    await host.tells('notification-closed', () => true, mark);
    expect(await control.call('notifications', {})).toEqual([]);
  });

  it('hears of displays that come and go', async () => {
    const xrandr = (...args: string[]) => execFileSync('xrandr', ['-display', session.display, ...args]);
    xrandr('--setmonitor', 'left', '640/200x720/200+0+0', 'screen');
    xrandr('--setmonitor', 'right', '640/200x720/200+640+0', 'none');
    await host.tells('display-added', ({ displays }) => JSON.stringify(displays).includes('"right"'), mark);
    const now = await control.call('displays', {});
    expect(now.map(({ label, bounds }) => [label, bounds.x, bounds.width])).toEqual([
      ['left', 0, 640],
      ['right', 640, 640],
    ]);
    await tray('cover');
    const covering = await control.window(({ id, viewable, bounds }) => id === cover && viewable && bounds.x === 640);
    expect(covering.bounds).toEqual({ x: 640, y: 0, width: 640, height: 720 });
    await tray('uncover');
    xrandr('--delmonitor', 'right');
    await host.tells('display-removed', () => true, mark);
    xrandr('--delmonitor', 'left');
  });
});
