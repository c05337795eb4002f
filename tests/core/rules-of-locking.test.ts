import { describe, expect, it } from 'vitest';
import type { LockCause } from '../../main/core/lock-types.ts';
import { LOCK_SENTENCES } from '../../main/core/sentences.ts';
import { RUNGS, Story } from './story.ts';

const CONFIRM_MS = 3_000;
const REST_MS = 5_000;

const causes = (story: Story): LockCause[] => story.of('requestLock').map(({ cause }) => cause);
const rungs = (story: Story): number[] => story.of('requestLock').map(({ rung }) => rung);
const locked = (story: Story): Story => story.tell({ type: 'os.locked', evidence: 'seen' });
const unlocked = (story: Story): Story => story.tell({ type: 'os.unlocked', evidence: 'seen' });

describe('a lock is pursued until it is seen (S3)', () => {
  it('is not believed because it was requested', () => {
    const story = new Story().isPresent().tell({ type: 'user.lockNow', from: 'tray' });
    expect(story.state.name).toBe('locking');
    expect(locked(story).state.name).toBe('locked');
  });

  it('climbs one rung after each time of confirmation', () => {
    const story = new Story().isPresent().tell({ type: 'user.lockNow', from: 'tray' });
    expect(rungs(story)).toEqual([0]);
    expect(rungs(story.wait(CONFIRM_MS - 1))).toEqual([]);
    expect(rungs(story.wait(1))).toEqual([1]);
    expect(rungs(story.wait(CONFIRM_MS))).toEqual([2]);
  });

  it('alarms after the last rung, rests, and climbs again from the first, alarming each time', () => {
    const story = new Story().isPresent().tell({ type: 'user.lockNow', from: 'tray' });
    expect(story.wait(RUNGS * CONFIRM_MS).of('alarm')).toHaveLength(1);
    expect(story.of('raiseCurtain')).toHaveLength(1);
    expect(rungs(story.wait(REST_MS - 1))).toEqual([]);
    expect(rungs(story.wait(1))).toEqual([0]);
    expect(story.wait(RUNGS * CONFIRM_MS).of('alarm')).toHaveLength(1);
    expect(locked(story).state.name).toBe('locked');
  });

  it('ends the session after the alarm where the policy asks for it, and nowhere else', () => {
    const exhausted = (onUnconfirmedLock: 'alarm' | 'terminate-session') =>
      new Story({ onUnconfirmedLock })
        .isPresent()
        .tell({ type: 'user.lockNow', from: 'tray' })
        .wait(RUNGS * CONFIRM_MS);
    expect(exhausted('alarm').of('terminateSession')).toEqual([]);
    const terminating = exhausted('terminate-session');
    expect(terminating.of('alarm')).toHaveLength(1);
    expect(terminating.of('terminateSession')).toHaveLength(1);
    const recorded = terminating.of('audit').map(({ entry }) => entry.what);
    expect(recorded.slice(-2)).toEqual(['alarm', 'termination-requested']);
    expect(terminating.state.name).toBe('locking');
  });

  it('does not wait for a rung that failed', () => {
    const story = new Story().isPresent().tell({ type: 'user.lockNow', from: 'tray' });
    const failed = (rung: number) =>
      story.tell({ type: 'effect.failed', effect: 'requestLock', rung, reason: 'no bus' });
    expect(rungs(failed(0))).toEqual([1]);
    // A failure of the rung before, told late, says nothing about this one.
    expect(rungs(failed(0))).toEqual([]);
    expect(rungs(failed(1))).toEqual([2]);
    expect(failed(2).of('alarm')).toHaveLength(1);
  });

  it('is not called off by an unlock that is seen meanwhile, a near phone, or a removed enrollment', () => {
    const story = new Story().isPresent();
    const { sessionId } = story.session();
    story.tell({ type: 'user.lockNow', from: 'tray' });
    unlocked(story).status('active', { sessionId, seq: 99 }).tell({ type: 'enrollment.changed', enrollment: null });
    expect(story.state.name).toBe('locking');
    expect(rungs(story.wait(CONFIRM_MS))).toEqual([1]);
  });

  it('is requested anew when the machine wakes up before it was seen', () => {
    const story = new Story().isPresent().tell({ type: 'os.suspending' });
    expect(causes(story)).toEqual(['suspend']);
    expect(rungs(story.wait(CONFIRM_MS).tell({ type: 'os.resumed' }))).toEqual([0]);
  });
});

