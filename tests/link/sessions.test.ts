import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Effect } from '../../main/core/lock-types.ts';
import { eventually } from './eventually.ts';
import { type HandWrittenGateway, startHandWrittenGateway } from './hand-written-gateway.ts';
import { type LinkUnderTest, linkUnderTest, TOKEN } from './link-under-test.ts';

let gateway: HandWrittenGateway;
let tested: LinkUnderTest;
beforeEach(async () => {
  gateway = await startHandWrittenGateway();
  tested = linkUnderTest({ url: gateway.url, token: TOKEN });
  await tested.event('gateway.up');
});
afterEach(async () => {
  await tested.link.close();
  await gateway.stop();
});

const startOf = (requestId: string): Extract<Effect, { type: 'startSession' }> => ({
  type: 'startSession',
  requestId,
  userId: 'user-1',
  reason: 'unlock',
  durationSeconds: 3_600,
});
const state = (seq: number, more: Record<string, unknown> = {}) => ({
  v: 1,
  type: 'session.state',
  sessionId: 's1',
  seq,
  status: 'pending',
  validForMs: 0,
  ...more,
});
const error = (code: string, requestId: string, retryable = false) => ({
  v: 1,
  type: 'error',
  requestId,
  code,
  message: 'words of the gateway',
  retryable,
});

/** A session that is ours and has been heard of once. */
async function running(): Promise<void> {
  await tested.link.startSession(startOf('r.1'));
  await gateway.hear('session.start');
  gateway.say(state(1, { requestId: 'r.1' }));
  await tested.event('session.status');
}

describe('starting a session', () => {
  it('binds the session to the request that asked for it and reports its state after that', async () => {
    await tested.link.startSession(startOf('r.1'));
    expect(await gateway.hear('session.start')).toEqual({
      v: 1,
      type: 'session.start',
      requestId: 'r.1',
      userId: 'user-1',
      reason: 'unlock',
      durationSeconds: 3_600,
    });
    gateway.say(state(1, { requestId: 'r.1', prompt: { kind: 'phone' } }));
    expect(await tested.event('session.started')).toMatchObject({ requestId: 'r.1', sessionId: 's1' });
    expect(await tested.event('session.status')).toMatchObject({
      sessionId: 's1',
      seq: 1,
      status: 'pending',
      prompt: { kind: 'phone' },
    });
    const order = tested.events.map((event) => event.type);
    expect(order.indexOf('session.started')).toBeLessThan(order.indexOf('session.status'));
  });

  it('reports a refusal with its code', async () => {
    await tested.link.startSession(startOf('r.1'));
    await gateway.hear('session.start');
    gateway.say(error('NO_MOBILE_DEVICE', 'r.1'));
    expect(await tested.event('session.refused')).toMatchObject({
      requestId: 'r.1',
      code: 'NO_MOBILE_DEVICE',
      retryable: false,
    });
  });

  it('sends an unanswered start again after a reconnect, under the same request id', async () => {
    await tested.link.startSession(startOf('r.1'));
    await gateway.hear('session.start');
    gateway.socket().terminate();
    const again = await gateway.hear('session.start', 2);
    expect(again['requestId']).toBe('r.1');
    gateway.say(state(4, { requestId: 'r.1' }));
    await tested.event('session.started');
  });

  it('does not send an answered start again', async () => {
    await running();
    gateway.socket().terminate();
    await tested.event('gateway.up', 2);
    // The poll is sent after the starts, so a start that was to be sent again would have been heard by now.
    await gateway.hear('session.poll');
    expect(gateway.heard.filter((frame) => frame['type'] === 'session.start')).toHaveLength(1);
  });

  it('lets a newer start take the place of an unanswered one', async () => {
    await tested.link.startSession(startOf('r.1'));
    await tested.link.startSession(startOf('r.2'));
    await gateway.hear('session.start', 2);
    gateway.say(state(1, { requestId: 'r.1', status: 'active', validForMs: 9_000 }));
    gateway.say({ ...state(1, { requestId: 'r.2' }), sessionId: 's2' });
    expect(await tested.event('session.started')).toMatchObject({ requestId: 'r.2', sessionId: 's2' });
    expect(tested.of('session.status').map((event) => event.sessionId)).toEqual(['s2']);
    expect(tested.link.counters().foreignFrames).toBe(1);
  });
});

