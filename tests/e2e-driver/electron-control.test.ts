import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AppControl } from '../e2e/driver/app-control.ts';
import { begin, controlOverElectron, type ElectronPage, type RunningElectron } from '../e2e/driver/electron-control.ts';
import { FakeElectron, fakeItem } from './fake-electron.ts';

/** A page that says which window shows it and remembers what was done to it. */
function fakePage(windowId: () => number, done: string[] = []): ElectronPage {
  return {
    windowId: async () => windowId(),
    click: async (selector) => void done.push(`click ${selector}`),
    evaluate: async (expression) => `value of ${expression}`,
    textOf: async (selector) => `text of ${selector}`,
  };
}

function controlOver(electron: FakeElectron, rest: Partial<RunningElectron> = {}): AppControl {
  return controlOverElectron({
    inMain: (step, argument) => electron.run(step, argument),
    pages: () => [],
    isOnScreen: async () => true,
    ...rest,
  });
}

const CURTAIN = 'app://presence-locker/curtain/index.html?display=primary';
const STATUS = 'app://presence-locker/status/index.html';

describe('the driver of real Electron, on a stand-in for it', () => {
  it('names each window by the page of its address', async () => {
    const electron = new FakeElectron();
    electron.open({ id: 3, url: CURTAIN, visible: true });
    electron.open({ id: 4, url: STATUS, visible: false, crashed: true });
    expect(await controlOver(electron).windows()).toEqual([
      { id: 3, page: 'curtain', visible: true, viewable: true, crashed: false },
      { id: 4, page: 'status', visible: false, viewable: false, crashed: true },
    ]);
  });

  it('believes the X server, not Electron, about what is on the screen', async () => {
    const electron = new FakeElectron();
    electron.open({ id: 1, url: CURTAIN, visible: true, nativeWindow: 0x60_0004 });
    const asked: number[] = [];
    const isOnScreen = async (nativeWindow: number): Promise<boolean> => {
      asked.push(nativeWindow);
      return false;
    };
    expect(await controlOver(electron, { isOnScreen }).windows()).toMatchObject([{ visible: true, viewable: false }]);
    expect(asked).toEqual([0x60_0004]);
  });

  it('acts on the page that the window shows, also when another page is just going away', async () => {
    const done: string[] = [];
    const gone = fakePage(() => {
      throw new Error('Target closed');
    });
    const pages = () => [gone, fakePage(() => 1), fakePage(() => 2, done)];
    const control = controlOver(new FakeElectron(), { pages });
    await control.click(2, 'button', 1_000);
    expect(done).toEqual(['click button']);
    expect(await control.evaluate(2, '1 + 1')).toBe('value of 1 + 1');
    expect(await control.textOf(2, 'h1', 1_000)).toBe('text of h1');
  });

  it('waits for a page that Playwright does not list yet', async () => {
    let looks = 0;
    const pages = () => (looks++ < 2 ? [] : [fakePage(() => 7)]);
    expect(await controlOver(new FakeElectron(), { pages }).textOf(7, 'h1', 1_000)).toBe('text of h1');
  });

  it('clicks an item of a submenu of the tray by its label', async () => {
    const electron = new FakeElectron();
    const clicked: string[] = [];
    const pause = fakeItem('For 5 minutes', { click: () => clicked.push('pause') });
    electron.giveTrayMenu([fakeItem('Lock now'), fakeItem('Pause…', { submenu: [pause] })]);
    const control = controlOver(electron);
    await control.trayClick('For 5 minutes');
    expect(clicked).toEqual(['pause']);
    expect(await control.trayLabels()).toEqual(['Lock now', 'Pause…', 'For 5 minutes']);
  });

  it('clicks in the menu that the tray was given last', async () => {
    const electron = new FakeElectron();
    const clicked: string[] = [];
    electron.giveTrayMenu([fakeItem('Lock now', { click: () => clicked.push('old') })]);
    electron.giveTrayMenu([fakeItem('Lock now', { click: () => clicked.push('new') })]);
    await controlOver(electron).trayClick('Lock now');
    expect(clicked).toEqual(['new']);
    expect(electron.menusSeenByTheTray).toBe(2);
  });

  it('refuses to click what a person could not click', async () => {
    const electron = new FakeElectron();
    const control = controlOver(electron);
    await expect(control.trayClick('Lock now')).rejects.toThrow('no item "Lock now"');
    electron.giveTrayMenu([fakeItem('Lock now', { enabled: false }), fakeItem('Quit', { visible: false })]);
    await expect(control.trayClick('Lock now')).rejects.toThrow('"Lock now" is disabled');
    await expect(control.trayClick('Quit')).rejects.toThrow('no item "Quit"');
  });

  it('kills a renderer and waits until the app was told', async () => {
    const electron = new FakeElectron();
    const window = electron.open({ id: 5, url: CURTAIN, visible: true });
    let told = false;
    const killed = controlOver(electron)
      .killRenderer(5, 5_000)
      .then(() => told);
    await window.killed;
    told = true;
    electron.emit('render-process-gone', {}, window.webContents);
    expect(await killed).toBe(true);
  });

  it('says when a renderer that it killed does not die', async () => {
    const electron = new FakeElectron();
    electron.open({ id: 5, url: CURTAIN, visible: true });
    await expect(controlOver(electron).killRenderer(5, 30)).rejects.toThrow('did not die in time');
    await expect(controlOver(electron).killRenderer(6, 30)).rejects.toThrow('no window 6');
  });

  it('takes the suggestion of a file chooser, in a folder that is there', async () => {
    const electron = new FakeElectron();
    const control = controlOver(electron);
    await expect(control.savedFile(30)).rejects.toThrow('no file chooser');
    const home = await mkdtemp(join(tmpdir(), 'presence-locker-chooser-'));
    try {
      const defaultPath = join(home, 'Downloads', 'record.jsonl');
      expect(await electron.dialog.showSaveDialog({}, { defaultPath })).toEqual({
        canceled: false,
        filePath: defaultPath,
      });
      expect(await control.savedFile(1_000)).toBe(defaultPath);
      await writeFile(defaultPath, '');
    } finally {
      await rm(home, { recursive: true });
    }
  });

  it('finds the gateway among the processes of Electron', async () => {
    const electron = new FakeElectron();
    await expect(controlOver(electron).gatewayProcessId()).rejects.toThrow('The gateway');
    electron.metrics.push({ name: 'Network Service', pid: 10 }, { name: 'Presence Locker: The gateway', pid: 11 });
    expect(await controlOver(electron).gatewayProcessId()).toBe(11);
  });

  it('knows when a window last went off the screen', async () => {
    const electron = new FakeElectron();
    const window = electron.open({ id: 1, url: CURTAIN, visible: true });
    const control = controlOver(electron);
    expect(await control.lastHiddenAtWall()).toBe(0);
    const before = Date.now();
    window.emit('hide');
    expect(await control.lastHiddenAtWall()).toBeGreaterThanOrEqual(before);
  });

  it('holds the app before it is ready until the driver listens to its log', async () => {
    const electron = new FakeElectron();
    let ready = false;
    const waiting = electron.app.whenReady().then(() => {
      ready = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(ready).toBe(false);
    await electron.run(begin, '');
    await waiting;
    expect(ready).toBe(true);
  });

  it('keeps the app out of the folder of whoever runs the suite', () => {
    expect(new FakeElectron({ userDataSwitch: '/private/folder' }).userData).toBe('/private/folder');
    expect(new FakeElectron({ userDataSwitch: '' }).userData).toBe('default');
  });
});
