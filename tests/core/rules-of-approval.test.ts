import { describe, expect, it } from 'vitest';
import type { StartReason } from '../../protocol/frames.ts';
import { ANOTHER, ENROLLED, Story } from './story.ts';

const HOUR_MS = 3_600_000;
const reasons = (story: Story): StartReason[] => story.of('startSession').map(({ reason }) => reason);
const locked = (story: Story): Story => story.tell({ type: 'os.locked', evidence: 'seen' });
const unlocked = (story: Story): Story => story.tell({ type: 'os.unlocked', evidence: 'seen' });
const code = (story: Story): Story => story.code();
const admitted = (story: Story): boolean => story.of('lowerCurtain').length > 0;

describe('an approval lowers the curtain (S1) only', () => {
  it('while its lease holds: one that was under way for too long admits nobody', () => {
    const story = new Story().isVerifying().answered();
    story.status('active', { asOf: story.now - 15_000 });
    expect(story.state.name).toBe('verifying');
    expect(admitted(story.status('active'))).toBe(true);
  });
  it('for a lease no longer than the policy says, whatever the gateway claims', () => {
    const story = new Story()
      .isVerifying()
      .answered()
      .status('active', { validForMs: 10 * HOUR_MS });
    expect(story.session().leaseUntil).toBe(story.now + 15_000);
  });
  it('for an answer that is not from the future', () => {
    const story = new Story().isVerifying().answered();
    story.status('active', { asOf: story.now + HOUR_MS });
    expect(story.session().leaseUntil).toBe(story.now + 15_000);
  });
  it('when it comes before the deadline: at the deadline the lock was first (S6)', () => {
    const story = new Story().isVerifying().answered();
    const { sessionId } = story.session();
    story.now += 60_000;
    story.status('active', { sessionId, seq: 1 });
    expect(story.state).toMatchObject({ name: 'locking', cause: 'approval-timeout' });
    expect(admitted(story)).toBe(false);
  });
  it('for the phone that is enrolled: after another one was enrolled, the old approval is void', () => {
    const story = new Story().isVerifying().answered();
    const { sessionId } = story.session();
    story.tell({ type: 'enrollment.changed', enrollment: ANOTHER }).status('active', { sessionId, seq: 5 });
    expect(story.state.name).toBe('locking');
  });
});

