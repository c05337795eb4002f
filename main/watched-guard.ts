import type { Logger } from 'pino';
import type { ViewModel } from '../protocol/view-model.ts';
import type { Clock } from './core/ports.ts';
import type { RecordKeeping } from './record-keeping.ts';
import type { Guard } from './runtime/guard.ts';
import type { SentinelKeeper } from './sentinel/sentinel-keeper.ts';
import type { DeathNotes } from './settings/death-notes.ts';

const NOT_WATCHED: NonNullable<ViewModel['problem']> = {
  code: 'SENTINEL_LOST',
  title: 'Presence Locker is not watched over',
  detail: 'A second process locks when this one dies, and it does not stay. It is tried again every half minute.',
};

/**
 * Joins the guard to its sentinel: who is guarded goes there, its loss and what it did for the run before come here.
 * Call `begin` once enrollment is known: before that there is nobody to lock for.
 */
export function joinSentinel(options: {
  readonly sentinel: Pick<SentinelKeeper, 'setGuarding' | 'listen'>;
  readonly guard: Guard;
  readonly clock: Clock;
  readonly notes: DeathNotes;
  readonly keeping: Pick<RecordKeeping, 'tell'>;
  readonly log: Logger;
  readonly onProblem: (problem: NonNullable<ViewModel['problem']>) => void;
}): { begin(): Promise<void> } {
  const { sentinel, guard, clock, notes, keeping, log } = options;
  const lock = (from: 'app-died' | 'sentinel-lost'): void =>
    guard.dispatch({ type: 'user.lockNow', from, at: clock.monotonicNow() });
  const tellGuarding = (): void => sentinel.setGuarding(guard.current().state.name !== 'unenrolled');
  guard.subscribe(tellGuarding);
  return {
    async begin() {
      sentinel.listen(({ reason, again }) => {
        void keeping.tell({ what: 'sentinel-died', evidence: reason });
        if (!again) return;
        options.onProblem(NOT_WATCHED);
        lock('sentinel-lost');
      });
      const { deaths, problem } = await notes.take().catch((error: unknown) => {
        log.error({ err: error }, 'what the sentinel noted could not be taken');
        return { deaths: [], problem: null };
      });
      if (problem !== null) log.warn({ problem }, 'what the sentinel noted cannot be believed');
      for (const death of deaths) await keeping.tell({ what: 'app-died', ...death });
      // Only the last: an earlier one that was not seen was followed by a run that knew of it.
      if (deaths.at(-1)?.lock === 'not-seen') lock('app-died');
    },
  };
}
