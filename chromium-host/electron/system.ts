import { EventEmitter } from 'node:events';
import { theHost } from '../host.ts';
import { implementedOnly } from '../stand-in.ts';

const MS_PER_SECOND = 1_000;

/** Idle time comes from the X server. The events never fire: on Linux Electron has no lock events either (electron#38088). */
class PowerMonitor extends EventEmitter {
  getSystemIdleState(idleThresholdSeconds: number): 'active' | 'idle' | 'locked' | 'unknown' {
    const { idleMs } = theHost().display;
    if (idleMs === null) return 'unknown';
    return idleMs >= idleThresholdSeconds * MS_PER_SECOND ? 'idle' : 'active';
  }

  getSystemIdleTime(): number {
    return Math.floor((theHost().display.idleMs ?? 0) / MS_PER_SECOND);
  }

  isOnBatteryPower(): boolean {
    return false;
  }
}
export const powerMonitor = implementedOnly('electron.powerMonitor', new PowerMonitor());

/** Chromium follows the desktop's scheme by itself; the app is told `light` unless it asks for something else. */
class NativeTheme extends EventEmitter {
  private source: 'system' | 'light' | 'dark' = 'system';

  get themeSource(): 'system' | 'light' | 'dark' {
    return this.source;
  }

  set themeSource(source: 'system' | 'light' | 'dark') {
    this.source = source;
    this.emit('updated');
  }

  get shouldUseDarkColors(): boolean {
    return this.source === 'dark';
  }

  readonly shouldUseHighContrastColors = false;
  readonly shouldUseInvertedColorScheme = false;
}
export const nativeTheme = implementedOnly('electron.nativeTheme', new NativeTheme());

/** Addresses the app wanted opened, newest last. They are recorded, not opened: whoever drives the host follows them. */
export const openedExternally: string[] = [];
export const shell = implementedOnly('electron.shell', {
  async openExternal(url: string): Promise<void> {
    openedExternally.push(url);
    theHost().report('open-external', { url });
    console.error(`chromium-host: the app opens ${url}`);
  },
  beep(): void {
    theHost().report('beep');
  },
}) satisfies Partial<Electron.Shell>;

/** The host's own clipboard: tests must not touch the person's. */
let clipboardText = '';
export const clipboard = implementedOnly('electron.clipboard', {
  async writeText(text: string): Promise<void> {
    clipboardText = text;
    theHost().report('clipboard-written');
  },
  readText: async () => clipboardText,
  clear(): void {
    clipboardText = '';
  },
}) satisfies Partial<Electron.Clipboard>;

export const net = implementedOnly('electron.net', {
  fetch: (input: string | GlobalRequest, init?: RequestInit) => fetch(input, init),
  isOnline: () => true,
});
