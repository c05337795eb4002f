import { createLinuxAdapter } from './linux/linux-adapter.ts';
import { macosLockRungs } from './macos/macos-rungs.ts';
import { MacosSessionSource } from './macos/macos-session-source.ts';
import { koffiNativeCalls } from './native-calls.ts';
import type { OsAdapter, OsAdapterOptions } from './os-adapter.ts';
import { createPowerMonitorAdapter } from './power-monitor-adapter.ts';
import { createCommandRunner } from './run-command.ts';
import { windowsLockRungs } from './windows/windows-rungs.ts';
import { WindowsSessionSource } from './windows/windows-session-source.ts';

/** @throws when the platform is not supported, or its power monitor was not given. */
export function createOsAdapter(platform: NodeJS.Platform, options: OsAdapterOptions): OsAdapter {
  if (platform === 'linux') return createLinuxAdapter(options);
  if (platform !== 'win32' && platform !== 'darwin') throw new Error(`sessions on ${platform} cannot be guarded`);
  const { powerMonitor } = options;
  if (powerMonitor === undefined)
    throw new Error(`${platform} is observed through the power monitor, which is missing`);
  const native = options.nativeCalls ?? koffiNativeCalls;
  const runner = options.commandRunner ?? createCommandRunner(options.env);
  return platform === 'win32'
    ? createPowerMonitorAdapter(
        powerMonitor,
        { source: new WindowsSessionSource(powerMonitor), rungs: windowsLockRungs(native, runner) },
        options,
      )
    : createPowerMonitorAdapter(
        powerMonitor,
        { source: new MacosSessionSource(powerMonitor), rungs: macosLockRungs(native, runner) },
        options,
      );
}
