import type { CommandRunner } from '../run-command.ts';
import type { NetworkNameSource } from './network-name.ts';

const ROUTE = ['/sbin/route', '-n', 'get', 'default'] as const;
const INTERFACE_LINE = /^\s*interface:\s*([a-z]{1,8}\d{1,3})\s*$/m;
const SSID_LINE = /^\s*SSID\s*:\s*(.+?)\s*$/m;

/**
 * The wireless network of the default route, by `ipconfig getsummary`. macOS 15 and later write `<redacted>` there, and there is no way
 * around the location permission that does not ask the person for more than a name is worth: then there is no name.
 */
export class IpconfigSummaryName implements NetworkNameSource {
  readonly #runner: CommandRunner;

  constructor(runner: CommandRunner) {
    this.#runner = runner;
  }

  async read(timeoutMs: number): Promise<string | null> {
    const deadline = performance.now() + timeoutMs;
    const route = await this.#runner.run(ROUTE, timeoutMs);
    const device = route.code === 0 ? INTERFACE_LINE.exec(route.output)?.[1] : undefined;
    const leftMs = Math.floor(deadline - performance.now());
    if (device === undefined || leftMs <= 0) return null;
    const summary = await this.#runner.run(['/usr/sbin/ipconfig', 'getsummary', device], leftMs);
    return summary.code === 0 ? (SSID_LINE.exec(summary.output)?.[1] ?? null) : null;
  }

  onChange(): void {
    // Asked again when the gateway is reached anew and after sleep.
  }

  async close(): Promise<void> {
    // Nothing is held.
  }
}
