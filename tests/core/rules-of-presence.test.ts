import { describe, expect, it } from 'vitest';
import type { LockCause } from '../../main/core/lock-types.ts';
import { LOCK_SENTENCES } from '../../main/core/sentences.ts';
import { sessionsOf } from '../../main/core/step.ts';
import type { StartReason } from '../../protocol/frames.ts';
import type { Policy } from '../../protocol/policy.ts';
import { ANOTHER, ENROLLED, Story } from './story.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const reasons = (story: Story): StartReason[] => story.of('startSession').map(({ reason }) => reason);
const causes = (story: Story): LockCause[] => story.of('requestLock').map(({ cause }) => cause);
const locked = (story: Story): Story => story.tell({ type: 'os.locked', evidence: 'seen' });
const unlocked = (story: Story): Story => story.tell({ type: 'os.unlocked', evidence: 'seen' });
const pause = (story: Story, minutes = 5): Story => story.tell({ type: 'user.pause', minutes });
const stricter = (story: Story, policy: Partial<Policy>): Story => {
  story.policy = { ...story.policy, ...policy };
  return story.tell({ type: 'policy.changed' });
};
const down = (story: Story): Story => story.tell({ type: 'gateway.down', reason: 'gone' });

describe('while leases are renewed (S4)', () => {
  it('nothing locks, warns or asks for most of an hour', () => {
    const story = new Story().isPresent().waitWhileNear(HOUR_MS - 2 * MINUTE_MS);
    expect(story.effects.map(({ type }) => type).filter((type) => type !== 'schedule')).toEqual([]);
    expect(story.state.name).toBe('present');
  });
});

describe('leaving', () => {
  it('goes back to present on a fresh active answer, and the next grace is whole', () => {
    const story = new Story().isPresent().status('walkaway').wait(9_999).status('active');
    expect(story.state.name).toBe('present');
    expect(story.status('walkaway').wait(9_999).state.name).toBe('leaving');
    expect(causes(story.wait(1))).toEqual(['walkaway']);
  });
  it('does not go back on an active answer whose lease is over, nor on one that is not active', () => {
    const story = new Story().isPresent().status('walkaway');
    story
      .status('active', { asOf: story.now - 15_000 })
      .status('pending')
      .status('identifying');
    expect(story.state.name).toBe('leaving');
    expect(causes(story.wait(10_000))).toEqual(['walkaway']);
  });
  it('grants no second grace for a second doubt', () => {
    const story = down(new Story().isPresent().status('walkaway').wait(5_000)).status('walkaway');
    expect(causes(story.wait(5_000))).toEqual(['walkaway']);
  });
  it('ends sooner when the second doubt has the shorter grace, and tells the person so', () => {
    const story = down(new Story().isPresent()).tell({ type: 'gateway.up', approvableUnseen: true }).status('walkaway');
    expect(story.of('notify').map(({ notification }) => notification)).toEqual([
      { kind: 'leaving', cause: 'walkaway', lockInMs: 10_000 },
    ]);
    expect(causes(story.wait(10_000))).toEqual(['walkaway']);
  });
  it('counts the network grace from the end of the lease, however late that is noticed', () => {
    const story = new Story().isPresent().stall(40_000);
    expect(story.state).toMatchObject({ name: 'leaving', cause: 'service-silent' });
    expect(story.wait(4_999).state.name).toBe('leaving');
    expect(causes(story.wait(1))).toEqual(['service-silent']);
  });
  it('is not undone by a gateway that is back without news of the person', () => {
    const story = down(new Story().isPresent()).wait(1_000).tell({ type: 'gateway.up', approvableUnseen: true });
    expect(causes(story.wait(29_000))).toEqual(['gateway-unreachable']);
  });
  it('with a grace of nothing is a lock at once, without a warning', () => {
    const story = new Story({ walkawayGraceMs: 0 }).isPresent().status('walkaway');
    expect(causes(story)).toEqual(['walkaway']);
    expect(story.of('notify')).toEqual([]);
  });
  it('warns only where the policy says so, and locks all the same', () => {
    const story = new Story({ warnBeforeLock: false }).isPresent().status('walkaway');
    expect(story.of('notify')).toEqual([]);
    expect(causes(story.wait(10_000))).toEqual(['walkaway']);
  });
  it('cannot be escaped by removing the phone (S2)', () => {
    const story = new Story().isPresent().status('walkaway').tell({ type: 'enrollment.changed', enrollment: null });
    expect(causes(story)).toEqual(['enrollment-removed']);
    expect(locked(story).state.name).toBe('unenrolled');
  });
});

