import { z } from 'zod';
import { SessionStatusSchema } from '../../protocol/frames.ts';
import type { LockEvent, LockState, Machine, Session } from './lock-types.ts';
import { sessionsOf } from './step.ts';

const STATE_NAMES = [
  'unenrolled',
  'locked',
  'locking',
  'verifying',
  'present',
  'leaving',
  'unlocking',
  'paused',
] as const satisfies readonly LockState['name'][];

/** What was known at the moment of an entry: the evidence beside its cause. Nothing in it names a person, a phone or a machine. */
export const AuditSituationSchema = z.strictObject({
  /** The state that the entry led out of. */
  state: z.enum(STATE_NAMES),
  /** What the service said last about the session that counted; `unknown` for a word we do not know, null without a session. */
  status: z.union([SessionStatusSchema, z.literal('unknown')]).nullable(),
  /** Milliseconds that the lease still had; negative when it had run out that long ago; null when none was held. */
  leaseLeftMs: z.int().nullable(),
  /** Milliseconds since the service was last heard about the session; null when it never was. */
  heardAgoMs: z.int().nullable(),
  /** The socket to the gateway. */
  socket: z.enum(['up', 'down']),
});
export type AuditSituation = z.infer<typeof AuditSituationSchema>;

/** What was known in a step that led from `before` to `after`. Pure; what the step itself brought counts as known. */
export function situationOf(before: Machine, event: LockEvent, after: Machine): AuditSituation {
  const { at } = event;
  const lease = leaseUntilOf(after.state) ?? leaseUntilOf(before.state);
  const heardAt = after.context.lastHeardAt;
  return {
    state: before.state.name,
    status: statusIn(event, before.state) ?? heldBy(after.state)?.status ?? heldBy(before.state)?.status ?? null,
    leaseLeftMs: lease === null ? null : Math.round(lease - at),
    heardAgoMs: heardAt === null ? null : Math.round(at - heardAt),
    socket: after.context.gateway,
  };
}

/** The session that counts: the one everything rests on before the one that is to follow. */
const heldBy = (state: LockState): Session | undefined => sessionsOf(state)[0];

function statusIn(event: LockEvent, state: LockState): AuditSituation['status'] {
  if (event.type !== 'session.status') return null;
  const known = sessionsOf(state).find(({ sessionId }) => sessionId === event.sessionId);
  // About another session, or older than what is known: no news (S6).
  if (known === undefined || event.seq <= known.seq) return null;
  return typeof event.status === 'string' ? event.status : 'unknown';
}

function leaseUntilOf(state: LockState): number | null {
  if ((state.name === 'present' || state.name === 'leaving') && state.presence.kind === 'offline-code')
    return state.presence.leaseUntil;
  const leaseUntil = heldBy(state)?.leaseUntil ?? 0;
  return leaseUntil === 0 ? null : leaseUntil;
}
