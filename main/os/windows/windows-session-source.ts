import type { OsSignal, PowerMonitorSource } from '../../core/ports.ts';
import type { LockSource } from '../lock-source.ts';

/**
 * What each WM_WTSSESSION_CHANGE code (winuser.h) says about our session. Disconnected from every screen (fast user switching, a
 * closed remote session) counts as locked: nobody sits at it, and coming back asks for the password. Electron's power monitor does
 * not report those (OS-NOTES, Windows).
 */
const MEANING: Readonly<Record<number, { readonly locked: boolean; readonly says: string }>> = {
  1: { locked: false, says: 'console connected' },
  2: { locked: true, says: 'console disconnected' },
  3: { locked: false, says: 'remote connected' },
  4: { locked: true, says: 'remote disconnected' },
  5: { locked: false, says: 'logged on' },
  6: { locked: true, says: 'logged off' },
  7: { locked: true, says: 'session locked' },
  8: { locked: false, says: 'session unlocked' },
};

/** Says nothing until the first change: Windows gives no initial state on this way. */
export class WindowsSessionSource implements LockSource {
  readonly name = 'Windows session changes';
  readonly #power: PowerMonitorSource;
  #remove: (() => void) | null = null;

  constructor(power: PowerMonitorSource) {
    this.#power = power;
  }

  async start(report: (signal: OsSignal) => void): Promise<void> {
    this.#remove = this.#power.onWindowsSessionChange((code) => {
      const meaning = MEANING[code];
      if (meaning === undefined) return;
      report({ type: meaning.locked ? 'os.locked' : 'os.unlocked', evidence: `Windows: ${meaning.says}` });
    });
  }

  expectChange(): void {
    // has nothing to ask; the power monitor is cross-checked instead
  }

  async stop(): Promise<void> {
    this.#remove?.();
    this.#remove = null;
  }
}
