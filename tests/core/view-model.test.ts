import { describe, expect, it } from 'vitest';
import { historyEntry } from '../../main/core/history.ts';
import { LOCK_CAUSES, type LockEvent, type Machine } from '../../main/core/lock-types.ts';
import { LOCK_SENTENCES, notificationText, problemSentence } from '../../main/core/sentences.ts';
import { initialMachine, transition } from '../../main/core/transition.ts';
import { type ViewFacts, viewModel } from '../../main/core/view-model.ts';
import { ERROR_CODES } from '../../protocol/error-codes.ts';
import { DEFAULT_POLICY, type Policy } from '../../protocol/policy.ts';
import { ViewModelSchema } from '../../protocol/view-model.ts';

const FACTS: ViewFacts = {
  workstation: 'DESK-0412',
  capabilities: {
    title: 'IAMPASS',
    proximity: true,
    push: false,
    prompts: ['phone'],
    enrollment: ['link', 'sms'],
    lostDevice: true,
    durations: true,
    methods: [],
    simulated: false,
  },
  via: 'this computer',
  trial: false,
  disabledSinceWall: null,
  problem: null,
  recoveryCodes: false,
  withoutGateway: null,
  history: [],
};
const WORDS = { policy: DEFAULT_POLICY, settingTitle: (setting: string) => setting };
const T0 = 50_000;
const NOW = { monotonicMs: T0, wallMs: 1_700_000_000_000 };

function machineAfter(events: readonly LockEvent[]): Machine {
  return events.reduce((machine, event) => transition(machine, event, DEFAULT_POLICY).machine, initialMachine('r', 2));
}

const UP: LockEvent = { type: 'gateway.up', approvableUnseen: true, at: T0 };
const ENROLLED: LockEvent = {
  type: 'enrollment.changed',
  at: T0,
  enrollment: { userId: 'user-secret-ish', deviceId: 'device-id' },
};
const STARTED: LockEvent = { type: 'session.started', at: T0, requestId: 'r.1', sessionId: 'session-id' };
const ACTIVE: LockEvent = {
  type: 'session.status',
  at: T0,
  sessionId: 'session-id',
  seq: 1,
  status: 'active',
  validForMs: 15_000,
  asOf: T0,
};
const LEFT: LockEvent = {
  type: 'session.status',
  at: T0,
  sessionId: 'session-id',
  seq: 2,
  status: 'walkaway',
  validForMs: 0,
  asOf: T0,
};

