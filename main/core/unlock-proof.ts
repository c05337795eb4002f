import type { Context, Session } from './lock-types.ts';

/**
 * Evidence that the person is here (S1). `lowerCurtain` and `requestUnlock` cannot be built without one, and one can only be
 * built here: the brand is a symbol that is not exported, so no other file can write a proof down.
 */
declare const proven: unique symbol;

export type UnlockProof = (
  | {
      readonly kind: 'session';
      readonly sessionId: string;
      readonly seq: number;
      readonly lockCycle: number;
      readonly leaseUntil: number;
    }
  | {
      readonly kind: 'offline-code';
      readonly codeKind: 'totp' | 'recovery';
      readonly lockCycle: number;
      readonly acceptedAt: number;
    }
) & { readonly [proven]: true };

type Unbranded<T> = T extends unknown ? Omit<T, typeof proven> : never;
const seal = (evidence: Unbranded<UnlockProof>): UnlockProof => evidence as UnlockProof;

/**
 * @param claimedSession what the gateway says, as recorded by the workstation.
 * @param expected what this process knows by itself: who is enrolled here and which lock cycle it is.
 * @param now monotonic ms.
 * @returns a proof, or null when any single condition is missing.
 */
export function proofFromSession(
  claimedSession: Session,
  expected: Pick<Context, 'enrollment' | 'lockCycle'>,
  now: number,
): UnlockProof | null {
  if (expected.enrollment === null) return null;
  if (claimedSession.status !== 'active') return null;
  if (claimedSession.lockCycle !== expected.lockCycle) return null;
  if (claimedSession.userId !== expected.enrollment.userId) return null;
  if (claimedSession.deviceId !== expected.enrollment.deviceId) return null;
  if (claimedSession.leaseUntil <= now || claimedSession.endsAt <= now) return null;
  const { sessionId, seq, lockCycle, leaseUntil } = claimedSession;
  return seal({ kind: 'session', sessionId, seq, lockCycle, leaseUntil });
}

/**
 * An offline code that the verifier accepted.
 * @param claimed.lockCycle the cycle it was typed in, which must be the present one.
 */
export function proofFromOfflineCode(
  claimed: { readonly codeKind: 'totp' | 'recovery'; readonly lockCycle: number },
  expected: Pick<Context, 'enrollment' | 'lockCycle'>,
  now: number,
): UnlockProof | null {
  if (expected.enrollment === null) return null;
  if (claimed.lockCycle !== expected.lockCycle) return null;
  return seal({ kind: 'offline-code', codeKind: claimed.codeKind, lockCycle: expected.lockCycle, acceptedAt: now });
}
