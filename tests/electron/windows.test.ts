import { session } from 'electron';
import { beforeEach, describe, expect, it, vi } from 'vitest';

vi.mock('electron', () => import('./fake-electron.ts'));

import { createExternalLinks } from '../../main/electron/external-links.electron.ts';
import { denyAllPermissions } from '../../main/electron/guarded-session.electron.ts';
import { createHardenedWindows } from '../../main/electron/hardened-windows.electron.ts';
import { createPageWindows } from '../../main/electron/page-windows.electron.ts';
import { createTrialPhone } from '../../main/electron/trial-phone.electron.ts';
import * as electron from './fake-electron.ts';
import { rememberingLog } from './remembering-log.ts';

beforeEach(() => electron.forgetEverything());

function hardened() {
  return createHardenedWindows({
    preloadPath: '/app/preload.cjs',
    session: session.fromPartition('pages'),
    allowDevTools: false,
    log: rememberingLog(),
  });
}

describe('a window of ours', () => {
  it('is isolated, sandboxed and without Node, and says so itself', () => {
    hardened().create({ page: 'status', window: {} });
    expect(electron.onlyWindow().options.webPreferences).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      devTools: false,
      preload: '/app/preload.cjs',
    });
  });

  it('stays on its page and opens no other window', () => {
    hardened().create({ page: 'status', window: {} });
    const { webContents } = electron.onlyWindow();
    for (const event of ['will-navigate', 'will-attach-webview']) {
      const attempt = electron.preventable({ url: 'https://example.org/' });
      webContents.emit(event, attempt);
      expect(attempt.prevented, event).toBe(true);
    }
    expect(webContents.windowOpenHandler?.()).toEqual({ action: 'deny' });
  });

  it('is known by its web contents for as long as it lives', () => {
    const windows = hardened();
    windows.create({ page: 'status', window: {} });
    const window = electron.onlyWindow();
    expect(windows.pageOf(window.webContents.id)).toBe('status');
    window.destroy();
    expect(windows.pageOf(window.webContents.id)).toBeNull();
    expect(windows.showing(['status'])).toEqual([]);
  });
});

describe('permissions', () => {
  it('are denied both when requested and when only checked', () => {
    denyAllPermissions(session.fromPartition('pages'), rememberingLog());
    const guarded = electron.partitions.get('pages');
    const decisions: boolean[] = [];
    guarded?.permissionRequest?.({}, 'media', (granted) => decisions.push(granted));
    expect(decisions).toEqual([false]);
    expect(guarded?.permissionCheck?.()).toBe(false);
  });
});

describe('status and enrollment windows', () => {
  it('are opened once and then brought back', () => {
    const windows = createPageWindows(hardened(), rememberingLog());
    windows.open('status');
    windows.open('status');
    expect(electron.onlyWindow().calls.filter((call) => call === 'show')).toHaveLength(2);
  });

  it('fit on a small display', () => {
    electron.screen.workAreaSize = { width: 640, height: 560 };
    createPageWindows(hardened(), rememberingLog()).open('enrollment');
    expect(electron.onlyWindow().options).toMatchObject({ width: 640, height: 520 });
  });

  it('show settings in the enrollment window, without loading the page anew', () => {
    const windows = createPageWindows(hardened(), rememberingLog());
    windows.open('enrollment');
    windows.open('settings');
    expect(electron.onlyWindow().loaded).toEqual([
      'app://presence-locker/enrollment/index.html#enrollment',
      'app://presence-locker/enrollment/index.html#settings',
    ]);
  });

  it('are made anew after they were closed or crashed', () => {
    const windows = createPageWindows(hardened(), rememberingLog());
    windows.open('status');
    electron.windows[0]?.close();
    windows.open('status');
    electron.windows[1]?.webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    windows.open('status');
    expect(electron.windows.map((window) => window.destroyed)).toEqual([true, true, false]);
  });

  it('are made anew after their page could not be loaded, but not after a load that another one overtook', () => {
    const windows = createPageWindows(hardened(), rememberingLog());
    windows.open('status');
    const failed = (code: number, isMainFrame: boolean) =>
      electron.windows[0]?.webContents.emit('did-fail-load', {}, code, 'failed', 'app://x', isMainFrame);
    failed(-3, true);
    failed(-2, false);
    expect(electron.onlyWindow().destroyed).toBe(false);
    failed(-2, true);
    windows.open('status');
    expect(electron.windows.map((window) => window.destroyed)).toEqual([true, false]);
  });
});

describe('links', () => {
  const links = createExternalLinks(() => ['console.example.org', '127.0.0.1']);

  it('are opened when they lead to the service in use', async () => {
    await links.open('https://console.example.org/register?x=1');
    await links.open('http://127.0.0.1:4000/phone/abc');
    expect(electron.opened).toEqual(['https://console.example.org/register?x=1', 'http://127.0.0.1:4000/phone/abc']);
  });

  it.each([
    'https://evil.example.org/',
    'http://console.example.org/',
    'https://console.example.org.evil.org/',
    'https://user:pw@console.example.org/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'ms-msdt:/id',
    'not a link',
    `https://console.example.org/${'x'.repeat(2_000)}`,
  ])('are refused otherwise: %s', async (link) => {
    await expect(links.open(link)).rejects.toThrow('does not belong');
    expect(electron.opened).toEqual([]);
  });
});

describe('the phone of a trial', () => {
  const ADDRESS = 'http://127.0.0.1:4123/phone/user';

  it('has no bridge, its own session, and stands above the curtain', () => {
    createTrialPhone(rememberingLog()).open(ADDRESS);
    const phone = electron.onlyWindow();
    expect(phone.options.webPreferences).not.toHaveProperty('preload');
    expect(phone.options.webPreferences).toMatchObject({ sandbox: true, contextIsolation: true });
    expect([...electron.partitions.keys()]).toEqual(['trial-phone']);
    expect(phone.alwaysOnTopLevel).toBe('screen-saver');
  });

  it('stays at the simulator', () => {
    createTrialPhone(rememberingLog()).open(ADDRESS);
    const { webContents } = electron.onlyWindow();
    const within = electron.preventable({ url: 'http://127.0.0.1:4123/phone/user/approve' });
    const elsewhere = electron.preventable({ url: 'http://127.0.0.1:4124/' });
    webContents.emit('will-navigate', within);
    webContents.emit('will-navigate', elsewhere);
    expect([within.prevented, elsewhere.prevented]).toEqual([false, true]);
    const cancelled: boolean[] = [];
    const listener = electron.partitions.get('trial-phone')?.headersReceived;
    listener?.({ url: 'http://127.0.0.1:4123/style.css' }, ({ cancel }) => cancelled.push(cancel));
    listener?.({ url: 'http://example.org/' }, ({ cancel }) => cancelled.push(cancel));
    expect(cancelled).toEqual([false, true]);
    expect(webContents.windowOpenHandler?.()).toEqual({ action: 'deny' });
  });

  it.each(['https://example.org/phone', 'http://192.168.1.5/phone', 'file:///phone', 'app://presence-locker/status'])(
    'does not open %s',
    (address) => {
      expect(() => createTrialPhone(rememberingLog()).open(address)).toThrow('simulated service only');
      expect(electron.windows).toEqual([]);
    },
  );

  it('is one window at a time', () => {
    const phone = createTrialPhone(rememberingLog());
    phone.open(ADDRESS);
    phone.open('http://127.0.0.1:5000/phone/user');
    expect(electron.windows.map((window) => window.destroyed)).toEqual([true, false]);
    expect(phone.isOpen()).toBe(true);
    phone.close();
    expect(phone.isOpen()).toBe(false);
  });
});