describe('a manual lock wins over everything (S1)', () => {
  it('is not undone by the session from before, however fresh its news', () => {
    const story = new Story({ unlockOnApproval: 'session' }).isPresent();
    const { sessionId } = story.session();
    locked(story.tell({ type: 'user.lockNow', from: 'tray' })).status('active', { sessionId, seq: 50 });
    expect(story.state.name).toBe('locked');
    unlocked(story).status('active', { sessionId, seq: 51 });
    expect(story.state.name).toBe('verifying');
    expect(story.of('lowerCurtain')).toEqual([]);
  });

  it('is not undone by an answer to a request from before the lock, and that approval is called back', () => {
    const story = new Story().isVerifying();
    locked(story.tell({ type: 'user.lockNow', from: 'curtain' }));
    const { requestId } = story.lastStart();
    story.tell({ type: 'session.started', requestId, sessionId: 'late' });
    expect(story.of('endSession')).toEqual([{ type: 'endSession', sessionId: 'late', reason: 'superseded' }]);
    expect(unlocked(story).status('active', { sessionId: 'late', seq: 9 }).state.name).toBe('verifying');
  });

  it.each([
    ['by hand', { type: 'user.lockNow', from: 'tray' } as const],
    ['from the gateway', { type: 'gateway.lockCommand', reason: 'administrator' } as const],
  ])('while locked it takes back the approval that is under way and silences the phone: %s', (_, lock) => {
    const story = new Story({ unlockOnApproval: 'session' }).isAskedWhileLocked();
    const { sessionId } = story.session();
    story.tell(lock);
    expect(story.of('endSession').map((effect) => effect.sessionId)).toEqual([sessionId]);
    story.status('active', { sessionId, seq: 9 });
    expect(story.of('requestUnlock')).toEqual([]);
    expect(story.tell({ type: 'os.activity' }).of('startSession')).toEqual([]);
  });

  it('wins over an approval that came at the same moment', () => {
    const story = new Story().isVerifying().answered();
    const { sessionId } = story.session();
    story.tell({ type: 'user.lockNow', from: 'curtain' }).status('active', { sessionId, seq: 1 });
    expect(story.state.name).toBe('locking');
    expect(story.of('lowerCurtain')).toEqual([]);
  });
});

describe('sleep', () => {
  it('locks before the machine sleeps', () => {
    expect(causes(new Story().isPresent().tell({ type: 'os.suspending' }))).toEqual(['suspend']);
  });
  it('ends every lease on waking up, however short it was', () => {
    const story = new Story().isPresent().tell({ type: 'os.resumed' });
    expect(causes(story)).toEqual(['resume']);
    expect(story.of('endSession')).toHaveLength(1);
  });
  it('voids an approval awaited beneath the lock', () => {
    const story = new Story({ unlockOnApproval: 'session' }).isAskedWhileLocked();
    const { sessionId } = story.session();
    story.tell({ type: 'os.suspending' }).tell({ type: 'os.resumed' }).status('active', { sessionId, seq: 5 });
    expect(story.of('requestUnlock')).toEqual([]);
  });
  it('ends a pause', () => {
    expect(causes(new Story().isPaused().tell({ type: 'os.suspending' }))).toEqual(['suspend']);
  });
});

