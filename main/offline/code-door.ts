import type { ActionResult } from '../../protocol/ipc.ts';
import type { Policy } from '../../protocol/policy.ts';
import type { Machine } from '../core/lock-types.ts';
import { refusalOfOfflineCodes } from '../core/on-offline-code.ts';
import type { Clock, Dispatch } from '../core/ports.ts';
import type { OfflineCodes } from './offline-codes.ts';
import { BUSY, sentenceOfKeychain, sentenceOfOutcome, sentenceOfRefusal, TOO_LATE } from './sentences.ts';

export interface CodeDoorOptions {
  readonly codes: Pick<OfflineCodes, 'check'>;
  readonly machine: () => Machine;
  readonly policy: () => Policy;
  readonly clock: Clock;
  readonly dispatch: Dispatch;
}

const refused = (sentence: string): ActionResult => ({ ok: false, sentence });

/**
 * Takes what was typed on the curtain to the verifier and its verdict to the machine, which alone lets anybody in. A code that
 * could not count is not even looked at, so that it is not spent in vain.
 */
export function createCodeDoor(options: CodeDoorOptions): { submit(typed: string): Promise<ActionResult> } {
  const { codes, machine, policy, clock, dispatch } = options;
  let busy = false;

  async function submit(typed: string): Promise<ActionResult> {
    const { context } = machine();
    const refusal = refusalOfOfflineCodes(machine(), policy());
    if (refusal !== null) return refused(sentenceOfRefusal(refusal));
    if (context.enrollment === null) return refused(sentenceOfRefusal('not-covered'));
    // As it is now, while the person types; by the time the code is verified it may be another one (S1).
    const { lockCycle } = context;
    const outcome = await codes.check(context.enrollment.userId, typed);
    const at = clock.monotonicNow();
    switch (outcome.kind) {
      case 'accepted':
        dispatch({ type: 'offlineCode.accepted', at, codeKind: outcome.codeKind, lockCycle });
        return machine().state.name === 'present' ? { ok: true } : refused(TOO_LATE);
      case 'wrong':
      case 'used': {
        const { codeKind, failures, kind: why } = outcome;
        dispatch({ type: 'offlineCode.noted', at, note: { what: 'offline-code-refused', codeKind, why, failures } });
        return refused(sentenceOfOutcome(outcome));
      }
      default:
        return refused(sentenceOfOutcome(outcome));
    }
  }

  return {
    async submit(typed) {
      if (busy) return refused(BUSY);
      busy = true;
      try {
        return await submit(typed);
      } catch (cause) {
        return refused(sentenceOfKeychain(cause));
      } finally {
        busy = false;
      }
    },
  };
}
