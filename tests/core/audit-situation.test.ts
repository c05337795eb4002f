import { describe, expect, it } from 'vitest';
import { type AuditSituation, AuditSituationSchema, situationOf } from '../../main/core/audit-situation.ts';
import type { LockEvent } from '../../main/core/lock-types.ts';
import { transition } from '../../main/core/transition.ts';
import { type Draft, Story } from './story.ts';

/** What was known when this was told. */
function known(story: Story, draft: Draft): AuditSituation {
  const before = story.machine;
  const event: LockEvent = { ...draft, at: story.now };
  const { machine } = transition(before, event, story.policy);
  story.machine = machine;
  return AuditSituationSchema.parse(situationOf(before, event, machine));
}

type StatusDraft = Extract<Draft, { type: 'session.status' }>;
const statusOf = (story: Story, status: StatusDraft['status']): StatusDraft => ({
  type: 'session.status',
  sessionId: story.session().sessionId,
  seq: story.session().seq + 1,
  status,
  validForMs: 15_000,
  asOf: story.now,
});

describe('what is recorded with an entry', () => {
  it('at an approval: the answer, the lease that it granted, the socket', () => {
    const story = new Story().isVerifying().answered();
    expect(known(story, statusOf(story, 'active'))).toEqual({
      state: 'verifying',
      status: 'active',
      leaseLeftMs: 15_000,
      heardAgoMs: 0,
      socket: 'up',
    });
  });

  it('at a lock by the service: the answer that led to it, and the lease that was still held', () => {
    const story = new Story().isPresent();
    story.wait(4_000);
    expect(known(story, statusOf(story, 'closed'))).toMatchObject({
      state: 'present',
      status: 'closed',
      leaseLeftMs: 11_000,
    });
  });

  it('at an answer that nobody understands: that it was unknown', () => {
    const story = new Story().isPresent();
    expect(known(story, statusOf(story, { unknown: 'sitting nearby' })).status).toBe('unknown');
  });

  it('at a lock after silence: how long the lease had run out, and how long nothing was heard', () => {
    const story = new Story().isPresent();
    const { machine } = story;
    story.tell({ type: 'gateway.down', reason: 'CLOSED' });
    story.now += 45_000;
    expect(known(story, { type: 'timer.fired' })).toEqual({
      state: 'leaving',
      status: 'active',
      leaseLeftMs: -30_000,
      heardAgoMs: 45_000,
      socket: 'down',
    });
    expect(machine.state.name).toBe('present');
    expect(story.state.name).toBe('locking');
  });

  it('of an answer about another session, or an old one: nothing (S6)', () => {
    const story = new Story().isPresent();
    const foreign = { ...statusOf(story, 'closed'), sessionId: 'of-somebody-else' };
    expect(known(story, foreign).status).toBe('active');
    const old = { ...statusOf(story, 'closed'), seq: story.session().seq };
    expect(known(story, old).status).toBe('active');
  });

  it('while present by a code: its lease, and no answer of the service', () => {
    const story = new Story({ offline: 'code' }).isPresentByCode();
    expect(known(story, { type: 'user.lockNow', from: 'tray' })).toMatchObject({
      status: null,
      leaseLeftMs: story.policy.maxSessionSeconds * 1_000,
      heardAgoMs: null,
      socket: 'down',
    });
  });

  it('without a session: that there is none', () => {
    expect(known(new Story(), { type: 'os.locked', evidence: 'x' })).toEqual({
      state: 'unenrolled',
      status: null,
      leaseLeftMs: null,
      heardAgoMs: null,
      socket: 'down',
    });
  });
});