describe('the phone is not bombed with prompts (S7)', () => {
  it('is asked as often as allowed for one unlock, then no more', () => {
    const story = new Story().isVerifying();
    for (const _ of [2, 3]) {
      expect(reasons(story.answered().tell({ type: 'user.retry' }))).toEqual(['retry']);
      expect(story.of('endSession')).toHaveLength(1);
    }
    expect(reasons(story.answered().tell({ type: 'user.retry' }))).toEqual([]);
    expect(story.state).toMatchObject({ name: 'verifying', problem: { code: 'NO_ATTEMPTS_LEFT' } });
  });
  it('an approval that is still on the phone holds when there is no attempt left', () => {
    const story = new Story({ maxAttemptsPerUnlock: 1 }).isVerifying().answered().tell({ type: 'user.retry' });
    expect(story.of('endSession')).toEqual([]);
    expect(admitted(story.status('active'))).toBe(true);
  });
  it('“ask again” gives a new deadline, and no answer of the request before counts', () => {
    const story = new Story().isVerifying().answered().wait(50_000);
    const { sessionId } = story.session();
    story.tell({ type: 'user.retry' }).answered();
    expect(admitted(story.status('active', { sessionId, seq: 7 }))).toBe(false);
    expect(story.wait(59_999).state.name).toBe('verifying');
    expect(story.wait(1).state.name).toBe('locking');
  });
  it('“ask again” that sends nothing gives no new deadline', () => {
    const story = new Story({ maxAttemptsPerUnlock: 1 }).isVerifying().answered().wait(50_000);
    expect(story.tell({ type: 'user.retry' }).wait(10_000).state.name).toBe('locking');
  });
  it('is asked so often in an hour, over all unlocks, and again an hour later', () => {
    const story = new Story({ maxStartsPerHour: 2 }).isPresent();
    expect(reasons(unlocked(locked(story)))).toEqual(['unlock']);
    story.answered().status('active');
    expect(reasons(unlocked(locked(story)))).toEqual([]);
    expect(story.state).toMatchObject({ problem: { code: 'RATE_LIMITED' } });
    locked(story).wait(HOUR_MS);
    expect(reasons(unlocked(story))).toEqual(['unlock']);
  });
  it('is asked once more by itself after a start that failed, and the last attempt is left to the person', () => {
    const story = new Story().isVerifying().refused('START_REFUSED', true);
    expect(reasons(story.wait(5_000))).toEqual(['retry']);
    expect(reasons(story.refused('START_REFUSED', true).wait(30_000))).toEqual([]);
    expect(reasons(story.tell({ type: 'user.retry' }))).toEqual(['retry']);
  });
  it('is not asked beneath the locker for what only the curtain shows, but once the curtain is seen', () => {
    const story = new Story({ unlockOnApproval: 'session' }).isLocked();
    story.tell({ type: 'gateway.up', approvableUnseen: false });
    expect(reasons(story.tell({ type: 'os.activity' }))).toEqual([]);
    expect(reasons(unlocked(story))).toEqual(['unlock']);
    story.answered().status('pending', { validForMs: 0, prompt: { kind: 'number', number: '42' } });
    expect(story.state).toMatchObject({ name: 'verifying', session: { prompt: { number: '42' } } });
  });
  it('is not asked beneath the locker while it is not known what the service needs shown', () => {
    const story = new Story({ unlockOnApproval: 'session' }).isLocked();
    story.tell({ type: 'gateway.down', reason: 'story' });
    expect(story.machine.context.approvableUnseen).toBe(false);
    expect(reasons(story.tell({ type: 'os.activity' }))).toEqual([]);
    expect(story.tell({ type: 'gateway.up', approvableUnseen: true }).of('startSession')).toEqual([]);
    expect(reasons(story.tell({ type: 'os.activity' }))).toEqual(['unlock']);
  });
  it('does not buzz twice when the OS is unlocked by password while it is being asked', () => {
    const story = unlocked(new Story({ unlockOnApproval: 'session' }).isAskedWhileLocked());
    expect(reasons(story)).toEqual([]);
    expect(admitted(story.status('active'))).toBe(true);
  });
});

describe('while locked, policy session', () => {
  it('a “no” silences the phone until the OS is unlocked by other means', () => {
    const story = new Story({ unlockOnApproval: 'session' }).isAskedWhileLocked().status('failed');
    for (const _ of [1, 2, 3]) expect(reasons(story.wait(60_000).tell({ type: 'os.activity' }))).toEqual([]);
    expect(
      reasons(story.tell({ type: 'os.suspending' }).tell({ type: 'os.resumed' }).tell({ type: 'os.activity' })),
    ).toEqual([]);
    expect(reasons(unlocked(story))).toEqual(['unlock']);
  });
  it('no answer leaves the other attempts, one for each time somebody comes', () => {
    const story = new Story({ unlockOnApproval: 'session' }).isAskedWhileLocked();
    for (const _ of [2, 3]) {
      expect(story.wait(60_000).of('endSession')).toHaveLength(1);
      expect(reasons(story.tell({ type: 'os.activity' }))).toEqual(['unlock']);
      story.answered();
    }
    expect(reasons(story.wait(60_000).tell({ type: 'os.activity' }))).toEqual([]);
  });
  it('the curtain stays up until the unlock is seen', () => {
    const story = new Story({ unlockOnApproval: 'session' }).isAskedWhileLocked().status('active');
    expect(story.of('requestUnlock')).toHaveLength(1);
    expect(admitted(story)).toBe(false);
    expect(admitted(unlocked(story))).toBe(true);
  });
  it('an unlock that is not seen is given up, and is not believed later without being asked again', () => {
    const story = new Story({ unlockOnApproval: 'session' }).isAskedWhileLocked().status('active');
    const { sessionId } = story.session();
    expect(story.wait(3_000).of('notify')).toEqual([{ type: 'notify', notification: { kind: 'unlock-failed' } }]);
    expect(story.state.name).toBe('locked');
    expect(admitted(unlocked(story))).toBe(false);
    expect(admitted(story.status('active', { sessionId, seq: 9 }))).toBe(false);
    expect(story.state.name).toBe('verifying');
  });
  it('a gateway lost while the OS unlocks is not forgotten when it has: the grace runs', () => {
    const story = new Story({ unlockOnApproval: 'session', networkGraceMs: 10_000 }).isAskedWhileLocked();
    story.status('active').wait(1_000);
    story.tell({ type: 'gateway.down', reason: 'CLOSED' });
    expect(admitted(unlocked(story))).toBe(true);
    expect(story.state).toMatchObject({ name: 'leaving', cause: 'gateway-unreachable' });
    story.tell({ type: 'gateway.up', approvableUnseen: true });
    expect(story.wait(8_999).state.name).toBe('leaving');
    expect(story.wait(1).state).toMatchObject({ name: 'locking', cause: 'gateway-unreachable' });
  });
  it('an unlock that fails is given up at once', () => {
    const story = new Story({ unlockOnApproval: 'session' }).isAskedWhileLocked().status('active');
    story.tell({ type: 'effect.failed', effect: 'requestUnlock', reason: 'refused' });
    expect(story.state.name).toBe('locked');
  });
  it('a lease that ran out before the unlock was seen admits nobody', () => {
    const story = new Story({ unlockOnApproval: 'session', lockConfirmMs: 15_000 }).isAskedWhileLocked();
    story.status('active', { validForMs: 2_000 });
    story.now += 2_000;
    expect(admitted(unlocked(story))).toBe(false);
    expect(story.state.name).toBe('verifying');
  });
  it('under policy curtain nobody is asked while locked, and an approval unlocks nothing', () => {
    expect(reasons(new Story().isLocked().tell({ type: 'os.activity' }))).toEqual([]);
    const story = new Story({ unlockOnApproval: 'session' }).isAskedWhileLocked();
    story.policy = { ...story.policy, unlockOnApproval: 'curtain' };
    expect(story.tell({ type: 'policy.changed' }).status('active').of('requestUnlock')).toEqual([]);
  });
});

