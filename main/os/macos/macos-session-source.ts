import type { OsSignal, PowerMonitorSource } from '../../core/ports.ts';
import type { LockSource } from '../lock-source.ts';

/** Fast user switching, which fires no lock events (electron#25039): a session in the background counts as locked. */
export class MacosSessionSource implements LockSource {
  readonly name = 'macOS user switching';
  readonly #power: PowerMonitorSource;
  #remove: (() => void)[] = [];

  constructor(power: PowerMonitorSource) {
    this.#power = power;
  }

  async start(report: (signal: OsSignal) => void): Promise<void> {
    this.#remove = [
      this.#power.on('user-did-resign-active', () =>
        report({ type: 'os.locked', evidence: 'macOS: another user is at the screen' }),
      ),
      this.#power.on('user-did-become-active', () =>
        report({ type: 'os.unlocked', evidence: 'macOS: the user is at the screen again' }),
      ),
    ];
  }

  expectChange(): void {
    // has nothing to ask; the power monitor is cross-checked instead
  }

  async stop(): Promise<void> {
    for (const remove of this.#remove.splice(0)) remove();
  }
}