describe('an unanswered start', () => {
  it('is given up after its limit, so that it never buzzes the phone later', async () => {
    const impatient = linkUnderTest({ url: gateway.url, token: TOKEN }, { limits: { startAnswerLimitMs: 30 } });
    await impatient.event('gateway.up');
    await impatient.link.startSession(startOf('r.7'));
    expect(await impatient.event('session.refused')).toMatchObject({ requestId: 'r.7', retryable: true });
    const starts = () => gateway.heard.filter((frame) => frame['requestId'] === 'r.7').length;
    expect(starts()).toBe(1);
    impatient.link.reconnectNow();
    await impatient.event('gateway.up', 2);
    await impatient.link.close();
    expect(starts()).toBe(1);
  });
});

describe('news of sessions', () => {
  it('of a session that is not ours is not passed on, and counted', async () => {
    await running();
    gateway.say({ ...state(9, { status: 'active', validForMs: 15_000 }), sessionId: 'somebody-elses' });
    gateway.say(state(2));
    await tested.event('session.status', 2);
    expect(tested.of('session.status').every((event) => event.sessionId === 's1')).toBe(true);
    expect(tested.link.counters().foreignFrames).toBe(1);
  });

  it('answering a request nobody made opens no session', async () => {
    gateway.say(state(1, { requestId: 'r.404', status: 'active', validForMs: 15_000 }));
    await eventually('the count', () => tested.link.counters().foreignFrames === 1);
    expect(tested.of('session.started')).toEqual([]);
  });

  it('that is a duplicate or older is not passed on', async () => {
    await running();
    gateway.say(state(5, { status: 'walkaway' }));
    gateway.say(state(5, { status: 'walkaway' }));
    gateway.say(state(3, { status: 'active', validForMs: 15_000 }));
    gateway.say(state(6, { status: 'closed' }));
    await tested.event('session.status', 3);
    expect(tested.of('session.status').map(({ seq, status }) => [seq, status])).toEqual([
      [1, 'pending'],
      [5, 'walkaway'],
      [6, 'closed'],
    ]);
    expect(tested.link.counters().staleFrames).toBe(2);
  });

  it('that is older than what was heard before a reconnect is not passed on either', async () => {
    await running();
    gateway.say(state(8, { status: 'walkaway' }));
    await tested.event('session.status', 2);
    gateway.socket().terminate();
    await tested.event('gateway.up', 2);
    gateway.say(state(7, { status: 'active', validForMs: 15_000 }));
    await eventually('the count', () => tested.link.counters().staleFrames === 1);
    expect(tested.of('session.status')).toHaveLength(2);
  });

  it('grants no lease unless the status is active', async () => {
    await running();
    gateway.say(state(2, { status: 'walkaway', validForMs: 15_000 }));
    expect(await tested.event('session.status', 2)).toMatchObject({ status: 'walkaway', validForMs: 0 });
  });

  it('with a status word of the future is passed on as unknown, even with fields of the future', async () => {
    await running();
    gateway.say(state(2, { status: 'hibernating', validForMs: 15_000, mood: 'sleepy' }));
    expect(await tested.event('session.status', 2)).toMatchObject({
      seq: 2,
      status: { unknown: 'hibernating' },
      validForMs: 0,
    });
    expect(tested.link.counters()).toMatchObject({ unknownStatuses: 1, violations: 0 });
  });

  it.each([[42], [null], ['\u001b[2J'], ['x'.repeat(41)]])(
    'with the status %j is passed on as unreadable',
    async (word) => {
      await running();
      gateway.say(state(2, { status: word }));
      expect(await tested.event('session.status', 2)).toMatchObject({ status: { unknown: '(unreadable)' } });
    },
  );

  it('that it was ended by others counts as closed, newer than everything before', async () => {
    await running();
    gateway.say(state(6, { status: 'active', validForMs: 15_000 }));
    gateway.say({ v: 1, type: 'session.ended', sessionId: 's1' });
    expect(await tested.event('session.status', 3)).toMatchObject({ seq: 7, status: 'closed', validForMs: 0 });
  });

  it.each(['SESSION_UNKNOWN', 'SESSION_FORBIDDEN'])(
    'that the gateway answers with %s counts as closed',
    async (code) => {
      await running();
      gateway.say(error(code, 's1'));
      expect(await tested.event('session.status', 2)).toMatchObject({ seq: 2, status: 'closed', reason: code });
    },
  );

  it('about a passing error changes nothing', async () => {
    await running();
    gateway.say(error('RATE_LIMITED', 's1', true));
    gateway.say(state(2));
    await tested.event('session.status', 2);
    expect(tested.of('session.status').map((event) => event.status)).toEqual(['pending', 'pending']);
  });

  it('of a session we ended is not passed on', async () => {
    await running();
    await tested.link.endSession('s1', 'locked');
    expect(await gateway.hear('session.end')).toMatchObject({ sessionId: 's1', reason: 'locked' });
    gateway.say(state(2, { status: 'active', validForMs: 15_000 }));
    await eventually('the count', () => tested.link.counters().foreignFrames === 1);
    expect(tested.of('session.status')).toHaveLength(1);
  });
});