describe('the view model', () => {
  it('fits its schema in every state of the story', () => {
    const story = [
      UP,
      ENROLLED,
      STARTED,
      ACTIVE,
      LEFT,
      { type: 'user.lockNow', from: 'tray', at: T0 },
      { type: 'os.locked', evidence: 'x', at: T0 },
    ] as const;
    story.forEach((_event, index) => {
      const view = viewModel(machineAfter(story.slice(0, index + 1)), DEFAULT_POLICY, FACTS, NOW);
      expect(ViewModelSchema.safeParse(view).error).toBeUndefined();
    });
  });

  it('names neither user, device nor session', () => {
    const view = JSON.stringify(viewModel(machineAfter([UP, ENROLLED, STARTED, ACTIVE]), DEFAULT_POLICY, FACTS, NOW));
    for (const id of ['user-secret-ish', 'device-id', 'session-id']) expect(view).not.toContain(id);
  });

  it('counts down to the lock while verifying and while leaving', () => {
    const verifying = viewModel(machineAfter([UP, ENROLLED]), DEFAULT_POLICY, FACTS, {
      ...NOW,
      monotonicMs: T0 + 12_000,
    });
    expect(verifying.countdown).toEqual({ endsInMs: 48_000, totalMs: 60_000 });
    const leaving = viewModel(machineAfter([UP, ENROLLED, STARTED, ACTIVE, LEFT]), DEFAULT_POLICY, FACTS, NOW);
    expect(leaving).toMatchObject({
      state: 'leaving',
      mark: 'leaving',
      headline: 'Your phone left',
      countdown: { endsInMs: 10_000, totalMs: 10_000 },
    });
  });

  it('names a locked keychain where that is why there is no gateway, and no longer once there is one', () => {
    const withoutGateway = { code: 'keychain-locked', title: 'The keychain is locked', detail: 'Unlock it to go on.' };
    const now = { monotonicMs: T0, wallMs: 1_700_000_000_000 };
    const seen = (events: readonly LockEvent[]) =>
      viewModel(machineAfter(events), DEFAULT_POLICY, { ...FACTS, withoutGateway }, now);
    const locked = seen([ENROLLED]);
    expect(locked.headline).toBe('The keychain is locked');
    expect(locked.detail).toMatch(/\{countdown\}\. Unlock it to go on\. If this set-up is broken/);
    expect(locked.problem).toMatchObject({ code: 'keychain-locked', title: 'The keychain is locked' });
    expect(seen([UP, ENROLLED]).headline).toBe('Approve on your phone');
  });

  it('says that the gateway cannot be reached, and the way out of a broken set-up', () => {
    const view = viewModel(machineAfter([ENROLLED]), DEFAULT_POLICY, FACTS, NOW);
    expect(view.headline).toBe('The gateway cannot be reached');
    expect(view.detail).toContain('presence-locker disable');
    expect(view.actions.askAgain).toBe(false);
  });

  it('promises no way out that the policy forbids', () => {
    const view = viewModel(machineAfter([ENROLLED]), { ...DEFAULT_POLICY, allowDisable: false }, FACTS, NOW);
    expect(view.detail).toContain('does not accept “presence-locker disable”');
    expect(view.detail).not.toContain('stops guarding');
  });

  it('names the way out beside any problem while the cover is in the way, and only then', () => {
    const facts = { ...FACTS, problem: { code: 'x', title: 'The keychain is locked', detail: 'Unlock it.' } };
    const covered = viewModel(machineAfter([UP, ENROLLED]), DEFAULT_POLICY, facts, NOW);
    expect(covered.problem?.detail).toMatch(/^Unlock it\. .*presence-locker disable/);
    const present = viewModel(machineAfter([UP, ENROLLED, STARTED, ACTIVE]), DEFAULT_POLICY, facts, NOW);
    expect(present.problem).toEqual(facts.problem);
  });

  it('does not call a service reachable whose gateway answers and which does not', () => {
    const silent: LockEvent = { type: 'timer.fired', at: T0 + 20_000 };
    const view = viewModel(machineAfter([UP, ENROLLED, STARTED, ACTIVE, silent]), DEFAULT_POLICY, FACTS, {
      ...NOW,
      monotonicMs: T0 + 20_000,
    });
    expect(view).toMatchObject({ headline: 'The service went silent', service: { reachable: false } });
  });

  it('says of a simulated service that it is one', () => {
    const { capabilities } = FACTS;
    if (capabilities === null) throw new Error('the facts have no service');
    const facts = { ...FACTS, capabilities: { ...capabilities, simulated: true } };
    const view = viewModel(machineAfter([UP, ENROLLED]), DEFAULT_POLICY, facts, NOW);
    expect(view.service?.title).toBe('IAMPASS (simulated)');
  });

  describe('while the phone cannot be asked', () => {
    const withCodes = { ...DEFAULT_POLICY, offline: 'code' } as const;
    const trouble = (code: string): LockEvent => ({ ...ACTIVE, status: 'pending', validForMs: 0, reason: code });
    const refused = (code: string): LockEvent => ({
      type: 'session.refused',
      at: T0,
      requestId: 'r.1',
      code,
      retryable: true,
    });
    const shown = (events: readonly LockEvent[], recoveryCodes = true, policy: Policy = withCodes) =>
      viewModel(machineAfter(events), policy, { ...FACTS, recoveryCodes }, NOW);

    it.each([
      [
        'the gateway is gone',
        [UP, ENROLLED, { type: 'gateway.down', reason: 'x', at: T0 }],
        'The gateway cannot be reached',
      ],
      [
        'the network is down',
        [UP, ENROLLED, refused('PROVIDER_NO_NETWORK')],
        'The network is down between here and the service',
      ],
      ['the service is out of reach', [UP, ENROLLED, refused('PROVIDER_UNREACHABLE')], 'The service cannot be reached'],
      [
        'the service has a fault',
        [UP, ENROLLED, refused('PROVIDER_UNAVAILABLE')],
        'The service has a fault of its own',
      ],
      [
        'the phone was asked before',
        [UP, ENROLLED, STARTED, trouble('PROVIDER_UNREACHABLE')],
        'The service cannot be reached',
      ],
    ] as const)('because %s, it says so and offers a code', (_why, events, headline) => {
      const view = shown(events);
      expect(view).toMatchObject({ mark: 'problem', headline, actions: { recoveryCode: true } });
      expect(view.detail).toBe('Use a recovery code, or this workstation locks itself in {countdown}.');
      expect(view.problem?.detail).toContain('presence-locker disable');
    });

    it('it offers none where none was made or the policy allows none, and says what happens instead', () => {
      for (const view of [shown([ENROLLED], false), shown([ENROLLED], true, DEFAULT_POLICY)]) {
        expect(view.actions.recoveryCode).toBe(false);
        expect(view.detail).toContain('This workstation locks itself in {countdown}.');
      }
    });

    it('and none while it can be: a silent phone is not a silent service', () => {
      const view = shown([UP, ENROLLED, STARTED, { ...ACTIVE, status: 'pending', validForMs: 0 }]);
      expect(view).toMatchObject({
        headline: 'Approve on your phone',
        actions: { recoveryCode: false },
        problem: null,
      });
    });
  });

  it('says when a lock could not be confirmed instead of saying locked', () => {
    const machine = machineAfter([
      UP,
      ENROLLED,
      STARTED,
      ACTIVE,
      { type: 'user.lockNow', from: 'tray', at: T0 },
      { type: 'timer.fired', at: T0 + 3_000 },
      { type: 'timer.fired', at: T0 + 6_000 },
    ]);
    const view = viewModel(machine, DEFAULT_POLICY, FACTS, NOW);
    expect(view).toMatchObject({ state: 'locking', mark: 'problem', problem: { code: 'LOCK_UNCONFIRMED' } });
  });

  it('says when the session ends and when it asks again', () => {
    const view = viewModel(machineAfter([UP, ENROLLED, STARTED, ACTIVE]), DEFAULT_POLICY, FACTS, NOW);
    expect(view.session).toEqual({
      approvedAtWall: NOW.wallMs,
      endsInMs: 3_600_000,
      endsAtWall: NOW.wallMs + 3_600_000,
      asksAgainAtWall: NOW.wallMs + 3_540_000,
      byOfflineCode: false,
    });
  });
});

