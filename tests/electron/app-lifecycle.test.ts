import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

vi.mock('electron', () => import('./fake-electron.ts'));

import { takeAppLifecycle } from '../../main/electron/app-lifecycle.electron.ts';
import * as electron from './fake-electron.ts';
import { rememberingLog } from './remembering-log.ts';

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
const before = new Map(SIGNALS.map((signal) => [signal, process.listeners(signal)] as const));

beforeEach(() => electron.forgetEverything());
afterEach(() => {
  for (const signal of SIGNALS) {
    for (const listener of process.listeners(signal)) {
      if (before.get(signal)?.includes(listener) === false) process.off(signal, listener);
    }
  }
});

function take(onQuitRequested: () => Promise<void> = async () => undefined) {
  const seconds: (readonly string[])[] = [];
  const log = rememberingLog();
  const asked = vi.fn(onQuitRequested);
  const lifecycle = takeAppLifecycle({ onSecondInstance: (argv) => seconds.push(argv), onQuitRequested: asked, log });
  return { lifecycle, seconds, asked, log };
}

describe('quitting', () => {
  it('never happens before the composition root has locked and calls exit', async () => {
    let release = (): void => undefined;
    const { lifecycle, asked } = take(
      () =>
        new Promise((resolve) => {
          release = resolve;
        }),
    );
    electron.app.quit();
    electron.app.quit();
    expect(asked).toHaveBeenCalledTimes(1);
    expect(electron.app.exits).toEqual([]);
    lifecycle.exit(0);
    release();
    expect(electron.app.exits).toEqual([0]);
  });

  it('is given up when locking fails, and may be asked for again', async () => {
    const { asked, log } = take(async () => {
      throw new Error('no lock was observed');
    });
    electron.app.quit();
    await vi.waitFor(() => expect(log.lines).toEqual(['Quitting was given up: Error: no lock was observed']));
    expect(electron.app.exits).toEqual([]);
    await vi.waitFor(() => {
      electron.app.quit();
      expect(asked).toHaveBeenCalledTimes(2);
    });
  });

  it.each(SIGNALS)('goes the same way for %s', (signal) => {
    const { asked } = take();
    for (const listener of process.listeners(signal)) {
      if (before.get(signal)?.includes(listener) === false) listener(signal);
    }
    expect(asked).toHaveBeenCalledTimes(1);
    expect(electron.app.exits).toEqual([]);
  });

  it('lets the curtain know before its windows go', () => {
    const { lifecycle } = take();
    const order: string[] = [];
    lifecycle.beforeExit(() => order.push(`before exit ${electron.app.exits.length}`));
    lifecycle.exit(3);
    expect(order).toEqual(['before exit 0']);
    expect(electron.app.exits).toEqual([3]);
  });

  it('does not follow from the last window being closed', () => {
    take();
    expect(electron.app.listenerCount('window-all-closed')).toBe(1);
  });
});

describe('a second instance', () => {
  it('finds out that it is one and takes no part', () => {
    electron.app.onlyInstance = false;
    const { lifecycle } = take();
    expect(lifecycle.isOnlyInstance).toBe(false);
    expect(electron.app.listenerCount('before-quit')).toBe(0);
  });

  it('hands its arguments to the first, bounded in number and length', () => {
    const { seconds } = take();
    const flood = Array.from({ length: 1_000 }, (_, i) => `--${i}`);
    electron.app.emit('second-instance', {}, ['app', 'status']);
    electron.app.emit('second-instance', {}, flood);
    electron.app.emit('second-instance', {}, ['app', 'x'.repeat(100_000)]);
    expect(seconds[0]).toEqual(['app', 'status']);
    expect(seconds[1]?.length).toBeLessThan(100);
    expect(seconds[2]).toEqual(['app']);
  });
});
