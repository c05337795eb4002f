import { BrowserWindow, powerMonitor } from 'electron';
import type { PowerMonitorSource } from '../core/ports.ts';

type PowerEvent = Parameters<PowerMonitorSource['on']>[0];

/** Windows' WM_WTSSESSION_CHANGE; the session-change code is the message's wParam. */
const WM_WTSSESSION_CHANGE = 0x02b1;

export interface PowerMonitorOptions {
  readonly platform: NodeJS.Platform;
  /**
   * Windows only: asks Windows to send session changes to this window (`WTSRegisterSessionNotification`); nothing is sent to a window
   * that did not ask. Belongs to main/os, which can call Windows' libraries.
   */
  readonly registerSessionNotification?: (nativeWindowHandle: Buffer) => void;
}

/**
 * Electron's power monitor as main/os wants it. Call right at `ready`: the native monitor starts with its first listener and tells
 * nothing of what was before, so one is attached here for every event, whether or not somebody listens yet.
 */
export function createPowerMonitorSource(options: PowerMonitorOptions): PowerMonitorSource {
  const listeners: Readonly<Record<PowerEvent, Set<() => void>>> = {
    'lock-screen': new Set(),
    'unlock-screen': new Set(),
    suspend: new Set(),
    resume: new Set(),
    shutdown: new Set(),
    'user-did-resign-active': new Set(),
    'user-did-become-active': new Set(),
  };
  const sessionChangeListeners = new Set<(code: number) => void>();
  const tell = (event: PowerEvent) => () => {
    for (const listener of listeners[event]) listener();
  };
  powerMonitor.on('lock-screen', tell('lock-screen'));
  powerMonitor.on('unlock-screen', tell('unlock-screen'));
  powerMonitor.on('suspend', tell('suspend'));
  powerMonitor.on('resume', tell('resume'));
  powerMonitor.on('shutdown', tell('shutdown'));
  powerMonitor.on('user-did-resign-active', tell('user-did-resign-active'));
  powerMonitor.on('user-did-become-active', tell('user-did-become-active'));

  if (options.platform === 'win32') {
    hearSessionChanges(options, (code) => {
      for (const listener of sessionChangeListeners) listener(code);
    });
  }

  return {
    on(event, listener) {
      listeners[event].add(listener);
      return () => listeners[event].delete(listener);
    },
    onWindowsSessionChange(listener) {
      sessionChangeListeners.add(listener);
      return () => sessionChangeListeners.delete(listener);
    },
    getSystemIdleState: (idleThresholdSeconds) => powerMonitor.getSystemIdleState(idleThresholdSeconds),
    getSystemIdleTime: () => powerMonitor.getSystemIdleTime(),
  };
}

/** A window that is never shown and loads nothing: window messages need a window. It lives as long as the process. */
function hearSessionChanges(options: PowerMonitorOptions, onCode: (code: number) => void): void {
  const window = new BrowserWindow({
    show: false,
    skipTaskbar: true,
    webPreferences: { sandbox: true, contextIsolation: true, nodeIntegration: false, devTools: false },
  });
  window.hookWindowMessage(WM_WTSSESSION_CHANGE, (wParam) => onCode(wParam.readUInt32LE(0)));
  options.registerSessionNotification?.(window.getNativeWindowHandle());
}
