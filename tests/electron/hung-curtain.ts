import { session } from 'electron';
import { afterEach, beforeEach, vi } from 'vitest';
import { createCurtain, type DisplayCurtain } from '../../main/electron/curtain.electron.ts';
import type { DisplaySystem } from '../../main/electron/display-system.ts';
import { createHardenedWindows } from '../../main/electron/hardened-windows.electron.ts';
import * as electron from './fake-electron.ts';
import { rememberingLog } from './remembering-log.ts';

export const LEFT = { id: 1, bounds: { x: 0, y: 0, width: 1920, height: 1080 } };
export const RIGHT = { id: 2, bounds: { x: 1920, y: 0, width: 1280, height: 1024 } };

export function hang(system: DisplaySystem = 'x11', phoneOpen = () => false) {
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

export const alive = () => electron.windows.filter((window) => !window.destroyed);
export const windowAt = (x: number) => {
  const found = alive().find((window) => window.bounds.x === x);
  if (found === undefined) throw new Error(`no window at ${x}`);
  return found;
};
export const paintAll = (curtain: DisplayCurtain) => {
  for (const window of alive()) curtain.painted(window.webContents.id);
};
export async function raised(curtain: DisplayCurtain): Promise<void> {
  curtain.prepare();
  const raising = curtain.raise();
  paintAll(curtain);
  await raising;
}

/** Fake timers and two displays side by side for each test of the file that calls this, which itself puts the fake in Electron's place. */
export function twoDisplaysBeforeEach(): void {
  beforeEach(() => {
    vi.useFakeTimers();
    electron.forgetEverything();
    electron.screen.displays = [LEFT, RIGHT];
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}
