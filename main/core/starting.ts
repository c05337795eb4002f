import type { StartReason } from '../../protocol/frames.ts';
import type { Context, Effect, LockState, Machine, PendingStart, StartProblem, Transition } from './lock-types.ts';
import { become, type Moment } from './step.ts';

/** Window of policy `maxStartsPerHour` (S7). */
export const STARTS_WINDOW_MS = 60 * 60 * 1_000;
/** The phone is asked to take over from an offline code no more often than this. */
const FOLLOW_UP_INTERVAL_MS = 5 * 60_000;
/** Share of an hour's starts that taking over may use: the rest is for unlocking. */
const FOLLOW_UP_SHARE = 0.5;

/** Where the gateway is up and the service is not, nothing announces the service's return: it is tried now and then. */
export const followUpIntervalMs = ({ maxStartsPerHour }: Moment['policy']): number =>
  Math.max(FOLLOW_UP_INTERVAL_MS, STARTS_WINDOW_MS / (maxStartsPerHour * FOLLOW_UP_SHARE));

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
  if (state.attempt >= moment.policy.maxAttemptsPerUnlock) return stayUnasked(machine, state, 'NO_ATTEMPTS_LEFT');
  const attempt = state.attempt + 1;
  const started = tryStart(machine.context, reason, attempt, moment);
  if (typeof started === 'string') return stayUnasked(machine, state, started);
  return become(
    machine,
    { ...state, start: started.start, session: null, attempt, problem: null },
    started.effects,
    started.context,
  );
}

/** A limit of ours does not hide that the service is out of reach: that is what the lock's cause and an offline code rest on. */
function stayUnasked(
  machine: Machine,
  state: Verifying,
  code: 'NO_ATTEMPTS_LEFT' | 'GATEWAY_UNREACHABLE' | 'RATE_LIMITED',
): Transition {
  const { problem } = state;
  if (code !== 'GATEWAY_UNREACHABLE' && problem !== null && isServiceTrouble(problem.code))
    return become(machine, { ...state, problem: { ...problem, retryAt: null } });
  const { serviceTrouble } = machine.context;
  // It was out of reach the last time it was asked, and must not be asked now: still out of reach, as far as anybody knows.
  if (code === 'RATE_LIMITED' && serviceTrouble !== null)
    return become(machine, { ...state, problem: { code: serviceTrouble, retryable: true, retryAt: null } });
  return become(machine, { ...state, problem: { code, retryable: code === 'GATEWAY_UNREACHABLE', retryAt: null } });
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

/** Whether a code says that the service itself could not be asked: then its answer is no news of the person. */
export const isServiceTrouble = (code: string | undefined): code is string => code?.startsWith('PROVIDER_') === true;

/** The gateway itself says that it has no network: that is not the service's silence. */
const NO_NETWORK = 'PROVIDER_NO_NETWORK';

/** Which of two things keeps news of the phone away. */
export const causeOfSilence = ({ gateway, serviceTrouble }: Context): 'gateway-unreachable' | 'service-silent' =>
  gateway === 'down' || serviceTrouble === NO_NETWORK ? 'gateway-unreachable' : 'service-silent';

/** What a refused start says about the service. Limits of our own and of the gateway say nothing about it. */
export function troubleAfterRefusal(before: string | null, code: string): string | null {
  if (isServiceTrouble(code)) return code;
  return code === 'GATEWAY_UNREACHABLE' || code === 'RATE_LIMITED' ? before : null;
}

/** A request is on its way to the phone and the service fell silent, or answers again: the person must know which of the two. */
export function problemAfterAnswer(before: StartProblem | null, reason: string | undefined): StartProblem | null {
  if (isServiceTrouble(reason)) return { code: reason, retryable: true, retryAt: null };
  return isServiceTrouble(before?.code) ? null : before;
}

/** Records that a start is gone without a state change. */
export const refusalAudit = (code: string): Effect => ({ type: 'audit', entry: { what: 'approval-refused', code } });
