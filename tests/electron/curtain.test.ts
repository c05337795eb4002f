import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

vi.mock('electron', () => import('./fake-electron.ts'));

import { session } from 'electron';
import { proofFromOfflineCode } from '../../main/core/unlock-proof.ts';
import { createCurtain, type DisplayCurtain } from '../../main/electron/curtain.electron.ts';
import { wouldLeaveCurtain } from '../../main/electron/curtain-window.electron.ts';
import type { DisplaySystem } from '../../main/electron/display-system.ts';
import { createHardenedWindows } from '../../main/electron/hardened-windows.electron.ts';
import {
  CURTAIN_PAINT_TIMEOUT_MS,
  CURTAIN_RECONCILE_INTERVAL_MS,
  CURTAIN_RECOVERY_WINDOW_MS,
  CURTAIN_SHOW_GRACE_MS,
} from '../../main/electron/limits.ts';
import * as electron from './fake-electron.ts';
import { rememberingLog } from './remembering-log.ts';

const LEFT = { id: 1, bounds: { x: 0, y: 0, width: 1920, height: 1080 } };
const RIGHT = { id: 2, bounds: { x: 1920, y: 0, width: 1280, height: 1024 } };

function hang(system: DisplaySystem = 'x11', phoneOpen = () => false) {
  const lost: string[] = [];
  const measured: { raiseToPaintedMs: number; windows: number }[] = [];
  const phoneMoves: string[] = [];
  const log = rememberingLog();
  const windows = createHardenedWindows({
    preloadPath: '/app/preload.cjs',
    session: session.fromPartition('pages'),
    allowDevTools: false,
    log,
  });
  const curtain = createCurtain({
    windows,
    system,
    monotonicNow: () => Date.now(),
    onLost: (reason) => lost.push(reason),
    onMeasured: (measurement) => measured.push(measurement),
    above: { isOpen: phoneOpen, moveToTop: () => phoneMoves.push('top') },
    log,
  });
  return { curtain, lost, measured, phoneMoves, log };
}

const alive = () => electron.windows.filter((window) => !window.destroyed);
const windowAt = (x: number) => {
  const found = alive().find((window) => window.bounds.x === x);
  if (found === undefined) throw new Error(`no window at ${x}`);
  return found;
};
const paintAll = (curtain: DisplayCurtain) => {
  for (const window of alive()) curtain.painted(window.webContents.id);
};
async function raised(curtain: DisplayCurtain): Promise<void> {
  curtain.prepare();
  const raising = curtain.raise();
  paintAll(curtain);
  await raising;
}

