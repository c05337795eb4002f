import { join } from 'node:path';
import { app } from 'electron';
import type { PowerMonitorSource } from '../core/ports.ts';
import { createPowerMonitorSource, type PowerMonitorOptions } from './power-monitor.electron.ts';

/** What the sentinel needs of Electron: no window, no tray, no single-instance lock (main holds that). */
export interface SentinelShell {
  readonly userDataDirectory: string;
  readonly isPackaged: boolean;
  /** Windows and macOS are observed through Electron, once it is ready; Linux is not, and must not wait for it. */
  whenReady(): Promise<PowerMonitorSource>;
}

/** Call while the entry module is evaluated. */
export function beginSentinelShell(options: PowerMonitorOptions): SentinelShell {
  const userDataDirectory = app.getPath('userData');
  return {
    userDataDirectory,
    isPackaged: app.isPackaged,
    async whenReady() {
      await app.whenReady();
      return createPowerMonitorSource(options);
    },
  };
}

/** Before `ready`: main's own browser files must not be opened twice, and nothing of the sentinel is to be seen. */
export function hideSentinel(shell: SentinelShell): void {
  app.setPath('sessionData', join(shell.userDataDirectory, 'sentinel'));
  app.on('window-all-closed', () => undefined);
  app.dock?.hide();
}
