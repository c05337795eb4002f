import type { StartReason } from '../../protocol/frames.ts';
import type { Context, Effect, LockState, Machine, PendingStart, StartProblem, Transition } from './lock-types.ts';
import { become, type Moment, note } from './step.ts';

/** Window of policy `maxStartsPerHour` (S7). */
export const STARTS_WINDOW_MS = 60 * 60 * 1_000;
/** A start that the service could not take is repeated once by itself after this time. */
export const AUTOMATIC_RETRY_MS = 5_000;

type Verifying = Extract<LockState, { name: 'verifying' }>;

interface AllowedStart {
  readonly start: PendingStart;
  readonly context: Pick<Context, 'requests' | 'starts'>;
  readonly effects: readonly Effect[];
}

/**
 * The only place where a session start is made, so the only place where prompt bombing could begin (S7).
 * @returns the start, or the error code that says why there is none.
 */
export function tryStart(
  context: Context,
  reason: StartReason,
  attempt: number,
  { now, policy }: Moment,
): AllowedStart | 'GATEWAY_UNREACHABLE' | 'RATE_LIMITED' {
  if (context.enrollment === null || context.gateway === 'down') return 'GATEWAY_UNREACHABLE';
  const recent = context.starts.filter((at) => now - at < STARTS_WINDOW_MS);
  if (recent.length >= policy.maxStartsPerHour) return 'RATE_LIMITED';
  const requests = context.requests + 1;
  const requestId = `${context.runId}.${requests}`;
  return {
    start: { requestId, reason, sentAt: now },
    context: { requests, starts: [...recent, now] },
    effects: [
      { type: 'audit', entry: { what: 'approval-asked', reason, attempt } },
      {
        type: 'startSession',
        requestId,
        userId: context.enrollment.userId,
        reason,
        durationSeconds: policy.maxSessionSeconds,
      },
    ],
  };
}

/** Asks the phone from `verifying`, when an attempt is left; otherwise says on the curtain why not. */
export function askFromVerifying(machine: Machine, state: Verifying, reason: StartReason, moment: Moment): Transition {
  if (state.attempt >= moment.policy.maxAttemptsPerUnlock)
    return stayWith(machine, state, 'NO_ATTEMPTS_LEFT', false, null);
  const attempt = state.attempt + 1;
  const started = tryStart(machine.context, reason, attempt, moment);
  if (typeof started === 'string') return stayWith(machine, state, started, started === 'GATEWAY_UNREACHABLE', null);
  return become(
    machine,
    { ...state, start: started.start, session: null, attempt, problem: null },
    started.effects,
    started.context,
  );
}

function stayWith(
  machine: Machine,
  state: Verifying,
  code: string,
  retryable: boolean,
  retryAt: number | null,
): Transition {
  return become(machine, { ...state, problem: { code, retryable, retryAt } });
}

/** What to show, and when to ask again by itself, after the service did not start an approval. */
export function problemAfterRefusal(
  refused: { readonly code: string; readonly retryable: boolean },
  attempt: number,
  { now, policy }: Moment,
): StartProblem {
  // The last attempt is left to the person: an automatic one must not use it up unseen.
  const again = refused.retryable && attempt + 1 < policy.maxAttemptsPerUnlock;
  return { code: refused.code, retryable: refused.retryable, retryAt: again ? now + AUTOMATIC_RETRY_MS : null };
}

/** Records that a start is gone without a state change. */
export const refusalAudit = (code: string): Effect => ({ type: 'audit', entry: { what: 'approval-refused', code } });

export const withStarts = (machine: Machine, started: AllowedStart): Transition =>
  note(machine, started.context, started.effects);