beforeEach(() => {
  vi.useFakeTimers();
  electron.forgetEverything();
  electron.screen.displays = [LEFT, RIGHT];
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the curtain', () => {
  it('makes one hidden window per display before it is needed', () => {
    const { curtain } = hang();
    curtain.prepare();
    expect(alive().map((window) => window.bounds)).toEqual([LEFT.bounds, RIGHT.bounds]);
    expect(alive().every((window) => !window.visible)).toBe(true);
    expect(windowAt(0).loaded).toEqual(['app://presence-locker/curtain/index.html?display=primary']);
    expect(windowAt(1920).loaded).toEqual(['app://presence-locker/curtain/index.html?display=secondary']);
  });

  it('counts as raised only when every window has painted', async () => {
    const { curtain, measured } = hang();
    curtain.prepare();
    let settled = false;
    const raising = curtain.raise().then(() => {
      settled = true;
    });
    await vi.advanceTimersByTimeAsync(120);
    curtain.painted(windowAt(0).webContents.id);
    await vi.advanceTimersByTimeAsync(30);
    expect(settled).toBe(false);
    curtain.painted(windowAt(1920).webContents.id);
    await raising;
    expect(measured).toEqual([{ raiseToPaintedMs: 150, windows: 2 }]);
    expect(alive().every((window) => window.visible && window.kiosk)).toBe(true);
    expect(alive().every((window) => window.alwaysOnTopLevel === 'screen-saver')).toBe(true);
  });

  it('accepts a picture painted while hidden, once its window is on the screen', async () => {
    const { curtain, measured } = hang();
    curtain.prepare();
    paintAll(curtain);
    await vi.advanceTimersByTimeAsync(1_000);
    const raising = curtain.raise();
    await vi.advanceTimersByTimeAsync(20);
    windowAt(0).emit('show');
    expect(measured).toEqual([]);
    windowAt(1920).emit('show');
    await raising;
    expect(measured).toEqual([{ raiseToPaintedMs: 20, windows: 2 }]);
  });

  it('does not count a window on the screen as covering before it ever painted', async () => {
    const { curtain, measured } = hang();
    curtain.prepare();
    const raising = expect(curtain.raise()).rejects.toThrow('could not be shown');
    for (const window of alive()) window.emit('show');
    await vi.advanceTimersByTimeAsync(CURTAIN_PAINT_TIMEOUT_MS);
    await raising;
    expect(measured).toEqual([]);
  });

  it('takes its windows away at the end of the process without mending them', async () => {
    const { curtain, lost } = hang();
    await raised(curtain);
    curtain.dispose();
    await vi.advanceTimersByTimeAsync(3 * CURTAIN_RECONCILE_INTERVAL_MS);
    expect(alive()).toEqual([]);
    expect(lost).toEqual([]);
  });

  it('accepts a picture painted while hidden after a grace, where nobody says that it is shown', async () => {
    const { curtain, measured } = hang();
    curtain.prepare();
    paintAll(curtain);
    await vi.advanceTimersByTimeAsync(1_000);
    const raising = curtain.raise();
    await vi.advanceTimersByTimeAsync(CURTAIN_SHOW_GRACE_MS);
    await raising;
    expect(measured).toHaveLength(1);
  });

  it('rejects when not even one window painted in time', async () => {
    const { curtain } = hang();
    curtain.prepare();
    const raising = expect(curtain.raise()).rejects.toThrow('could not be shown');
    await vi.advanceTimersByTimeAsync(CURTAIN_PAINT_TIMEOUT_MS);
    await raising;
  });

  it('resolves at the bound when one display is covered, and makes the unpainted window anew', async () => {
    const { curtain, lost } = hang();
    curtain.prepare();
    const silent = windowAt(1920);
    const raising = curtain.raise();
    curtain.painted(windowAt(0).webContents.id);
    await vi.advanceTimersByTimeAsync(CURTAIN_PAINT_TIMEOUT_MS);
    await raising;
    expect(silent.destroyed).toBe(true);
    expect(windowAt(1920).visible).toBe(true);
    expect(lost).toEqual([]);
  });

  it('is lost when the window made anew does not paint either', async () => {
    const { curtain, lost } = hang();
    curtain.prepare();
    const raising = curtain.raise();
    curtain.painted(windowAt(0).webContents.id);
    await vi.advanceTimersByTimeAsync(2 * CURTAIN_PAINT_TIMEOUT_MS);
    await raising;
    expect(lost).toEqual(['the curtain did not paint twice']);
  });

  it('covers a display that is plugged in while raised', async () => {
    electron.screen.displays = [LEFT];
    const { curtain } = hang();
    await raised(curtain);
    electron.screen.displays = [LEFT, RIGHT];
    electron.screen.emit('display-added');
    expect(windowAt(1920).visible).toBe(true);
  });

  it('notices a display whose hot-plug event was missed', async () => {
    electron.screen.displays = [LEFT];
    const { curtain } = hang();
    await raised(curtain);
    electron.screen.displays = [LEFT, RIGHT];
    await vi.advanceTimersByTimeAsync(CURTAIN_RECONCILE_INTERVAL_MS);
    expect(windowAt(1920).visible).toBe(true);
  });

  it('keeps the actions on screen when the primary display is unplugged', async () => {
    const { curtain, lost } = hang();
    await raised(curtain);
    electron.screen.displays = [{ ...RIGHT, bounds: { ...RIGHT.bounds, x: 0 } }];
    electron.screen.emit('display-removed');
    expect(alive()).toHaveLength(1);
    expect(windowAt(0).loaded).toEqual(['app://presence-locker/curtain/index.html?display=primary']);
    expect(windowAt(0).visible).toBe(true);
    expect(lost).toEqual([]);
  });

  it('keeps its windows through a moment without any display', async () => {
    const { curtain } = hang();
    await raised(curtain);
    electron.screen.displays = [];
    electron.screen.emit('display-removed');
    expect(alive().filter((window) => window.visible)).toHaveLength(2);
  });

  it('follows a display that changes its size', async () => {
    const { curtain } = hang();
    await raised(curtain);
    const taller = { ...LEFT, bounds: { ...LEFT.bounds, height: 1200 } };
    electron.screen.displays = [taller, RIGHT];
    electron.screen.emit('display-metrics-changed');
    expect(windowAt(0).bounds).toEqual(taller.bounds);
    expect(windowAt(0).kiosk).toBe(true);
  });

  it('covers anew when a renderer crashes, and is lost when it crashes again', async () => {
    const { curtain, lost } = hang();
    await raised(curtain);
    const first = windowAt(0);
    first.webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    const second = windowAt(0);
    expect(second).not.toBe(first);
    expect(second.visible).toBe(true);
    expect(lost).toEqual([]);
    second.webContents.emit('render-process-gone', {}, { reason: 'oom' });
    expect(lost).toEqual(['the curtain crashed twice']);
    await vi.advanceTimersByTimeAsync(CURTAIN_RECONCILE_INTERVAL_MS);
    expect(windowAt(0).visible).toBe(true);
  });

  it('forgives a second crash long after the first', async () => {
    const { curtain, lost } = hang();
    await raised(curtain);
    windowAt(0).webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    paintAll(curtain);
    await vi.advanceTimersByTimeAsync(CURTAIN_RECOVERY_WINDOW_MS);
    windowAt(0).webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    expect(lost).toEqual([]);
  });

  it('does not count an incident of an earlier raise', async () => {
    const { curtain, lost } = hang();
    await raised(curtain);
    windowAt(0).webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    await curtain.discard();
    const raising = curtain.raise();
    paintAll(curtain);
    await raising;
    windowAt(0).webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    expect(lost).toEqual([]);
    expect(windowAt(0).visible).toBe(true);
  });

  it('says once that it is lost, and again only after it was raised anew', async () => {
    const { curtain, lost } = hang();
    await raised(curtain);
    const crashes = async (times: number) => {
      for (let i = 0; i < times; i += 1) {
        windowAt(0).webContents.emit('render-process-gone', {}, { reason: 'crashed' });
        await vi.advanceTimersByTimeAsync(CURTAIN_RECONCILE_INTERVAL_MS);
      }
    };
    await crashes(4);
    expect(lost).toHaveLength(1);
    const raising = curtain.raise();
    paintAll(curtain);
    await raising;
    await crashes(2);
    expect(lost).toHaveLength(2);
  });

  it.each(['unresponsive', 'minimize'])('treats "%s" while raised as an incident', async (event) => {
    const { curtain, lost } = hang();
    await raised(curtain);
    windowAt(0).emit(event);
    expect(windowAt(0).visible).toBe(true);
    windowAt(0).emit(event);
    expect(lost).toHaveLength(1);
  });

  it('shows itself again when something hides it', async () => {
    const { curtain, lost } = hang();
    await raised(curtain);
    windowAt(0).hide();
    expect(windowAt(0).visible).toBe(true);
    windowAt(0).hide();
    expect(lost).toEqual(['the curtain was hidden twice']);
  });

  it('notices a window that was hidden without an event', async () => {
    const { curtain } = hang();
    await raised(curtain);
    windowAt(1920).visible = false;
    await vi.advanceTimersByTimeAsync(CURTAIN_RECONCILE_INTERVAL_MS);
    expect(windowAt(1920).visible).toBe(true);
  });

  it('refuses to close while raised, and is made anew when it is closed all the same', async () => {
    const { curtain } = hang();
    await raised(curtain);
    const window = windowAt(0);
    window.close();
    expect(window.destroyed).toBe(false);
    window.destroy();
    expect(windowAt(0).visible).toBe(true);
  });

  it('refuses the keys that close a window only while raised', async () => {
    const { curtain } = hang();
    curtain.prepare();
    const altF4 = { key: 'F4', alt: true, control: false, meta: false };
    const before = electron.preventable();
    windowAt(0).webContents.emit('before-input-event', before, altF4);
    expect(before.prevented).toBe(false);
    const raising = curtain.raise();
    paintAll(curtain);
    await raising;
    const raisedAttempt = electron.preventable();
    windowAt(0).webContents.emit('before-input-event', raisedAttempt, altF4);
    expect(raisedAttempt.prevented).toBe(true);
  });

  it('lets typing and moving between the controls through', () => {
    const plain = { alt: false, control: false, meta: false };
    for (const key of ['w', 'Tab', 'Enter', '5', ' ']) expect(wouldLeaveCurtain({ key, ...plain })).toBe(false);
    expect(wouldLeaveCurtain({ key: 'W', ...plain, control: true })).toBe(true);
    expect(wouldLeaveCurtain({ key: 'F11', ...plain })).toBe(true);
  });

  it('takes the focus back, except from the phone of a trial', async () => {
    let phoneOpen = false;
    const { curtain } = hang('x11', () => phoneOpen);
    await raised(curtain);
    const focused = () => windowAt(0).calls.filter((call) => call === 'focus').length;
    const before = focused();
    windowAt(0).emit('blur');
    await vi.advanceTimersByTimeAsync(200);
    expect(focused()).toBe(before + 1);
    phoneOpen = true;
    windowAt(0).emit('blur');
    await vi.advanceTimersByTimeAsync(200);
    expect(focused()).toBe(before + 1);
  });

  it('comes down for a proof and can be raised again', async () => {
    const { curtain } = hang();
    await raised(curtain);
    const proof = proofFromOfflineCode(
      { codeKind: 'totp', lockCycle: 1 },
      { enrollment: { userId: 'u', deviceId: 'd' }, lockCycle: 1 },
      0,
    );
    if (proof === null) throw new Error('no proof');
    await curtain.lower(proof);
    expect(alive().every((window) => !window.visible)).toBe(true);
    await vi.advanceTimersByTimeAsync(1_000);
    const raising = curtain.raise();
    paintAll(curtain);
    await raising;
    expect(alive().every((window) => window.visible)).toBe(true);
  });

  it('hides every window when discarded, and hiding is then no incident', async () => {
    const { curtain, lost } = hang();
    await raised(curtain);
    await curtain.discard();
    await vi.advanceTimersByTimeAsync(3 * CURTAIN_RECONCILE_INTERVAL_MS);
    expect(alive()).toHaveLength(2);
    expect(alive().every((window) => !window.visible && !window.kiosk)).toBe(true);
    expect(lost).toEqual([]);
  });

  it('does not leave a raise waiting when it is hidden before it painted', async () => {
    const { curtain, measured } = hang();
    curtain.prepare();
    const raising = curtain.raise();
    await curtain.discard();
    await raising;
    expect(measured).toEqual([]);
  });

  it('replaces a hidden window that crashed before it is needed', async () => {
    const { curtain, lost } = hang();
    curtain.prepare();
    windowAt(0).webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    await vi.advanceTimersByTimeAsync(CURTAIN_RECONCILE_INTERVAL_MS);
    expect(alive()).toHaveLength(2);
    expect(alive().every((window) => !window.visible)).toBe(true);
    expect(lost).toEqual([]);
  });

  it('shows one honest full-screen window on Wayland', async () => {
    const { curtain } = hang('wayland');
    await raised(curtain);
    expect(alive()).toHaveLength(1);
    expect(windowAt(0).fullScreen).toBe(true);
    expect(windowAt(0).alwaysOnTopLevel).toBeNull();
  });

  it('is visible on every space before it is shown on macOS, and asks for kiosk once', async () => {
    const { curtain } = hang('macos');
    await raised(curtain);
    const { calls } = windowAt(0);
    expect(calls.indexOf('setVisibleOnAllWorkspaces')).toBeLessThan(calls.indexOf('show'));
    expect(alive().map((window) => window.kiosk)).toEqual([true, false]);
  });
});