describe('the four causes of silence', () => {
  it('each have a title and a detail of their own after the lock', () => {
    const causes = ['walkaway', 'approval-timeout', 'gateway-unreachable', 'service-silent'] as const;
    const told = causes.map((cause) => LOCK_SENTENCES[cause]);
    expect(told.map(({ title }) => title)).toEqual([
      'Your phone left',
      'No answer from your phone',
      'Network lost',
      'The service went silent',
    ]);
    expect(new Set(told.map(({ detail }) => detail(DEFAULT_POLICY))).size).toBe(4);
  });
});

describe('sentences', () => {
  it('tell every cause of a lock apart', () => {
    const titles = LOCK_CAUSES.map((cause) => LOCK_SENTENCES[cause].title);
    expect(new Set(titles).size).toBe(titles.length);
  });

  it('never show a code, and never shout', () => {
    const said = [
      ...LOCK_CAUSES.flatMap((cause) => [LOCK_SENTENCES[cause].title, LOCK_SENTENCES[cause].detail(DEFAULT_POLICY)]),
      ...Object.keys(ERROR_CODES).map(problemSentence),
      problemSentence('SOMETHING_FROM_THE_FUTURE'),
      notificationText({ kind: 'leaving', cause: 'service-silent', lockInMs: 30_000 }).body,
    ];
    for (const sentence of said) {
      expect(sentence).not.toMatch(/[A-Z]{2,}_[A-Z]|!/);
      expect(sentence.length).toBeGreaterThan(5);
    }
  });

  it('give every lock one line in the history', () => {
    const asked = historyEntry({ what: 'lock-requested', cause: 'walkaway', evidence: 'x' }, 7, WORDS);
    expect(asked).toEqual({
      atWall: 7,
      mark: 'locked',
      about: ['lock'],
      title: 'Your phone left',
      detail: 'No sign of it for 10 seconds after the warning',
    });
    expect(historyEntry({ what: 'lock-observed', cause: 'walkaway', evidence: 'x' }, 8, WORDS)).toBeNull();
    expect(historyEntry({ what: 'lock-observed', cause: 'os-lock', evidence: 'x' }, 8, WORDS)?.mark).toBe('locked');
  });
});
