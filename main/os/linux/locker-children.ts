import { basename } from 'node:path';
import { LockRungFailed, type OsSignal } from '../../core/ports.ts';
import type { LockRung } from '../ladder-of-rungs.ts';
import type { LockSource } from '../lock-source.ts';
import { COMMAND_TIMEOUT_MS, type CommandEnd, type CommandRunner, type RunningCommand } from '../run-command.ts';
import { announcingSwaylock, forkingSwaylock, type LockerCommand, SWAYLOCK_READY_OPTION } from './locker-command.ts';
import { type CoverProbe, LOCKER_SETTLE_MS } from './locker-process-source.ts';
import type { ProcessFacts } from './process-table.ts';

/** Between two looks whether our locker covers the screen already. */
const COVER_INTERVAL_MS = 25;

/** What ends a locker as an unlock would. SIGTERM would leave a compositor locked for good with ext-session-lock. */
const UNLOCK_SIGNAL: Readonly<Record<string, NodeJS.Signals>> = { swaylock: 'SIGUSR1', hyprlock: 'SIGUSR1' };

interface Child {
  readonly command: RunningCommand;
  readonly program: string;
  end: CommandEnd | null;
  announced: boolean;
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
  readonly #anotherCovers: () => boolean;
  #report: ((signal: OsSignal) => void) | null = null;
  #running: Child | null = null;

  /**
   * @param options.onEnded is told so that other observers look at once.
   * @param options.anotherCovers whether a locker is seen that somebody else started. Default: none is.
   */
  constructor(options: {
    readonly runner: CommandRunner;
    readonly cover: CoverProbe;
    readonly onEnded: () => void;
    readonly anotherCovers?: () => boolean;
  }) {
    this.#runner = options.runner;
    this.#cover = options.cover;
    this.#onEnded = options.onEnded;
    this.#anotherCovers = options.anotherCovers ?? (() => false);
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
    const { argv, kind } = command;
    const name = `command: ${argv.join(' ')}`;
    return {
      name,
      request: async () => {
        if (kind === 'holds') await this.#hold(name, argv);
        else if (kind === 'announces') await this.#announce(name, argv);
        else await this.#runToEnd(name, argv);
      },
    };
  }

  /** Ends our locker as an unlock would. @returns whether there was one. Only called with a proof in hand. */
  unlock(): boolean {
    if (this.#running === null) return false;
    this.#running.command.signal(UNLOCK_SIGNAL[this.#running.program] ?? 'SIGTERM');
    return true;
  }

  /** A locker of ours (or the helper it forked) that has not covered anything yet: that it runs is no evidence of a lock. */
  isUnproven({ processId, parentId }: Pick<ProcessFacts, 'processId' | 'parentId'>): boolean {
    if (this.#running === null || this.#running.announced) return false;
    return [processId, parentId].includes(this.#running.command.processId);
  }

  /**
   * Nothing of it is connected to us: what it leaves in the background would hold a pipe open for ever, and be killed by writing to one
   * that is closed. One that does not end in time is left alone, because it may be what covers the screen.
   */
  async #runToEnd(name: string, argv: readonly string[]): Promise<void> {
    const command = await this.#runner.startDetached(argv).catch((error: unknown) => {
      throw new LockRungFailed(name, error instanceof Error ? error.message : 'could not be run', { cause: error });
    });
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), COMMAND_TIMEOUT_MS);
    });
    const end = await Promise.race([command.ended, tooLong]);
    clearTimeout(timer);
    if (end !== null && end.code !== 0) throw new LockRungFailed(name, sayEnd(end));
  }

  async #announce(name: string, argv: readonly string[]): Promise<void> {
    if (this.#isLockerThere()) return;
    const [program = ''] = argv;
    const help = await this.#runner.run([program, '--help']).catch((error: unknown) => {
      throw new LockRungFailed(name, error instanceof Error ? error.message : 'could not be run', { cause: error });
    });
    if (!help.output.includes(SWAYLOCK_READY_OPTION)) {
      await this.#runToEnd(name, forkingSwaylock(argv));
      return;
    }
    const { child, ended } = await this.#begin(name, this.#runner.startAnnouncing(announcingSwaylock(argv)), program);
    const announced = child.command.ready.then((ready) => {
      if (ready) this.#covers(child, 'says that nothing can be seen');
    });
    await this.#earlyEnd(name, child, [ended, announced.then(() => (child.announced ? undefined : ended))]);
  }

  async #hold(name: string, argv: readonly string[]): Promise<void> {
    if (this.#isLockerThere()) return;
    const { child, ended } = await this.#begin(name, this.#runner.startDetached(argv), argv[0] ?? '');
    const startedAt = performance.now();
    const announce = async (): Promise<void> => {
      while (child.end === null) {
        const cover = await this.#cover();
        const settled = performance.now() - startedAt >= LOCKER_SETTLE_MS;
        if (cover === 'covered') return this.#covers(child, 'covers the screen');
        if (cover === 'unknown' && settled) return this.#covers(child, 'runs');
        await Promise.race([ended, pause(COVER_INTERVAL_MS)]);
      }
    };
    await this.#earlyEnd(name, child, [ended, announce()]);
  }

  /** A second locker over the first would be refused, or ask for the password twice (hyprlock#437). */
  #isLockerThere(): boolean {
    return this.#running !== null || this.#anotherCovers();
  }

  async #begin<Started extends RunningCommand>(
    name: string,
    starting: Promise<Started>,
    program: string,
  ): Promise<{ readonly child: Child & { readonly command: Started }; readonly ended: Promise<void> }> {
    const command = await starting.catch((error: unknown) => {
      throw new LockRungFailed(name, error instanceof Error ? error.message : 'could not be started', { cause: error });
    });
    const child: Child & { readonly command: Started } = {
      command,
      program: basename(program),
      end: null,
      announced: false,
    };
    this.#running = child;
    const ended = command.ended.then((how) => {
      child.end = how;
      this.#running = null;
      if (child.announced) this.#report?.({ type: 'os.unlocked', evidence: `${child.program} ${sayEnd(how)}` });
      this.#onEnded();
    });
    return { child, ended };
  }

  #covers(child: Child, how: string): void {
    if (child.end !== null) return;
    child.announced = true;
    this.#report?.({ type: 'os.locked', evidence: `${child.program} that we started ${how}` });
  }

  /** A locker that is refused (no such display, grab denied) ends at once; that is a failed rung and not a lock. */
  async #earlyEnd(name: string, child: Child, settled: readonly Promise<void>[]): Promise<void> {
    await Promise.race([...settled, pause(LOCKER_SETTLE_MS)]);
    if (child.end !== null && !child.announced) throw new LockRungFailed(name, sayEnd(child.end));
  }
}

function sayEnd(end: CommandEnd): string {
  return end.signal === null ? `ended with ${end.code}` : `was ended by ${end.signal}`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