describe('renewal', () => {
  it('is asked for a minute before the end, once', () => {
    const story = new Story().isPresent();
    expect(reasons(story.waitWhileNear(HOUR_MS - MINUTE_MS - 5_000))).toEqual([]);
    expect(reasons(story.waitWhileNear(5_000))).toEqual(['renewal']);
    expect(reasons(story.waitWhileNear(MINUTE_MS - 5_000))).toEqual([]);
  });
  it('is asked for in the last quarter of a short session', () => {
    const story = new Story({ maxSessionSeconds: 60 }).isPresent();
    expect(reasons(story.waitWhileNear(40_000))).toEqual([]);
    expect(reasons(story.waitWhileNear(5_000))).toEqual(['renewal']);
  });
  it('that is approved goes on with a new end, and the old session is ended', () => {
    const story = new Story().isRenewing();
    const [old] = sessionsOf(story.state);
    story.status('active');
    expect(story.of('endSession').map(({ sessionId }) => sessionId)).toEqual([old?.sessionId]);
    expect(story.session().endsAt).toBe(story.now + HOUR_MS);
    expect(causes(story.waitWhileNear(2 * MINUTE_MS))).toEqual([]);
  });
  it.each([
    ['is not answered', (story: Story) => story],
    ['times out', (story: Story) => story.status('timeout')],
  ])('that %s ends in the lock it was to avoid', (_, happens) => {
    const story = new Story().isRenewing();
    const [running] = sessionsOf(story.state);
    const heard = happens(story).waitWhileNear(MINUTE_MS - 5_000, running?.sessionId);
    expect(reasons(heard)).toEqual([]);
    expect(causes(heard.wait(5_000))).toEqual(['session-expired']);
  });
  it('that the service refuses ends in the lock it was to avoid, and the person is told', () => {
    const story = new Story()
      .isPresent()
      .waitWhileNear(HOUR_MS - MINUTE_MS)
      .refused('NO_MOBILE_DEVICE', false);
    expect(story.of('notify').map(({ notification }) => notification.kind)).toEqual(['problem']);
    expect(causes(story.waitWhileNear(MINUTE_MS - 5_000).wait(5_000))).toEqual(['session-expired']);
  });
  it('that nobody answers locks at the very end, not before, and says that the approval ran out', () => {
    const story = new Story().isPresent();
    const running = story.session();
    story
      .waitWhileNear(HOUR_MS - MINUTE_MS)
      .answered()
      .waitWhileNear(MINUTE_MS - 5_000, running.sessionId);
    expect(story.wait(4_999).state.name).toBe('present');
    expect(causes(story.wait(1))).toEqual(['session-expired']);
    expect(story.now).toBe(running.endsAt);
    expect(LOCK_SENTENCES['session-expired'].title).toBe('Your approval ran out');
  });
  it('that is answered once the session is over proves nothing (S6)', () => {
    const story = new Story().isRenewing();
    const [running, following] = sessionsOf(story.state);
    story.waitWhileNear(MINUTE_MS - 5_000, running?.sessionId);
    story.now += 5_000;
    story.tell({
      type: 'session.status',
      sessionId: following?.sessionId ?? '',
      seq: 9,
      status: 'active',
      validForMs: 15_000,
      asOf: story.now,
    });
    expect(causes(story)).toEqual(['session-expired']);
    expect(story.of('lowerCurtain')).toEqual([]);
    expect(story.state.name).toBe('locking');
  });
  it('that could not reach the phone is tried again quietly, as often as for one unlock, and goes on when it is approved', () => {
    const story = new Story().isPresent();
    const { sessionId } = story.session();
    story.waitWhileNear(HOUR_MS - MINUTE_MS).refused('PROVIDER_UNREACHABLE', true);
    expect(story.of('notify')).toEqual([]);
    expect(story.of('withdrawNotification').map(({ notification }) => notification)).toEqual(['ask-again']);
    expect(reasons(story.waitWhileNear(10_000, sessionId))).toEqual([]);
    expect(reasons(story.waitWhileNear(5_000, sessionId))).toEqual(['renewal']);
    expect(story.of('notify').map(({ notification }) => notification)).toEqual([
      { kind: 'ask-again', endsInMs: MINUTE_MS - 15_000 },
    ]);
    story.answered().status('active');
    expect(story.session().endsAt).toBe(story.now + HOUR_MS);
  });
  it('that never reaches the phone is told in the end, and locks when the approval runs out', () => {
    const story = new Story().isPresent();
    const { sessionId } = story.session();
    story.waitWhileNear(HOUR_MS - MINUTE_MS);
    for (const left of [2, 1]) {
      expect(story.refused('PROVIDER_UNREACHABLE', true).of('notify'), `${left} left`).toEqual([]);
      expect(reasons(story.waitWhileNear(15_000, sessionId))).toEqual(['renewal']);
    }
    const told = story.refused('PROVIDER_UNREACHABLE', true).of('notify');
    expect(told.map(({ notification }) => notification)).toEqual([{ kind: 'problem', code: 'PROVIDER_UNREACHABLE' }]);
    expect(reasons(story.waitWhileNear(25_000, sessionId))).toEqual([]);
    expect(causes(story.wait(5_000))).toEqual(['session-expired']);
  });
  it('is not tried again beyond what the hour allows (S7), nor where the gateway has a limit of its own', () => {
    const story = new Story({ maxStartsPerHour: 2 }).isPresent();
    const { sessionId } = story.session();
    story.policy = { ...story.policy, maxSessionSeconds: 1_800 };
    story.tell({ type: 'policy.changed' }).waitWhileNear(1_740_000, sessionId).refused('PROVIDER_UNREACHABLE', true);
    story.waitWhileNear(15_000, sessionId);
    expect(reasons(story)).toEqual([]);
    expect(story.of('notify').map(({ notification }) => notification)).toEqual([
      { kind: 'problem', code: 'RATE_LIMITED' },
    ]);
    const limited = new Story()
      .isPresent()
      .waitWhileNear(HOUR_MS - MINUTE_MS)
      .refused('RATE_LIMITED', true);
    expect(limited.of('notify').map(({ notification }) => notification.kind)).toEqual(['problem']);
    expect(reasons(limited.waitWhileNear(MINUTE_MS - 5_000))).toEqual([]);
  });
  it('waits with trying again while presence is in doubt', () => {
    const story = new Story({ walkawayGraceMs: 30_000 }).isPresent().waitWhileNear(HOUR_MS - MINUTE_MS);
    story.refused('PROVIDER_UNREACHABLE', true).status('walkaway');
    expect(reasons(story.wait(20_000))).toEqual([]);
    expect(reasons(story.status('active'))).toEqual(['renewal']);
  });
  it('names the number to choose on the phone, once, as soon as the service says which', () => {
    const story = new Story().isRenewing();
    const asking = { validForMs: 0, prompt: { kind: 'number', number: '42' } } as const;
    story.status('pending', asking);
    expect(story.of('notify').map(({ notification }) => notification)).toEqual([
      { kind: 'ask-again', endsInMs: MINUTE_MS, number: '42' },
    ]);
    expect(story.status('pending', asking).of('notify')).toEqual([]);
    expect(story.state.name).toBe('present');
  });
  it('that is declined locks at once', () => {
    expect(causes(new Story().isRenewing().status('failed'))).toEqual(['denied']);
  });
  it('does not lengthen the session by being pending', () => {
    const story = new Story().isRenewing();
    const [running] = sessionsOf(story.state);
    story.status('pending').waitWhileNear(MINUTE_MS - 5_000, running?.sessionId);
    expect(causes(story.wait(5_000))).toEqual(['session-expired']);
  });
});

