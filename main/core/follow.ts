import type { Attended, Context, Effect, Follow, LockState, Machine, Presence, Transition } from './lock-types.ts';
import { followUpIntervalMs, tryStart } from './starting.ts';
import { become, type Moment, stay, withdrawAsking } from './step.ts';

/** What is asked of the phone beside the work: to go on after the end, to take over from a code, or to be allowed to pause. */

type Present = Extract<LockState, { name: 'present' }>;

/** The phone is asked to go on this long before a session ends, or after three quarters of a short one. */
export const RENEWAL_LEAD_MS = 60_000;
const RENEWAL_LEAD_SHARE = 0.25;
/** A renewal that could not be asked for is tried again after this share of the lead, while time is left. */
const RENEWAL_RETRY_SHARE = 0.25;

const renewalLeadMs = (policy: Moment['policy']): number =>
  Math.min(RENEWAL_LEAD_MS, policy.maxSessionSeconds * 1_000 * RENEWAL_LEAD_SHARE);

/** When the phone is asked to go on; null once it was, unless it has to be tried again. After an offline code it is asked to take over, when it can be asked. */
export function renewalAt(
  presence: Presence,
  follow: Follow | null,
  policy: Moment['policy'],
  gateway: Context['gateway'],
): number | null {
  if (follow !== null) return follow.retryAt;
  if (presence.kind === 'offline-code') return gateway === 'up' ? presence.followUpAt : null;
  return presence.session.endsAt - renewalLeadMs(policy);
}

/** The number to choose on the phone for what was asked for beside the session; undefined while there is none. */
export function numberOf(follow: Follow | null): string | undefined {
  const prompt = follow?.session?.prompt;
  return prompt?.kind === 'number' ? prompt.number : undefined;
}

/**
 * Asks the phone beside the running session. Asked once: a renewal that was not answered ends in the lock it was to avoid. Only one that never
 * reached the phone is tried again (`retryRenewal`).
 */
export function startFollow(
  machine: Machine,
  state: Present,
  purpose: Follow['purpose'],
  deadline: number,
  moment: Moment,
): Transition {
  if (state.presence.kind === 'offline-code' && purpose.kind === 'renewal')
    return askToTakeOver(machine, state, state.presence, deadline, moment);
  const attempt = purpose.kind === 'renewal' ? (state.follow?.attempt ?? 0) + 1 : 1;
  const started = tryStart(machine.context, purpose.kind, attempt, moment);
  const follow: Follow = { purpose, start: null, session: null, deadline, attempt, retryAt: null };
  if (typeof started === 'string') {
    return become(machine, { ...state, follow }, [
      { type: 'notify', notification: { kind: 'problem', code: started } },
    ]);
  }
  const notification =
    purpose.kind === 'pause'
      ? ({ kind: 'pause-needs-approval' } as const)
      : ({ kind: 'ask-again', endsInMs: deadline - moment.now } as const);
  return become(
    machine,
    { ...state, follow: { ...follow, start: started.start } },
    [...started.effects, { type: 'notify', notification }],
    started.context,
  );
}

/**
 * The phone was not reached, and there is time to try again: quietly, since nobody has to do anything yet. As often as for one unlock (S7);
 * `tryStart` keeps to the hour.
 *
 * @returns null where it is not to be tried again
 */
export function retryRenewal(
  machine: Machine,
  state: Attended,
  refused: { readonly code: string; readonly retryable: boolean },
  { now, policy }: Moment,
): Transition | null {
  const { follow, presence } = state;
  if (follow === null || follow.purpose.kind !== 'renewal' || presence.kind !== 'session') return null;
  // A limit of the gateway's is no fault that passes: asking on would be what it is there to stop.
  if (!refused.retryable || refused.code === 'RATE_LIMITED' || follow.attempt >= policy.maxAttemptsPerUnlock)
    return null;
  const retryAt = now + renewalLeadMs(policy) * RENEWAL_RETRY_SHARE;
  if (retryAt >= presence.session.endsAt) return null;
  return become(
    machine,
    { ...state, follow: { ...follow, start: null, session: null, retryAt } },
    withdrawAsking(follow),
  );
}

/** Quietly: whether the phone can be asked at all shows in the answer, and the person is told then. */
function askToTakeOver(
  machine: Machine,
  state: Present,
  presence: Extract<Presence, { kind: 'offline-code' }>,
  deadline: number,
  moment: Moment,
): Transition {
  const tried = { ...state, presence: { ...presence, followUpAt: moment.now + followUpIntervalMs(moment.policy) } };
  const started = tryStart(machine.context, 'renewal', 1, moment);
  if (typeof started === 'string') return become(machine, tried);
  const purpose = { kind: 'renewal' } as const;
  const follow: Follow = { purpose, start: started.start, session: null, deadline, attempt: 1, retryAt: null };
  return become(machine, { ...tried, follow }, started.effects, started.context);
}

export const endUnanswered = (sessionId: string): Effect => ({ type: 'endSession', sessionId, reason: 'timeout' });

/** Nobody answered the request beside the session. A pause is off the table; a renewal stays marked as tried. */
export function dropFollow(machine: Machine, state: Attended): Transition {
  const { follow } = state;
  if (follow === null) return stay(machine);
  const effects: readonly Effect[] = [
    ...(follow.session === null ? [] : [endUnanswered(follow.session.sessionId)]),
    ...withdrawAsking(follow),
  ];
  const rest: Follow | null =
    follow.purpose.kind === 'pause' ? null : { ...follow, start: null, session: null, retryAt: null };
  return become(machine, { ...state, follow: rest }, effects);
}
