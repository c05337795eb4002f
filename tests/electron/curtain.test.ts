import { describe, expect, it, vi } from 'vitest';

vi.mock('electron', () => import('./fake-electron.ts'));

import { proofFromOfflineCode } from '../../main/core/unlock-proof.ts';
import {
  CURTAIN_PAINT_TIMEOUT_MS,
  CURTAIN_RECONCILE_INTERVAL_MS,
  CURTAIN_SHOW_GRACE_MS,
} from '../../main/electron/limits.ts';
import { alive, hang, LEFT, paintAll, RIGHT, raised, twoDisplaysBeforeEach, windowAt } from './hung-curtain.ts';

twoDisplaysBeforeEach();

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
