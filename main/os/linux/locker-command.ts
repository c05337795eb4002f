import { basename } from 'node:path';
import { LockRungFailed, type OsSignal } from '../../core/ports.ts';
import type { LockRung } from '../ladder-of-rungs.ts';
import type { LockSource } from '../lock-source.ts';
import type { CommandEnd, CommandRunner, RunningCommand } from '../run-command.ts';
import { type CoverProbe, DEFAULT_LOCKER_NAMES, LOCKER_SETTLE_MS } from './locker-process-source.ts';

/** Between two looks whether our locker covers the screen already. */
const COVER_INTERVAL_MS = 25;

/** `holds`: runs for as long as the screen is locked. `returns`: asks for a lock and ends. */
export interface LockerCommand {
  readonly argv: readonly string[];
  readonly kind: 'holds' | 'returns';
}

/** Lockers that put themselves in the background unless told not to, or only when told to. */
const STAYS_WITH: Readonly<Record<string, readonly string[]>> = {
  i3lock: ['-n', '--nofork'],
  'i3lock-color': ['-n', '--nofork'],
};
const FORKS_WITH: Readonly<Record<string, readonly string[]>> = {
  swaylock: ['-f', '--daemonize'],
  waylock: ['-fork-on-lock'],
  gtklock: ['-d', '--daemonize'],
};
/** What ends a locker as an unlock would. SIGTERM would leave a compositor locked for good with ext-session-lock. */
const UNLOCK_SIGNAL: Readonly<Record<string, NodeJS.Signals>> = { swaylock: 'SIGUSR1', hyprlock: 'SIGUSR1' };

/** Tells from the command line whether a locker stays in the foreground; unknown programs are taken to return. */
export function lockerCommandOf(argv: readonly string[]): LockerCommand {
  const [program = '', ...options] = argv;
  const name = basename(program);
  const stays = STAYS_WITH[name];
  const forks = FORKS_WITH[name];
  if (stays !== undefined)
    return { argv, kind: options.some((option) => stays.includes(option)) ? 'holds' : 'returns' };
  if (forks !== undefined)
    return { argv, kind: options.some((option) => forks.includes(option)) ? 'returns' : 'holds' };
  return { argv, kind: DEFAULT_LOCKER_NAMES.includes(name) ? 'holds' : 'returns' };
}

/**
 * Lockers that we start, and what their life tells. Running and covering is a lock; ended is an unlock, however it ended: with
 * exit code 0 a password was typed, with a signal it crashed, and in both cases the desktop is open and must be covered (S5).
 * Neither is proof of anything.
 */
export class LockerChildren implements LockSource {
  readonly name = 'locker that we started';
  readonly #runner: CommandRunner;
  readonly #cover: CoverProbe;
  readonly #onEnded: () => void;
  #report: ((signal: OsSignal) => void) | null = null;
  #running: { readonly command: RunningCommand; readonly program: string } | null = null;

  /** @param options.onEnded is told so that other observers look at once. */
  constructor(options: { readonly runner: CommandRunner; readonly cover: CoverProbe; readonly onEnded: () => void }) {
    this.#runner = options.runner;
    this.#cover = options.cover;
    this.#onEnded = options.onEnded;
  }

  async start(report: (signal: OsSignal) => void): Promise<void> {
    this.#report = report;
  }

  expectChange(): void {
    // our own children announce themselves
  }

  async stop(): Promise<void> {
    this.#report = null;
  }

  rung(command: LockerCommand): LockRung {
    const name = `command: ${command.argv.join(' ')}`;
    return {
      name,
      request: async () => {
        if (command.kind === 'holds') await this.#hold(name, command.argv);
        else await this.#runToEnd(name, command.argv);
      },
    };
  }

  /** Ends our locker as an unlock would. @returns whether there was one. Only called with a proof in hand. */
  unlock(): boolean {
    if (this.#running === null) return false;
    this.#running.command.signal(UNLOCK_SIGNAL[this.#running.program] ?? 'SIGTERM');
    return true;
  }

  async #runToEnd(name: string, argv: readonly string[]): Promise<void> {
    const { code, output } = await this.#runner.run(argv).catch((error: unknown) => {
      throw new LockRungFailed(name, error instanceof Error ? error.message : 'could not be run', { cause: error });
    });
    if (code !== 0) throw new LockRungFailed(name, `ended with ${code}: ${output.trim().slice(0, 200)}`);
  }

  async #hold(name: string, argv: readonly string[]): Promise<void> {
    // A second locker over the first would ask for the password twice (hyprlock#437).
    if (this.#running !== null) return;
    const command = await this.#runner.startDetached(argv).catch((error: unknown) => {
      throw new LockRungFailed(name, error instanceof Error ? error.message : 'could not be started', { cause: error });
    });
    const program = basename(argv[0] ?? '');
    const running = { command, program };
    this.#running = running;
    let end: CommandEnd | null = null;
    let announced = false;
    const ended = command.ended.then((how) => {
      end = how;
      this.#running = null;
      if (announced) this.#report?.({ type: 'os.unlocked', evidence: `${program} ${sayEnd(how)}` });
      this.#onEnded();
    });
    const startedAt = performance.now();
    const announce = async (): Promise<void> => {
      while (end === null) {
        const cover = await this.#cover();
        const settled = performance.now() - startedAt >= LOCKER_SETTLE_MS;
        if (end === null && (cover === 'covered' || (cover === 'unknown' && settled))) {
          announced = true;
          this.#report?.({
            type: 'os.locked',
            evidence: `${program} that we started ${cover === 'covered' ? 'covers the screen' : 'runs'}`,
          });
          return;
        }
        await Promise.race([ended, pause(COVER_INTERVAL_MS)]);
      }
    };
    const announcing = announce();
    // A locker that is refused (no such display, grab denied) ends at once; that is a failed rung and not a lock.
    await Promise.race([ended, announcing, pause(LOCKER_SETTLE_MS)]);
    const early: CommandEnd | null = end;
    if (early !== null && !announced) throw new LockRungFailed(name, sayEnd(early));
  }
}

function sayEnd(end: CommandEnd): string {
  return end.signal === null ? `ended with ${end.code}` : `was ended by ${end.signal}`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
