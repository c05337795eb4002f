import { win32 } from 'node:path';
import type { CommandRunner } from '../run-command.ts';
import type { NetworkNameSource } from './network-name.ts';

/** `SSID` is the same word in every language of Windows; `BSSID` and `AP BSSID` are the access point's address, which is nobody's business. */
const SSID_LINE = /^\s*SSID\s*:\s?(.*)$/;

/**
 * The wireless network, by `netsh wlan show interfaces`: quick, and there on every Windows. It says nothing of a wired network, and since
 * Windows 11 24H2 nothing at all to whom the location settings do not allow it; then there is no name.
 */
export class NetshName implements NetworkNameSource {
  readonly #runner: CommandRunner;
  readonly #program: string;

  /** @param systemRoot `%SystemRoot%`: the program is named in full, so that no other `netsh` on the search path is started. */
  constructor(runner: CommandRunner, systemRoot: string) {
    this.#runner = runner;
    this.#program = win32.join(systemRoot, 'System32', 'netsh.exe');
  }

  async read(timeoutMs: number): Promise<string | null> {
    const { code, output } = await this.#runner.run([this.#program, 'wlan', 'show', 'interfaces'], timeoutMs);
    return code === 0 ? ssidIn(output) : null;
  }

  onChange(): void {
    // Asked again when the gateway is reached anew and after sleep.
  }

  async close(): Promise<void> {
    // Nothing is held.
  }
}

/** @returns null also where two interfaces are in different networks: which of them counts is not said. */
function ssidIn(output: string): string | null {
  const names = output.split(/\r?\n/).flatMap((line) => SSID_LINE.exec(line)?.[1]?.trim() ?? []);
  const [name, ...others] = new Set(names.filter((found) => found !== ''));
  return name === undefined || others.length > 0 ? null : name;
}