describe('an offline code is accepted', () => {
  const cutOff = (): Story =>
    unlocked(new Story({ offline: 'code' })).tell({ type: 'enrollment.changed', enrollment: ENROLLED });

  it('when the gateway cannot be reached', () => {
    expect(admitted(code(cutOff()))).toBe(true);
  });
  it('when the service cannot be reached, before or after the phone was asked', () => {
    expect(admitted(code(new Story({ offline: 'code' }).isVerifying().refused('PROVIDER_UNREACHABLE', true)))).toBe(
      true,
    );
    const asked = new Story({ offline: 'code' }).isVerifying().answered();
    expect(admitted(code(asked.status('pending', { reason: 'PROVIDER_UNREACHABLE' })))).toBe(true);
  });
  it('also when asking again ran into our own limit', () => {
    const story = new Story({ offline: 'code', maxAttemptsPerUnlock: 1 }).isVerifying();
    story.refused('PROVIDER_UNREACHABLE', true).tell({ type: 'user.retry' });
    expect(admitted(code(story))).toBe(true);
  });
  it('not while the phone can be asked, even if it was before', () => {
    expect(admitted(code(new Story({ offline: 'code' }).isVerifying()))).toBe(false);
    const back = new Story({ offline: 'code' }).isVerifying().answered();
    back.status('pending', { reason: 'PROVIDER_UNREACHABLE' }).status('pending');
    expect(admitted(code(back))).toBe(false);
  });
  it('not where the policy does not allow it', () => {
    const story = unlocked(new Story()).tell({ type: 'enrollment.changed', enrollment: ENROLLED });
    expect(admitted(code(story))).toBe(false);
  });
  it('not while locked or locking', () => {
    expect(code(locked(cutOff())).state.name).toBe('locked');
    expect(code(cutOff().tell({ type: 'user.lockNow', from: 'curtain' })).state.name).toBe('locking');
  });
  it('not when it was typed before a lock and verified after it', () => {
    const story = cutOff();
    const typedIn = story.machine.context.lockCycle;
    unlocked(locked(story));
    expect(story.state.name).toBe('verifying');
    expect(admitted(story.code(typedIn))).toBe(false);
    expect(story.of('audit')).toEqual([
      {
        type: 'audit',
        entry: { what: 'offline-code-refused', codeKind: 'recovery', why: 'not-now', failures: 0 },
      },
    ]);
    expect(admitted(code(story))).toBe(true);
  });
  it('also when the limit of starts is reached and the service was out of reach the last time it was asked', () => {
    const story = new Story({ offline: 'code', maxStartsPerHour: 1 }).isVerifying();
    unlocked(locked(story.refused('PROVIDER_UNAVAILABLE', true)));
    expect(story.state).toMatchObject({ name: 'verifying', problem: { code: 'PROVIDER_UNAVAILABLE' } });
    expect(admitted(code(story))).toBe(true);
  });
  it('for the longest session, and the phone is asked to go on as soon as it can be', () => {
    const story = code(cutOff());
    expect(story.wait(HOUR_MS - 1).state.name).toBe('present');
    expect(reasons(story.tell({ type: 'gateway.up', approvableUnseen: true }))).toEqual(['renewal']);
    expect(story.wait(1).state).toMatchObject({ name: 'locking', cause: 'session-expired' });
  });
});

