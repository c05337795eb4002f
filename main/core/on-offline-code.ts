import type { Policy } from '../../protocol/policy.ts';
import type { OfflineCodeNote } from './audit-entry.ts';
import type { LockEvent, Machine, Transition } from './lock-types.ts';
import { admit } from './moves.ts';
import { followUpIntervalMs, isServiceTrouble } from './starting.ts';
import { andThen, endSessions, type Moment } from './step.ts';
import { proofFromOfflineCode } from './unlock-proof.ts';

/** Codes that stand in for the phone while it cannot be asked. Whether a code is genuine was decided before (main/offline). */

/** Why a code is not accepted now, or null when one is. */
export function refusalOfOfflineCodes(
  { state, context }: Machine,
  policy: Policy,
): 'not-covered' | 'not-allowed' | 'phone-can-be-asked' | null {
  if (policy.offline !== 'code') return 'not-allowed';
  if (state.name !== 'verifying') return 'not-covered';
  const cutOff = context.gateway === 'down' || isServiceTrouble(state.problem?.code);
  return cutOff ? null : 'phone-can-be-asked';
}

/** A code that is spent in vain is on record too: it was genuine, and somebody typed it. */
export function onOfflineCode(
  machine: Machine,
  claimed: Extract<LockEvent, { type: 'offlineCode.accepted' }>,
  moment: Moment,
): Transition {
  const { now, policy } = moment;
  const { codeKind } = claimed;
  const proof =
    refusalOfOfflineCodes(machine, policy) === null ? proofFromOfflineCode(claimed, machine.context, now) : null;
  if (proof === null)
    return onOfflineCodeNoted(machine, { what: 'offline-code-refused', codeKind, why: 'not-now', failures: 0 });
  const longestMs = policy.maxSessionSeconds * 1_000;
  // A gateway that is up and could not ask the service is asked again later; one that is down says by itself when it is back.
  const waitMs = machine.context.gateway === 'up' ? Math.min(followUpIntervalMs(policy), longestMs / 2) : 0;
  const presence = {
    kind: 'offline-code',
    acceptedAt: now,
    leaseUntil: now + longestMs,
    followUpAt: now + waitMs,
  } as const;
  return andThen({ machine, effects: endSessions(machine.state, 'offline-code') }, (current) =>
    admit(current, presence, proof, `${codeKind} code accepted`, moment),
  );
}

/** Nothing follows from a note but that it is on record, and that the person is told what happened without the phone. */
export function onOfflineCodeNoted(machine: Machine, entry: OfflineCodeNote): Transition {
  const recorded = { type: 'audit', entry } as const;
  if (entry.what !== 'offline-codes-reported') return { machine, effects: [recorded] };
  const { accepted, refused } = entry;
  return {
    machine,
    effects: [recorded, { type: 'notify', notification: { kind: 'offline-codes-used', accepted, refused } }],
  };
}
