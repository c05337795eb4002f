import type { Policy } from '../protocol/policy.ts';
import type { HistoryEntry, ViewModel } from '../protocol/view-model.ts';
import { MAX_HISTORY, type RecordedEntry } from './audit/record-file.ts';
import { historyEntry } from './core/history.ts';
import type { Clock } from './core/ports.ts';
import { type ViewFacts, viewModel } from './core/view-model.ts';
import type { Guard } from './runtime/guard.ts';

export type ChangingFacts = Omit<ViewFacts, 'history'>;

/** Builds the view model after every step that can change it, and whenever a fact beside the machine changed. */
export class ViewPublisher {
  readonly #options: {
    readonly guard: Guard;
    readonly clock: Clock;
    readonly policy: () => Policy;
    readonly publish: (view: ViewModel) => void;
  };
  #facts: ChangingFacts;
  #history: readonly HistoryEntry[];

  constructor(
    options: {
      readonly guard: Guard;
      readonly clock: Clock;
      readonly policy: () => Policy;
      readonly publish: (view: ViewModel) => void;
    },
    facts: ChangingFacts,
    recorded: readonly RecordedEntry[],
  ) {
    this.#options = options;
    this.#facts = facts;
    this.#history = recorded
      .flatMap(({ entry, atWall }) => historyEntry(entry, atWall, options.policy()) ?? [])
      .slice(-MAX_HISTORY)
      .reverse();
    let shown = options.guard.current();
    options.guard.subscribe(({ machine, effects }) => {
      // A watchdog tick at which nothing is due leaves the very same machine; countdowns run in the pages by themselves.
      if (machine === shown) return;
      shown = machine;
      for (const effect of effects) {
        if (effect.type !== 'audit') continue;
        const told = historyEntry(effect.entry, options.clock.wallNow(), options.policy());
        if (told !== null) this.#history = [told, ...this.#history].slice(0, MAX_HISTORY);
      }
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

  #publish(): void {
    this.#options.publish(this.view());
  }
}
