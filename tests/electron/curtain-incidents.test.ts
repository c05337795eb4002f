import { describe, expect, it, vi } from 'vitest';

vi.mock('electron', () => import('./fake-electron.ts'));

import {
  CURTAIN_PAINT_TIMEOUT_MS,
  CURTAIN_RECONCILE_INTERVAL_MS,
  CURTAIN_RECOVERY_WINDOW_MS,
} from '../../main/electron/limits.ts';
import { alive, hang, paintAll, raised, twoDisplaysBeforeEach, windowAt } from './hung-curtain.ts';

twoDisplaysBeforeEach();

describe('the curtain', () => {
  it('is lost when the window made anew does not paint either', async () => {
    const { curtain, lost } = hang();
    curtain.prepare();
    const raising = curtain.raise();
    curtain.painted(windowAt(0).webContents.id);
    await vi.advanceTimersByTimeAsync(2 * CURTAIN_PAINT_TIMEOUT_MS);
    await raising;
    expect(lost).toEqual(['the curtain did not paint twice']);
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

  it('replaces a hidden window that crashed before it is needed', async () => {
    const { curtain, lost } = hang();
    curtain.prepare();
    windowAt(0).webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    await vi.advanceTimersByTimeAsync(CURTAIN_RECONCILE_INTERVAL_MS);
    expect(alive()).toHaveLength(2);
    expect(alive().every((window) => !window.visible)).toBe(true);
    expect(lost).toEqual([]);
  });
});