describe('a pause', () => {
  it('is granted only by a fresh approval, not by the session that runs', () => {
    const story = pause(new Story().isPresent());
    expect(reasons(story)).toEqual(['pause']);
    const running = story.session().sessionId;
    story.status('active', { sessionId: running }).answered().status('active', { sessionId: running });
    expect(story.state.name).toBe('present');
    expect(story.status('active').state.name).toBe('paused');
  });
  it('is not granted by the running session even when the gateway calls it the fresh one', () => {
    const story = pause(new Story().isPresent());
    const running = story.session().sessionId;
    story.answered(running);
    expect(story.of('endSession')).toEqual([]);
    story.status('active', { sessionId: running });
    expect(story.state).toMatchObject({ name: 'present', follow: null });
    expect(story.all.some((effect) => effect.type === 'audit' && effect.entry.what === 'paused')).toBe(false);
  });
  it('that is declined or not answered leaves guarding as it was', () => {
    expect(pause(new Story().isPresent()).answered().status('failed').state).toMatchObject({
      name: 'present',
      follow: null,
    });
    const story = pause(new Story().isPresent());
    const running = story.session().sessionId;
    story.answered().waitWhileNear(MINUTE_MS, running);
    expect(story.of('endSession')).toHaveLength(1);
    expect(story.state).toMatchObject({ name: 'present', follow: null });
  });
  it('is never longer than allowed, is on record, and ends covered with the phone asked', () => {
    const story = pause(new Story({ maxPauseMinutes: 10 }).isPresent(), 500)
      .answered()
      .status('active');
    const recorded = story.of('audit').map(({ entry }) => entry);
    expect(recorded).toEqual([{ what: 'paused', minutes: 10 }]);
    expect(story.wait(10 * MINUTE_MS - 1).state.name).toBe('paused');
    expect(reasons(story.wait(1))).toEqual(['unlock']);
    expect(story.of('raiseCurtain')).toHaveLength(1);
    expect(story.state.name).toBe('verifying');
  });
  it('is not asked for where it is forbidden, while leaving, or without the gateway', () => {
    expect(reasons(pause(new Story({ maxPauseMinutes: 0 }).isPresent()))).toEqual([]);
    expect(reasons(pause(new Story().isPresent().status('walkaway')))).toEqual([]);
    expect(reasons(pause(new Story({ offline: 'code' }).isPresentByCode()))).toEqual([]);
  });
  it('ends with the OS lock, and what follows asks the phone', () => {
    expect(reasons(unlocked(locked(new Story().isPaused())))).toEqual(['unlock']);
  });
});

