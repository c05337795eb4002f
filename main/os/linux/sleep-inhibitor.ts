import type { CommandRunner, RunningCommand } from '../run-command.ts';

/** Shown by `systemd-inhibit --list`. */
export const INHIBITOR_WHO = 'Presence Locker';

/** systemd's tool, and elogind's with the same options. */
const INHIBIT_TOOLS: readonly string[] = ['systemd-inhibit', 'elogind-inhibit'];

/**
 * Delays sleep until the screen is locked: without it the desktop shows for a moment after waking (swaywm/sway#3119). A child holds the
 * lock because Node cannot receive the inhibitor's file descriptor; `cat` on our pipe ends when this process does, so that a crash
 * never keeps a laptop awake. logind waits InhibitDelayMaxSec (5 s by default) at most.
 */
export class SleepInhibitor {
  readonly #runner: CommandRunner;
  #held: Promise<(RunningCommand & { release(): void }) | null> | null = null;

  constructor(runner: CommandRunner) {
    this.#runner = runner;
  }

  /** Idempotent while held. Never throws: without the tool the lock is requested on `os.suspending` all the same, only later. */
  take(): void {
    if (this.#held !== null) return;
    const held = this.#start();
    this.#held = held;
    void held.then(async (holder) => {
      await holder?.ended;
      if (this.#held === held) this.#held = null;
    });
  }

  /** Lets the machine sleep. Idempotent. */
  async release(): Promise<void> {
    const held = this.#held;
    this.#held = null;
    (await held)?.release();
  }

  async #start(): Promise<(RunningCommand & { release(): void }) | null> {
    for (const tool of INHIBIT_TOOLS) {
      try {
        return await this.#runner.startTethered([
          tool,
          '--what=sleep',
          '--mode=delay',
          `--who=${INHIBITOR_WHO}`,
          '--why=The screen is locked before sleep',
          'cat',
        ]);
      } catch {
        // this tool is not installed; the next one may be
      }
    }
    return null;
  }
}
