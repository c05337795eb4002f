import type { Policy } from '../protocol/policy.ts';
import type { HistoryEntry, ViewModel } from '../protocol/view-model.ts';
import type { RecordedEntry } from './audit/record-file.ts';
import type { AuditEntry } from './core/audit-entry.ts';
import { type HistoryWords, historyEntry, shownHistory } from './core/history.ts';
import type { Clock } from './core/ports.ts';
import { type ViewFacts, viewModel } from './core/view-model.ts';
import type { Guard } from './runtime/guard.ts';
import { titleOfSetting } from './settings/setting-descriptions.ts';

export type ChangingFacts = Omit<ViewFacts, 'history'>;

interface Options {
  readonly guard: Guard;
  readonly clock: Clock;
  readonly policy: () => Policy;
  readonly publish: (view: ViewModel) => void;
}

/** Builds the view model after every step that can change it, and whenever a fact beside the machine changed. */
export class ViewPublisher {
  readonly #options: Options;
  #facts: ChangingFacts;
  /** Newest first. */
  #history: readonly HistoryEntry[];

  /** @param recorded what happened before this process, newest last. */
  constructor(options: Options, facts: ChangingFacts, recorded: readonly RecordedEntry[]) {
    this.#options = options;
    this.#facts = facts;
    this.#history = shownHistory(
      recorded.flatMap(({ entry, atWall }) => historyEntry(entry, atWall, this.#words()) ?? []).reverse(),
    );
    let shown = options.guard.current();
    options.guard.subscribe(({ machine, effects }) => {
      // A watchdog tick at which nothing is due leaves the very same machine and does nothing; countdowns run in the pages by
      // themselves. What is only recorded (a wrong code) leaves the same machine too, and is told.
      if (machine === shown && effects.length === 0) return;
      shown = machine;
      for (const effect of effects) if (effect.type === 'audit') this.#remember(effect.entry);
      this.#publish();
    });
  }

  view(): ViewModel {
    const { guard, clock, policy } = this.#options;
    const facts = { ...this.#facts, history: this.#history };
    return viewModel(guard.current(), policy(), facts, { monotonicMs: clock.monotonicNow(), wallMs: clock.wallNow() });
  }

  update(changed: Partial<ChangingFacts>): void {
    this.#facts = { ...this.#facts, ...changed };
    this.#publish();
  }

  /** What was recorded beside the machine. */
  told(entry: AuditEntry): void {
    this.#remember(entry);
    this.#publish();
  }

  #remember(entry: AuditEntry): void {
    const told = historyEntry(entry, this.#options.clock.wallNow(), this.#words());
    if (told !== null) this.#history = shownHistory([told, ...this.#history]);
  }

  #words(): HistoryWords {
    return { policy: this.#options.policy(), settingTitle: titleOfSetting };
  }

  #publish(): void {
    this.#options.publish(this.view());
  }
}
