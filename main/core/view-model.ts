import type { Capabilities, Prompt } from '../../protocol/frames.ts';
import type { Policy } from '../../protocol/policy.ts';
import { assertNever } from '../../protocol/result.ts';
import type { HistoryEntry, Mark, ViewModel } from '../../protocol/view-model.ts';
import { numberOf, renewalAt } from './follow.ts';
import type { Follow, LockState, Machine, Presence, Session } from './lock-types.ts';
import { refusalOfOfflineCodes } from './on-offline-code.ts';
import {
  howToApprove,
  LEAVING_SENTENCES,
  LOCK_SENTENCES,
  problemAdvice,
  problemSentence,
  serviceTitle,
} from './sentences.ts';
import { isServiceTrouble } from './starting.ts';

/** What the screens need beside the machine; gathered by the composition root. */
export interface ViewFacts {
  readonly workstation: string;
  readonly capabilities: Capabilities | null;
  /** "this computer", or the host of a shared gateway. */
  readonly via: string;
  readonly trial: boolean;
  readonly disabledSinceWall: number | null;
  /** A problem outside the state machine (keychain locked, Wayland limits, bad policy file). */
  readonly problem: ViewModel['problem'];
  readonly recoveryCodes: boolean;
  /** Why no gateway could be brought up, where more is known than that it cannot be reached (a locked keychain). */
  readonly withoutGateway: ViewModel['problem'];
  readonly history: readonly HistoryEntry[];
}