describe('let in by a code while the gateway is up and the service is not', () => {
  const letIn = (policy: ConstructorParameters<typeof Story>[0] = {}): Story =>
    code(new Story({ offline: 'code', ...policy }).isVerifying().refused('PROVIDER_UNREACHABLE', true));
  const told = (story: Story): string[] => story.of('notify').map(({ notification }) => notification.kind);

  it('the phone is asked to take over now and then, quietly while that fails', () => {
    const story = letIn();
    for (const _ of [1, 2, 3]) {
      expect(reasons(story.wait(6 * 60_000))).toEqual(['renewal']);
      expect(told(story)).toEqual([]);
      expect(told(story.refused('PROVIDER_UNREACHABLE', true))).toEqual([]);
      expect(story.state.name).toBe('present');
    }
  });
  it('the person is told as soon as the phone really was asked, and its approval takes over', () => {
    const story = letIn().wait(6 * 60_000);
    expect(told(story.answered())).toEqual(['ask-again']);
    story.status('active');
    expect(story.state).toMatchObject({ name: 'present', presence: { kind: 'session' } });
  });
  it('a “no” on the phone locks', () => {
    expect(
      letIn()
        .wait(6 * 60_000)
        .answered()
        .status('failed').state,
    ).toMatchObject({
      name: 'locking',
      cause: 'denied',
    });
  });
  it('the starts of an hour are not used up by it (S7): at least half are left for unlocking', () => {
    const story = letIn({ maxStartsPerHour: 4, maxSessionSeconds: 86_400 });
    const asked: number[] = [];
    for (let minute = 0; minute < 240; minute += 1) {
      for (const _ of reasons(story.wait(60_000))) {
        asked.push(minute);
        story.refused('PROVIDER_UNREACHABLE', true);
      }
    }
    expect(asked.length).toBeGreaterThan(3);
    for (const at of asked)
      expect(asked.filter((other) => other >= at && other < at + 60).length).toBeLessThanOrEqual(2);
  });
});

describe('no approval in time is put down to', () => {
  const causeAfter = (story: Story): unknown => ('cause' in story.state ? story.state.cause : null);
  it.each([
    ['PROVIDER_NO_NETWORK', 'gateway-unreachable'],
    ['PROVIDER_UNREACHABLE', 'service-silent'],
    ['PROVIDER_UNAVAILABLE', 'service-silent'],
  ] as const)('%s: %s', (trouble, cause) => {
    const refused = new Story({ maxAttemptsPerUnlock: 1 }).isVerifying().refused(trouble, true);
    expect(causeAfter(refused.wait(60_000))).toBe(cause);
    const asked = new Story().isVerifying().answered().status('pending', { reason: trouble });
    expect(causeAfter(asked.wait(60_000))).toBe(cause);
    const near = new Story().isPresent();
    near.status('active', { reason: trouble, validForMs: 10_000 });
    expect(causeAfter(near.wait(10_000))).toBe(cause);
    expect(causeAfter(near.wait(30_000))).toBe(cause);
  });
  it('a silent phone, when the service answers and the phone does not', () => {
    expect(causeAfter(new Story().isVerifying().answered().status('pending').wait(60_000))).toBe('approval-timeout');
  });
  it('the gateway, when that is gone', () => {
    const story = new Story().isVerifying().tell({ type: 'gateway.down', reason: 'story' });
    expect(causeAfter(story.wait(60_000))).toBe('gateway-unreachable');
  });
});

describe('an answer that comes twice', () => {
  it('does not end the session it is about', () => {
    const story = new Story().isVerifying().answered('same').answered('same');
    expect(story.of('endSession')).toEqual([]);
    expect(admitted(story.status('active'))).toBe(true);
  });
});
