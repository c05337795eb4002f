import { basename } from 'node:path';
import { LockRungFailed, type OsSignal } from '../../core/ports.ts';
import type { LockRung } from '../ladder-of-rungs.ts';
import type { LockSource } from '../lock-source.ts';
import type { CommandEnd, CommandRunner, RunningCommand } from '../run-command.ts';
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
  #report: ((signal: OsSignal) => void) | null = null;
  #running: Child | null = null;

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

  async #runToEnd(name: string, argv: readonly string[]): Promise<void> {
    const { code, output } = await this.#runner.run(argv).catch((error: unknown) => {
      throw new LockRungFailed(name, error instanceof Error ? error.message : 'could not be run', { cause: error });
    });
    if (code !== 0) throw new LockRungFailed(name, `ended with ${code}: ${output.trim().slice(0, 200)}`);
  }

  async #announce(name: string, argv: readonly string[]): Promise<void> {
    if (this.#running !== null) return;
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
    // A second locker over the first would ask for the password twice (hyprlock#437).
    if (this.#running !== null) return;
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
