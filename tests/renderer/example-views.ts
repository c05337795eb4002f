import { type HistoryEntry, HistoryEntrySchema, type ViewModel } from '../../protocol/view-model.ts';

/** View models as main publishes them, one for every state a screen can be in. Times hang on one given moment. */
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export const APPROVAL_LINK = 'https://mfa.authsignal.com/?token=eyJhbGciOiJIUzI1NiJ9.example.Yz3n7kQ0';

const CONSOLE_WAY_ON =
  'If this set-up is broken, “presence-locker disable” from a console or SSH login of this account stops guarding.';
const UNCONFIRMED =
  'It is tried again every few seconds. Until it is seen, treat this workstation as open and lock it by hand.';

const NO_ACTIONS: ViewModel['actions'] = {
  lockNow: false,
  askAgain: false,
  attemptsLeft: 0,
  pause: false,
  maxPauseMinutes: 60,
  recoveryCode: false,
  enroll: false,
};

export function exampleViews(now: number) {
  const history: HistoryEntry[] = [
    {
      atWall: now - 14 * MINUTE_MS,
      mark: 'present',
      about: ['approval'],
      title: 'Approved on your phone',
      detail: 'The cover came down',
    },
    {
      atWall: now - 22 * MINUTE_MS,
      mark: 'locked',
      about: ['lock'],
      title: 'Your phone left',
      detail: 'No sign of it for 10 s after the warning',
    },
    {
      atWall: now - 3 * HOUR_MS,
      mark: 'locked',
      about: ['lock', 'problem'],
      title: 'Network lost',
      detail: 'The gateway could not be reached for 30 seconds',
    },
    {
      atWall: now - DAY_MS - HOUR_MS,
      mark: 'locked',
      about: ['lock'],
      title: 'You locked it',
      detail: 'From the tray',
    },
    {
      atWall: now - 9 * DAY_MS,
      mark: 'paused',
      about: ['approval'],
      title: 'You paused it',
      detail: 'For 30 minutes, approved on your phone',
    },
    {
      atWall: now - 9 * DAY_MS - HOUR_MS,
      mark: 'unenrolled',
      about: [],
      title: 'Settings were changed',
      detail: '“Time to come back”',
    },
  ];
  /** A long record: every third entry a lock, with a gap told among them. */
  const longHistory: HistoryEntry[] = Array.from({ length: 30 }, (_, at) => ({
    ...(history[at % 3] ?? history[0]),
    atWall: now - at * HOUR_MS,
  })).flatMap((entry) => HistoryEntrySchema.parse(entry));
  const service: NonNullable<ViewModel['service']> = {
    title: 'IAMPASS',
    via: 'via this computer',
    reachable: true,
    proximity: true,
  };
  const base: ViewModel = {
    state: 'verifying',
    mark: 'verifying',
    headline: 'Approve on your phone',
    detail: 'This workstation locks itself in {countdown}.',
    workstation: 'DESK-0412',
    countdown: { endsInMs: 48 * SECOND_MS, totalMs: 60 * SECOND_MS },
    prompt: { kind: 'phone' },
    sinceWall: now - 12 * SECOND_MS,
    session: null,
    lastHeardAtWall: now - 2 * SECOND_MS,
    service,
    actions: { ...NO_ACTIONS, lockNow: true, askAgain: true, attemptsLeft: 2 },
    problem: null,
    trial: false,
    disabledSinceWall: null,
    history,
  };
  const calm = { countdown: null, prompt: null } as const;
  const present: ViewModel = {
    ...base,
    ...calm,
    state: 'present',
    mark: 'present',
    headline: 'You’re here',
    detail: 'This workstation stays open while your phone is near.',
    sinceWall: now - 14 * MINUTE_MS,
    session: {
      approvedAtWall: now - 14 * MINUTE_MS,
      endsInMs: 46 * MINUTE_MS,
      endsAtWall: now + 46 * MINUTE_MS,
      asksAgainAtWall: now + 45 * MINUTE_MS,
      byOfflineCode: false,
    },
    actions: { ...NO_ACTIONS, lockNow: true, pause: true, enroll: true },
  };
  return {
    verifying: base,
    number: {
      ...base,
      detail: 'Choose 47 on your phone. This workstation locks itself in {countdown}.',
      prompt: { kind: 'number', number: '47' },
    },
    link: { ...base, headline: 'Scan this with your phone', prompt: { kind: 'link', url: APPROVAL_LINK } },
    code: {
      ...base,
      headline: 'Type the code from your phone',
      prompt: { kind: 'code', label: 'Code from the Authenticator app', length: 6 },
    },
    longWait: { ...base, countdown: { endsInMs: 287 * SECOND_MS, totalMs: 300 * SECOND_MS } },
    trial: { ...base, trial: true, service: { ...service, title: 'IAMPASS (simulated)' } },
    /** Word for word what main/core/view-model.ts says: headline and title repeat each other. */
    unreachable: {
      ...base,
      headline: 'The gateway cannot be reached',
      detail: 'Use a recovery code, or this workstation locks itself in {countdown}.',
      prompt: null,
      mark: 'problem',
      lastHeardAtWall: now - 4 * MINUTE_MS,
      service: { ...service, reachable: false },
      actions: { ...base.actions, recoveryCode: true },
      problem: { code: 'GATEWAY_UNREACHABLE', title: 'The gateway cannot be reached.', detail: CONSOLE_WAY_ON },
    },
    noPhone: {
      ...base,
      headline: 'No phone to ask',
      detail: 'The service knows no phone of yours. This workstation locks itself in {countdown}.',
      prompt: null,
      mark: 'problem',
      problem: {
        code: 'no-mobile-device',
        title: 'Your phone is not registered any more',
        detail: 'It was removed at the service, or the app was reinstalled.',
      },
    },
    rateLimited: {
      ...base,
      headline: 'Asked too often',
      detail: 'Your phone was asked 20 times in the last hour. This workstation locks itself in {countdown}.',
      prompt: null,
      mark: 'problem',
      actions: { ...base.actions, askAgain: false, attemptsLeft: 0 },
      problem: {
        code: 'rate-limited',
        title: 'No more requests for now',
        detail: 'Your phone can be asked again in 12 minutes.',
      },
    },
    locking: {
      ...base,
      ...calm,
      state: 'locking',
      mark: 'locked',
      headline: 'Locking…',
      detail: 'Your phone denied the request.',
      actions: NO_ACTIONS,
    },
    alarm: {
      ...base,
      ...calm,
      state: 'locking',
      mark: 'problem',
      headline: 'The lock could not be confirmed',
      detail: UNCONFIRMED,
      actions: NO_ACTIONS,
      problem: { code: 'LOCK_UNCONFIRMED', title: 'The lock could not be confirmed', detail: UNCONFIRMED },
    },
    locked: {
      ...base,
      ...calm,
      state: 'locked',
      mark: 'locked',
      headline: 'Locked',
      detail: 'Your phone left at 08:52. Unlock this workstation and approve on your phone.',
      sinceWall: now - 22 * MINUTE_MS,
      actions: NO_ACTIONS,
    },
    unlocking: {
      ...base,
      ...calm,
      state: 'unlocking',
      mark: 'verifying',
      headline: 'Approved',
      detail: 'Unlocking this workstation.',
      actions: { ...NO_ACTIONS, lockNow: true },
    },
    present,
    presentLong: { ...present, history: longHistory },
    presentQuiet: { ...present, history: [] },
    presentTrial: { ...present, trial: true },
    presentNoProximity: {
      ...present,
      detail: 'This workstation stays open until the session ends.',
      service: { title: 'Authsignal', via: 'via gateway.example.org', reachable: true, proximity: false },
    },
    presentRenewal: {
      ...present,
      detail: 'Choose 47 on your phone to stay longer.',
      prompt: { kind: 'number', number: '47' },
      session: {
        approvedAtWall: now - 59 * MINUTE_MS,
        endsInMs: MINUTE_MS,
        endsAtWall: now + MINUTE_MS,
        asksAgainAtWall: null,
        byOfflineCode: false,
      },
    },
    presentByCode: {
      ...present,
      session: {
        approvedAtWall: now - MINUTE_MS,
        endsInMs: 59 * MINUTE_MS,
        endsAtWall: now + 59 * MINUTE_MS,
        asksAgainAtWall: null,
        byOfflineCode: true,
      },
    },
    presentProblem: {
      ...present,
      problem: {
        code: 'keychain-locked',
        title: 'The keychain is locked',
        detail: 'Unlock it, or this workstation cannot ask your phone after the next restart.',
      },
    },
    leaving: {
      ...present,
      state: 'leaving',
      mark: 'leaving',
      headline: 'Your phone is leaving',
      detail: 'This workstation locks in {countdown} unless it comes back.',
      countdown: { endsInMs: 8 * SECOND_MS, totalMs: 10 * SECOND_MS },
      actions: { ...NO_ACTIONS, lockNow: true },
    },
    paused: {
      ...present,
      state: 'paused',
      mark: 'paused',
      headline: 'Paused',
      detail: 'Guarding starts again in {countdown} and asks your phone.',
      countdown: { endsInMs: 27 * MINUTE_MS, totalMs: 30 * MINUTE_MS },
      actions: { ...NO_ACTIONS, lockNow: true },
    },
    unenrolled: {
      ...base,
      ...calm,
      state: 'unenrolled',
      mark: 'unenrolled',
      headline: 'Nobody is enrolled',
      detail: 'This workstation is not guarded. Set up your phone, or try it first without an account.',
      lastHeardAtWall: null,
      service: null,
      history: [],
      actions: { ...NO_ACTIONS, enroll: true },
    },
    disabled: {
      ...present,
      state: 'unenrolled',
      mark: 'unenrolled',
      headline: 'Guarding is off',
      detail: 'Nothing locks this workstation until “presence-locker enable” is run from a console.',
      session: null,
      actions: { ...NO_ACTIONS, enroll: true },
      disabledSinceWall: now - DAY_MS - 2 * HOUR_MS,
    },
  } satisfies Record<string, ViewModel>;
}