describe('polling', () => {
  it('asks at the interval with the highest sequence number heard', async () => {
    await running();
    tested.link.setPolling({ sessionId: 's1', intervalMs: 10 });
    expect(await gateway.hear('session.poll')).toEqual({ v: 1, type: 'session.poll', sessionId: 's1', seq: 1 });
    gateway.say(state(5));
    await tested.event('session.status', 2);
    await eventually('a poll that knows of 5', () => gateway.heard.some((frame) => frame['seq'] === 5));
  });

  it('asks about its session at once after a reconnect', async () => {
    await running();
    tested.link.setPolling({ sessionId: 's1', intervalMs: 60_000 });
    await gateway.hear('session.poll');
    gateway.socket().terminate();
    await gateway.hear('session.poll', 2);
  });

  it('sends an end that was owed while the gateway was away, once', async () => {
    await running();
    gateway.socket().terminate();
    await tested.event('gateway.down');
    await tested.link.endSession('s1', 'locked');
    await tested.event('gateway.up', 2);
    await gateway.hear('session.end');
    gateway.socket().terminate();
    await tested.event('gateway.up', 3);
    expect(gateway.heard.filter((frame) => frame['type'] === 'session.end')).toHaveLength(1);
  });
});

describe('a command of the gateway', () => {
  it('to lock is passed on with its reason', async () => {
    gateway.say({ v: 1, type: 'command.lock', reason: 'security desk' });
    expect(await tested.event('gateway.lockCommand')).toMatchObject({ reason: 'security desk' });
  });
  it('to pause is passed on with its session: whether it counts is for the rules to say', async () => {
    gateway.say({ v: 1, type: 'command.pause', sessionId: 's1', minutes: 15 });
    expect(await tested.event('gateway.pauseCommand')).toMatchObject({ sessionId: 's1', minutes: 15 });
  });
  it.each([0, -5, 1.5, 481, Number.MAX_VALUE])('to pause for %d minutes is a violation', async (minutes) => {
    gateway.say({ v: 1, type: 'command.pause', sessionId: 's1', minutes });
    await expect.poll(() => tested.link.counters().violations).toBe(1);
  });
});

describe('a typed code', () => {
  it('goes to the session', async () => {
    await running();
    expect(tested.link.answerSession('s1', '123456')).toBe(true);
    expect(await gateway.hear('session.answer')).toEqual({
      v: 1,
      type: 'session.answer',
      sessionId: 's1',
      data: '123456',
    });
  });
});