describe('a pause granted from afar', () => {
  const granted = (story: Story, minutes = 15, sessionId = story.session().sessionId): Story =>
    story.tell({ type: 'gateway.pauseCommand', sessionId, minutes });
  const CUTS: Readonly<Record<string, (story: Story) => Story>> = {
    'while the grace runs': (story) => granted(story.status('walkaway')),
    'while the network is lost': (story) => granted(down(story)),
    'beneath the cover': () => granted(new Story().isVerifying().answered()),
    'while locked and asking': () => granted(new Story({ unlockOnApproval: 'session' }).isAskedWhileLocked()),
    'while the OS is being unlocked': () =>
      granted(new Story({ unlockOnApproval: 'session' }).isAskedWhileLocked().status('active')),
    'for the session that is only to follow': () => granted(new Story().isRenewing()),
    'for another session': (story) => granted(story, 15, 'somebody-elses'),
    'where the policy forbids pausing': () => granted(new Story({ maxPauseMinutes: 0 }).isPresent()),
    'for no time at all': (story) => granted(story, 0),
    'for less than no time': (story) => granted(story, -5),
    'for no number': (story) => granted(story, Number.NaN),
    'once the session is asked again by the service': (story) => granted(story.status('pending')),
  };

  it('pauses the session that is running, on record as such, with nothing left behind', () => {
    const story = new Story().isPresent();
    const { sessionId } = story.session();
    granted(story);
    expect(story.state).toMatchObject({ name: 'paused', until: story.now + 15 * MINUTE_MS });
    expect(story.of('endSession')).toEqual([{ type: 'endSession', sessionId, reason: 'paused' }]);
    expect(story.of('audit').map(({ entry }) => entry)).toEqual([
      { what: 'paused', minutes: 15, grantedFrom: 'phone' },
    ]);
    expect(story.of('lowerCurtain')).toEqual([]);
  });
  it('is never longer than this workstation allows, and ends covered with the phone asked', () => {
    const story = granted(new Story({ maxPauseMinutes: 10 }).isPresent(), 480);
    expect(story.wait(10 * MINUTE_MS - 1).state.name).toBe('paused');
    expect(reasons(story.wait(1))).toEqual(['unlock']);
    expect(story.of('raiseCurtain')).toHaveLength(1);
    expect(story.state.name).toBe('verifying');
  });
  it.each(Object.entries(CUTS))('changes nothing %s', (_when, cut) => {
    const story = cut(new Story().isPresent());
    expect(story.effects.filter(({ type }) => type !== 'schedule')).toEqual([]);
    expect(story.all.some((effect) => effect.type === 'audit' && effect.entry.what === 'paused')).toBe(false);
    expect(story.state.name).not.toBe('paused');
  });
  it('that comes with the end of the lease meets a grace, not a presence', () => {
    const story = new Story().isPresent();
    story.now += 15_000;
    expect(granted(story).state).toMatchObject({ name: 'leaving', cause: 'service-silent' });
  });
  it('that is told again lengthens nothing, neither while paused nor after', () => {
    const story = new Story().isPresent();
    const { sessionId } = story.session();
    granted(story, 5).wait(MINUTE_MS);
    expect(granted(story, 60, sessionId).effects).toEqual([]);
    expect(story.wait(4 * MINUTE_MS).state.name).toBe('verifying');
    expect(granted(story, 60, sessionId).state.name).toBe('verifying');
    expect(granted(story.answered().status('active'), 60, sessionId).state.name).toBe('present');
  });
  it('takes back what else was asked of the phone', () => {
    const story = new Story().isRenewing();
    const [running, following] = sessionsOf(story.state).map(({ sessionId }) => sessionId);
    granted(story, 5, running);
    expect(story.of('endSession').map(({ sessionId }) => sessionId)).toEqual([running, following]);
  });
  it('ends with “lock now” from the phone', () => {
    const story = granted(new Story().isPresent()).tell({ type: 'gateway.lockCommand', reason: 'from the phone' });
    expect(causes(story)).toEqual(['remote-lock']);
  });
});