interface Now {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/** Promised only where the policy keeps the promise; the pages add none of their own. */
const wayOutSentence = ({ allowDisable }: Policy): string =>
  allowDisable
    ? 'If this set-up is broken, “presence-locker disable” from a console or SSH login of this account stops guarding.'
    : 'If this set-up is broken, whoever manages this computer can help: it does not accept “presence-locker disable”.';

/** The machine as a page sees it. Pure; holds no secret. */
export function viewModel(machine: Machine, policy: Policy, facts: ViewFacts, now: Now): ViewModel {
  const { state, context } = machine;
  const toWall = (monotonicMs: number): number => now.wallMs + (monotonicMs - now.monotonicMs);
  const words = wordsFor(machine, policy, facts);
  const attemptsLeft = state.name === 'verifying' ? Math.max(0, policy.maxAttemptsPerUnlock - state.attempt) : 0;
  return {
    state: state.name,
    mark: words.mark,
    headline: words.headline,
    detail: words.detail,
    workstation: facts.workstation,
    countdown: countdownOf(state, policy, now.monotonicMs),
    prompt: promptOf(state),
    sinceWall: toWall(state.since),
    session: sessionOf(state, policy, now, toWall),
    lastHeardAtWall: context.lastHeardAt === null ? null : toWall(context.lastHeardAt),
    service:
      facts.capabilities === null
        ? null
        : {
            title: serviceTitle(facts.capabilities),
            via: facts.via,
            reachable: isServiceAnswering(machine),
            proximity: facts.capabilities.proximity,
          },
    actions: {
      lockNow: state.name !== 'unenrolled' && state.name !== 'locked' && state.name !== 'locking',
      askAgain: state.name === 'verifying' && state.start === null && attemptsLeft > 0 && context.gateway === 'up',
      attemptsLeft,
      pause: state.name === 'present' && policy.maxPauseMinutes > 0 && !isAsking(state.follow),
      maxPauseMinutes: policy.maxPauseMinutes,
      recoveryCode: offersCode(machine, policy, facts),
      enroll: state.name === 'unenrolled' || state.name === 'present',
    },
    problem: words.problem ?? problemBeside(state, policy, facts),
    trial: facts.trial,
    disabledSinceWall: facts.disabledSinceWall,
    history: [...facts.history],
  };
}

/** The gateway may be there while the service behind it is not. */
function isServiceAnswering({ state, context }: Machine): boolean {
  if (context.gateway === 'down') return false;
  if (state.name === 'verifying') return !isServiceTrouble(state.problem?.code);
  return state.name !== 'leaving' || state.cause !== 'service-silent';
}

/** With the cover in the way, any problem comes with the way out of it. */
function problemBeside(state: LockState, policy: Policy, { problem }: ViewFacts): ViewModel['problem'] {
  if (problem === null || state.name !== 'verifying') return problem;
  return { ...problem, detail: `${problem.detail} ${wayOutSentence(policy)}` };
}

/** Only while the phone cannot be asked: a code beside a request that is on its way would be a way around the person. */
const offersCode = (machine: Machine, policy: Policy, facts: ViewFacts): boolean =>
  facts.recoveryCodes && refusalOfOfflineCodes(machine, policy) === null;

const isAsking = (follow: Follow | null): boolean =>
  follow !== null && (follow.start !== null || follow.session !== null);

interface Words {
  readonly mark: Mark;
  readonly headline: string;
  readonly detail: string;
  readonly problem: ViewModel['problem'];
}

function wordsFor(machine: Machine, policy: Policy, facts: ViewFacts): Words {
  const { state, context } = machine;
  const plain = (mark: Mark, headline: string, detail: string): Words => ({ mark, headline, detail, problem: null });
  switch (state.name) {
    case 'unenrolled':
      return facts.disabledSinceWall === null
        ? plain('unenrolled', 'Nobody is enrolled', 'Add your phone, and this workstation locks when you leave.')
        : plain(
            'unenrolled',
            'Guarding is off',
            'Nothing locks this workstation until “presence-locker enable” is run from a console.',
          );
    case 'locked':
      return plain('locked', 'Locked', `${LOCK_SENTENCES[state.cause].title}. Unlock to ask your phone.`);
    case 'locking': {
      const cause = LOCK_SENTENCES[state.cause].title;
      if (!state.alarmed) return plain('locked', 'Locking', `${cause}.`);
      const title = 'The lock could not be confirmed';
      const detail =
        'It is tried again every few seconds. Until it is seen, treat this workstation as open and lock it by hand.';
      return { mark: 'problem', headline: title, detail, problem: { code: 'LOCK_UNCONFIRMED', title, detail } };
    }
    case 'verifying':
      return wordsWhileVerifying(
        state,
        context.gateway,
        wayOutSentence(policy),
        offersCode(machine, policy, facts),
        facts.withoutGateway,
      );
    case 'present':
      return isAsking(state.follow)
        ? plain(
            'present',
            'You’re here',
            `${howToApprove(numberOf(state.follow))} to ${state.follow?.purpose.kind === 'pause' ? 'pause' : 'stay longer'}.`,
          )
        : plain(
            'present',
            'You’re here',
            state.presence.kind === 'session' ? 'Approved on your phone' : 'Let in with a code, without the phone',
          );
    case 'leaving':
      return plain('leaving', LEAVING_SENTENCES[state.cause], comeBackSentence(state.cause));
    case 'unlocking':
      return plain('verifying', 'Approved', 'Unlocking this workstation.');
    case 'paused':
      return plain('paused', 'Paused', 'Guarding goes on in {countdown}.');
    default:
      return assertNever(state, 'state');
  }
}

function comeBackSentence(cause: Extract<LockState, { name: 'leaving' }>['cause']): string {
  return cause === 'walkaway'
    ? 'Bring your phone back, or this workstation locks in {countdown}.'
    : 'Without an answer this workstation locks in {countdown}.';
}

function wordsWhileVerifying(
  state: Extract<LockState, { name: 'verifying' }>,
  gateway: 'up' | 'down',
  wayOut: string,
  withCode: boolean,
  withoutGateway: ViewModel['problem'],
): Words {
  const locksIn = 'This workstation locks itself in {countdown}.';
  const code = gateway === 'down' ? 'GATEWAY_UNREACHABLE' : state.problem?.code;
  // A request that is on the phone may still be answered while the person is told what is wrong; what is out of reach cannot.
  if (code !== undefined && (state.session === null || code === 'GATEWAY_UNREACHABLE' || isServiceTrouble(code))) {
    const known = code === 'GATEWAY_UNREACHABLE' ? withoutGateway : null;
    const title = known?.title ?? problemSentence(code);
    const wayOn = problemAdvice(code) ?? wayOut;
    return {
      mark: 'problem',
      headline: title.replace(/\.$/, ''),
      detail: withCode
        ? 'Use a recovery code, or this workstation locks itself in {countdown}.'
        : `${locksIn} ${known?.detail ?? ''} ${wayOn}`.replace('  ', ' '),
      problem: { code: known?.code ?? code, title, detail: wayOn },
    };
  }
  const prompt = promptOf(state);
  const headline =
    prompt?.kind === 'code'
      ? 'Type the code'
      : prompt?.kind === 'link'
        ? 'Scan this with your phone'
        : howToApprove(prompt?.kind === 'number' ? prompt.number : undefined);
  return { mark: 'verifying', headline, detail: locksIn, problem: null };
}

/** What the person has to do on the phone. Beside the work only a number is shown: it cannot be known otherwise. */
function promptOf(state: LockState): Prompt | null {
  if (state.name === 'present') {
    const number = numberOf(state.follow);
    return number === undefined ? null : { kind: 'number', number };
  }
  return state.name === 'verifying' && state.session !== null ? (state.session.prompt ?? { kind: 'phone' }) : null;
}

function countdownOf(state: LockState, policy: Policy, nowMs: number): ViewModel['countdown'] {
  switch (state.name) {
    case 'verifying':
      return { endsInMs: Math.max(0, state.deadline - nowMs), totalMs: policy.approvalTimeoutMs };
    case 'leaving':
      return { endsInMs: Math.max(0, state.until - nowMs), totalMs: Math.max(1, state.until - state.since) };
    case 'paused':
      return { endsInMs: Math.max(0, state.until - nowMs), totalMs: Math.max(1, state.until - state.since) };
    case 'unenrolled':
    case 'locked':
    case 'locking':
    case 'present':
    case 'unlocking':
      return null;
    default:
      return assertNever(state, 'state');
  }
}

function sessionOf(
  state: LockState,
  policy: Policy,
  now: Now,
  toWall: (monotonicMs: number) => number,
): ViewModel['session'] {
  const attended = state.name === 'present' || state.name === 'leaving' ? state : null;
  if (attended === null) return null;
  const { presence, follow } = attended;
  const asksAt = presence.kind === 'session' ? renewalAt(presence, follow, policy, 'up') : null;
  return {
    ...approvalOf(presence, toWall),
    ...endOfSession(presence, now, toWall),
    asksAgainAtWall: asksAt === null ? null : toWall(asksAt),
    byOfflineCode: presence.kind === 'offline-code',
  };
}

function approvalOf(presence: Presence, toWall: (monotonicMs: number) => number): { approvedAtWall: number | null } {
  const at = presence.kind === 'session' ? presence.session.approvedAt : presence.acceptedAt;
  return { approvedAtWall: at === null ? null : toWall(at) };
}

function endOfSession(
  presence: Presence,
  now: Now,
  toWall: (monotonicMs: number) => number,
): { endsInMs: number | null; endsAtWall: number | null } {
  const endsAt = presence.kind === 'session' ? finiteEnd(presence.session) : presence.leaseUntil;
  return endsAt === null
    ? { endsInMs: null, endsAtWall: null }
    : { endsInMs: Math.max(0, endsAt - now.monotonicMs), endsAtWall: toWall(endsAt) };
}

const finiteEnd = (session: Session): number | null => (Number.isFinite(session.endsAt) ? session.endsAt : null);