describe('why did it lock', () => {
  const network = (story: Story): Story => story.tell({ type: 'gateway.down', reason: 'gone' });
  const stories: readonly (readonly [LockCause, string, () => Story])[] = [
    ['walkaway', 'the phone left', () => new Story().isPresent().status('walkaway').wait(10_000)],
    ['gateway-unreachable', 'the network went', () => network(new Story().isPresent()).wait(30_000)],
    ['service-silent', 'the gateway is there, the service is not', () => new Story().isPresent().wait(45_000)],
    ['approval-timeout', 'nobody answered', () => new Story().isVerifying().answered().wait(60_000)],
    [
      'approval-timeout',
      'the service says nobody answered',
      () => new Story().isVerifying().answered().status('timeout'),
    ],
    ['denied', 'the phone said no', () => new Story().isVerifying().answered().status('failed')],
    ['denied', 'the service refused', () => new Story().isVerifying().refused('NO_MOBILE_DEVICE', false).wait(60_000)],
    [
      'gateway-unreachable',
      'covered without network',
      () => network(new Story().isVerifying().answered()).wait(60_000),
    ],
    ['session-closed', 'the service ended it', () => new Story().isPresent().status('closed')],
    ['unknown-status', 'a word of a later version', () => new Story().isPresent().status({ unknown: 'odd' })],
    ['curtain-lost', 'no cover', () => new Story().isVerifying().tell({ type: 'curtain.lost', reason: 'crash' })],
    ['quit', 'the app quits', () => new Story().isPresent().tell({ type: 'user.lockNow', from: 'quit' })],
    ['disabled', 'from a console', () => new Story().isPresent().tell({ type: 'user.lockNow', from: 'disable' })],
  ];
  it.each(stories)('%s: %s', (cause, _, tell) => {
    const story = tell();
    expect(story.state).toMatchObject({ name: 'locking', cause });
    expect(causes(story)).toEqual([cause]);
    const recorded = story.of('audit').flatMap(({ entry }) => (entry.what === 'lock-requested' ? [entry.cause] : []));
    expect(recorded).toEqual([cause]);
    expect(locked(story).state).toMatchObject({ name: 'locked', cause });
  });

  it('has four different sentences for the four ways to be absent', () => {
    const four = ['walkaway', 'approval-timeout', 'gateway-unreachable', 'service-silent'] as const;
    expect(new Set(four.map((cause) => LOCK_SENTENCES[cause].title)).size).toBe(four.length);
  });

  it('is the service when it fell silent while the phone was being asked, not the person', () => {
    const story = new Story().isVerifying().answered().status('pending', { reason: 'PROVIDER_UNREACHABLE' });
    expect(causes(story.wait(60_000))).toEqual(['service-silent']);
  });

  it('is the person again when the service came back before the end', () => {
    const story = new Story().isVerifying().answered().status('pending', { reason: 'PROVIDER_UNREACHABLE' });
    expect(causes(story.status('pending').wait(60_000))).toEqual(['approval-timeout']);
  });

  it.each([
    ['the hourly limit', { maxStartsPerHour: 1 }],
    ['the attempts of one unlock', { maxAttemptsPerUnlock: 1 }],
  ])('is nobody’s “no” when %s ran out', (_, limit) => {
    const story = new Story(limit).isVerifying().refused('START_REFUSED', true).tell({ type: 'user.retry' });
    expect(causes(story.wait(60_000))).toEqual(['approval-timeout']);
  });

  it('is what came first when a stalled process notices both late', () => {
    // Silent from the start; the session would have ended only an hour later.
    expect(causes(new Story().isPresent().stall(2 * 3_600_000))).toEqual(['service-silent']);
    const heardToTheEnd = new Story().isPresent().waitWhileNear(3_600_000 - 5_000);
    expect(causes(heardToTheEnd.stall(3_600_000))).toEqual(['session-expired']);
  });
});

describe('the curtain', () => {
  it('that is lost while it is needed has the OS locked instead', () => {
    expect(causes(new Story().isVerifying().tell({ type: 'curtain.lost', reason: 'gpu' }))).toEqual(['curtain-lost']);
  });
  it('that cannot be raised has the OS locked instead', () => {
    const failed = { type: 'effect.failed', effect: 'raiseCurtain', reason: 'no display' } as const;
    expect(causes(new Story().isVerifying().tell(failed))).toEqual(['curtain-lost']);
  });
  it('that is lost beneath a lock, or while nothing is covered, locks nobody out', () => {
    const lost = { type: 'curtain.lost', reason: 'gpu' } as const;
    expect(new Story().isLocked().tell(lost).state.name).toBe('locked');
    expect(new Story().isPresent().tell(lost).state.name).toBe('present');
  });
  it('is raised again at every unlock, whatever became of it before', () => {
    const story = new Story().isLocked().tell({ type: 'curtain.lost', reason: 'gpu' });
    expect(unlocked(story).of('raiseCurtain')).toHaveLength(1);
  });
});
