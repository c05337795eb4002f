import type { ActivityKind, ApproverLive, ApproverState } from '../../../../protocol/approver-state.ts';
import { type Guard, listOf, matching, oneOf, record, text, time, truth } from './guards.ts';

export const isId = matching(/^[A-Za-z0-9_-]{16,64}$/);
const workstationName = text(80);
const phoneName = text(40, 1);

/** A key for every kind, so that one added to the protocol is a type error here. */
const KINDS: { readonly [K in ActivityKind]: K } = {
  approved: 'approved',
  denied: 'denied',
  'not-me': 'not-me',
  'wrong-number': 'wrong-number',
  unanswered: 'unanswered',
  superseded: 'superseded',
  'locked-from-phone': 'locked-from-phone',
  'ended-from-phone': 'ended-from-phone',
  'paused-from-phone': 'paused-from-phone',
  'session-over': 'session-over',
  'workstation-added': 'workstation-added',
  'workstation-removed': 'workstation-removed',
  'phone-added': 'phone-added',
  'phone-renamed': 'phone-renamed',
  'phone-revoked': 'phone-revoked',
  'phone-lost': 'phone-lost',
  'recovery-code-made': 'recovery-code-made',
  'recovery-code-used': 'recovery-code-used',
  'counter-went-back': 'counter-went-back',
};

const threeNumbers = listOf(matching(/^[1-9]\d$/), 3);
const isNumbers: Guard<string[]> = (value): value is string[] => threeNumbers(value) && value.length === 3;

export const isState: Guard<ApproverState> = record({
  serverTime: time,
  person: text(80),
  signedInUntil: time,
  requests: listOf(
    record(
      {
        requestId: isId,
        workstationId: isId,
        workstation: workstationName,
        reason: oneOf('unlock', 'retry', 'renewal', 'pause', 'enrollment-test'),
        requestedAt: time,
        expiresAt: time,
        numbers: isNumbers,
      },
      { network: text(80) },
    ),
    8,
  ),
  workstations: listOf(
    record(
      { workstationId: isId, name: workstationName, connected: truth },
      { session: record({ since: time, until: time }), pausedUntil: time, blockedUntil: time, lastUsedAt: time },
    ),
    32,
  ),
  phones: listOf(
    record(
      { phoneId: isId, name: phoneName, thisPhone: truth, addedAt: time, backedUp: truth, push: truth },
      { lastUsedAt: time },
    ),
    8,
  ),
  activity: listOf(
    record({ at: time, kind: oneOf(...Object.values(KINDS)) }, { workstation: workstationName, phone: phoneName }),
    50,
  ),
  push: record({ publicKey: matching(/^[A-Za-z0-9_-]{80,100}$/), subscribed: truth }),
  hasRecoveryCode: truth,
  maxPauseMinutes: time,
});

const isStateFrame = record({ v: oneOf(1), type: oneOf('state'), state: isState });
const isSignedOutFrame = record({ v: oneOf(1), type: oneOf('signed-out') });

/** @returns null for what is not a frame of ours. */
export function liveFrameOf(value: unknown): ApproverLive | null {
  return isStateFrame(value) || isSignedOutFrame(value) ? value : null;
}
