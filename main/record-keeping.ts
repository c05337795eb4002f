import type { Logger } from 'pino';
import type { Policy } from '../protocol/policy.ts';
import type { ViewModel } from '../protocol/view-model.ts';
import type { RecordedEntry, RecordFile } from './audit/record-file.ts';
import type { AuditEntry } from './core/audit-entry.ts';
import { situationOf } from './core/audit-situation.ts';
import { type EffectivePolicy, POLICY_KEYS, sourceOf } from './core/policy.ts';
import type { Clock } from './core/ports.ts';
import { problemSentence } from './core/sentences.ts';
import type { Guard } from './runtime/guard.ts';

/** A broken rule may break again at every tick; it is recorded this often at most, so that it cannot push everything else out. */
export const FAULT_RECORD_INTERVAL_MS = 60_000;

export const RECORD_NOT_WRITTEN: NonNullable<ViewModel['problem']> = {
  code: 'AUDIT_FAILED',
  title: problemSentence('AUDIT_FAILED'),
  detail: 'The disk may be full. Guarding goes on; what is missing is counted and will be said in the record.',
};

export interface RecordKeepingOptions {
  readonly record: RecordFile;
  readonly guard: Guard;
  readonly clock: Clock;
  readonly log: Logger;
  /** Shows it too. */
  readonly onTold: (entry: AuditEntry) => void;
}

/** Records what the machine cannot see: the app's own beginning and end, and whatever changes how it guards. */
export class RecordKeeping {
  readonly #options: RecordKeepingOptions;
  #lastFaultAt = Number.NEGATIVE_INFINITY;

  constructor(options: RecordKeepingOptions) {
    this.#options = options;
  }

  /** @param recorded what the runs before left, newest last. */
  started(version: string, effective: EffectivePolicy, recorded: readonly RecordedEntry[]): Promise<void> {
    const last = recorded.findLast(({ entry }) => !entry.what.startsWith('record-'));
    const settings = POLICY_KEYS.flatMap((setting) => {
      const source = sourceOf(effective, setting);
      return source === 'default' ? [] : [{ setting, value: effective.policy[setting], source }];
    });
    const endedWell = last === undefined ? null : last.entry.what === 'app-stopped';
    return this.tell({ what: 'app-started', version, endedWell, settings });
  }

  stopped(evidence: string): Promise<void> {
    return this.tell({ what: 'app-stopped', evidence });
  }

  policyChanged(before: EffectivePolicy, after: EffectivePolicy): Promise<void> {
    const changes = changedSettings(before, after);
    return changes.length === 0 ? Promise.resolve() : this.tell({ what: 'policy-changed', changes });
  }

  /** @param offSinceWall null when guarding is on again. */
  switched(offSinceWall: number | null, evidence: string): Promise<void> {
    return this.tell(
      offSinceWall === null
        ? { what: 'guarding-enabled', evidence }
        : { what: 'guarding-disabled', sinceWall: offSinceWall, evidence },
    );
  }

  /** A rule threw and the lock was asked for without the rules. */
  ruleFailed(): void {
    const now = this.#options.clock.monotonicNow();
    if (now - this.#lastFaultAt < FAULT_RECORD_INTERVAL_MS) return;
    this.#lastFaultAt = now;
    void this.tell({ what: 'lock-requested', cause: 'fault', evidence: 'a rule failed' });
  }

  /** Resolves once it is recorded, or once the failure to do so is on its way to the person. Never rejects. */
  async tell(entry: AuditEntry): Promise<void> {
    const { record, guard, clock, log, onTold } = this.#options;
    const at = { monotonicMs: clock.monotonicNow(), wallMs: clock.wallNow() };
    const machine = guard.current();
    onTold(entry);
    try {
      await record.append(entry, at, situationOf(machine, { type: 'timer.fired', at: at.monotonicMs }, machine));
    } catch (error) {
      log.error({ err: error }, 'the record could not be written');
      const reason = error instanceof Error ? error.message : 'failed without a reason';
      guard.dispatch({ type: 'effect.failed', effect: 'audit', reason, at: clock.monotonicNow() });
    }
  }
}

type Changes = Extract<AuditEntry, { what: 'policy-changed' }>['changes'];

function changedSettings(before: EffectivePolicy, after: EffectivePolicy): Changes {
  const valueIn = (policy: Policy, key: (typeof POLICY_KEYS)[number]) => policy[key];
  return POLICY_KEYS.flatMap((setting) => {
    const from = valueIn(before.policy, setting);
    const to = valueIn(after.policy, setting);
    return from === to ? [] : [{ setting, from, to, source: sourceOf(after, setting) }];
  });
}
