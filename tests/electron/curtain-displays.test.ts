import { describe, expect, it, vi } from 'vitest';

vi.mock('electron', () => import('./fake-electron.ts'));

import { CURTAIN_RECONCILE_INTERVAL_MS } from '../../main/electron/limits.ts';
import * as electron from './fake-electron.ts';
import { alive, hang, LEFT, RIGHT, raised, twoDisplaysBeforeEach, windowAt } from './hung-curtain.ts';

twoDisplaysBeforeEach();

describe('the curtain', () => {
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
});