describe('a stricter policy takes effect at once', () => {
  it('on the length of the session', () => {
    const story = new Story().isPresent().waitWhileNear(5 * MINUTE_MS);
    expect(causes(stricter(story, { maxSessionSeconds: 300 }))).toEqual(['session-expired']);
  });
  it('on the length of an admission by code', () => {
    const story = new Story({ offline: 'code' }).isPresentByCode().wait(5 * MINUTE_MS);
    expect(causes(stricter(story, { maxSessionSeconds: 300 }))).toEqual(['session-expired']);
  });
  it('on a lease that is held', () => {
    const story = stricter(new Story().isPresent(), { leaseMs: 2_000 });
    expect(story.wait(2_000).state).toMatchObject({ name: 'leaving', cause: 'service-silent' });
  });
  it('on a grace that runs', () => {
    const walking = stricter(new Story().isPresent().status('walkaway'), { walkawayGraceMs: 1_000 });
    expect(causes(walking.wait(1_000))).toEqual(['walkaway']);
    const cutOff = stricter(down(new Story().isPresent()), { networkGraceMs: 1_000, walkawayGraceMs: 0 });
    expect(causes(cutOff.wait(999))).toEqual([]);
    expect(causes(cutOff.wait(1))).toEqual(['gateway-unreachable']);
  });
  it('on an approval that is awaited', () => {
    const story = stricter(new Story().isVerifying().answered(), { approvalTimeoutMs: 5_000 });
    expect(causes(story.wait(5_000))).toEqual(['approval-timeout']);
  });
  it('on a pause that runs, and on one that is asked for', () => {
    expect(stricter(new Story().isPaused(30).wait(10 * MINUTE_MS), { maxPauseMinutes: 10 }).state.name).toBe(
      'verifying',
    );
    const asked = stricter(pause(new Story().isPresent()).answered(), { maxPauseMinutes: 0 }).status('active');
    expect(asked.state).toMatchObject({ name: 'present', follow: null });
  });
  it('and a looser one lengthens nothing that was granted before', () => {
    const story = new Story().isPresent();
    const end = story.session().endsAt;
    stricter(story, { maxSessionSeconds: 86_400, walkawayGraceMs: 120_000 }).status('active');
    expect(story.session().endsAt).toBe(end);
    const walking = stricter(new Story().isPresent().status('walkaway'), { walkawayGraceMs: 120_000 });
    expect(causes(walking.wait(10_000))).toEqual(['walkaway']);
  });
});

describe('the enrollment', () => {
  it('that begins covers the screens, whatever the OS could say of itself', () => {
    const enrolled = { type: 'enrollment.changed', enrollment: ENROLLED } as const;
    expect(new Story().tell(enrolled).state.name).toBe('verifying');
    expect(new Story().tell({ type: 'os.locked', evidence: 'seen' }).tell(enrolled).state.name).toBe('locked');
  });
  it('that is removed while covered uncovers only beneath the lock', () => {
    const story = new Story().isVerifying().answered().tell({ type: 'enrollment.changed', enrollment: null });
    expect(causes(story)).toEqual(['enrollment-removed']);
    expect(story.of('discardCurtain')).toEqual([]);
    expect(locked(story).of('discardCurtain')).toHaveLength(1);
    expect(story.state.name).toBe('unenrolled');
  });
  it('that is removed while present ends guarding and the session', () => {
    const story = new Story().isPresent().tell({ type: 'enrollment.changed', enrollment: null });
    expect(story.of('endSession')).toHaveLength(1);
    expect(story.state.name).toBe('unenrolled');
  });
  it('of another phone voids what the first one approved', () => {
    const story = new Story().isPresent();
    const { sessionId } = story.session();
    story.tell({ type: 'enrollment.changed', enrollment: ANOTHER });
    expect(story.of('endSession')).toHaveLength(1);
    expect(story.lastStart().userId).toBe(ANOTHER.userId);
    expect(story.status('active', { sessionId, seq: 9 }).state.name).toBe('verifying');
  });
  it('told twice changes nothing', () => {
    const story = new Story().isPresent();
    const before = story.state;
    expect(story.tell({ type: 'enrollment.changed', enrollment: ENROLLED }).state).toEqual(before);
  });
});
