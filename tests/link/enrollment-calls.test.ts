import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ApprovalTestUpdate } from '../../main/link/approval-test.ts';
import { eventually } from './eventually.ts';
import { type HandWrittenGateway, startHandWrittenGateway } from './hand-written-gateway.ts';
import { type LinkUnderTest, linkUnderTest, TOKEN } from './link-under-test.ts';

let gateway: HandWrittenGateway;
let tested: LinkUnderTest;
beforeEach(async () => {
  gateway = await startHandWrittenGateway();
  const limits = { requestTimeoutMs: 200, testPollIntervalMs: 10 };
  tested = linkUnderTest({ url: gateway.url, token: TOKEN }, { limits });
  await tested.event('gateway.up');
});
afterEach(async () => {
  await tested.link.close();
  await gateway.stop();
});

const begin = { type: 'enroll.begin', userId: 'u', displayName: 'Ada' } as const;

describe('enrollment calls', () => {
  it('are answered by their request id, whatever order the answers come in', async () => {
    const first = tested.link.enroll(begin);
    const second = tested.link.enroll({ type: 'enroll.check', userId: 'u' });
    const asked = await gateway.hear('enroll.begin');
    const checked = await gateway.hear('enroll.check');
    gateway.say({ v: 1, type: 'enroll.state', requestId: checked['requestId'], registered: true });
    gateway.say({
      v: 1,
      type: 'enroll.state',
      requestId: asked['requestId'],
      registered: false,
      link: 'https://phone.example/x',
      expiresAt: 5,
    });
    expect(await second).toMatchObject({ ok: true, value: { registered: true } });
    expect(await first).toMatchObject({
      ok: true,
      value: { registered: false, link: 'https://phone.example/x', expiresAt: 5 },
    });
  });

  it('fail with the code, our words for it, and whether to try again', async () => {
    const answer = tested.link.enroll(begin);
    const { requestId } = await gateway.hear('enroll.begin');
    gateway.say({
      v: 1,
      type: 'error',
      requestId,
      code: 'PROVIDER_UNAUTHORIZED',
      message: 'tricky words',
      retryable: false,
    });
    expect(await answer).toEqual({
      ok: false,
      error: {
        code: 'PROVIDER_UNAUTHORIZED',
        text: 'The service does not accept the application id or secret.',
        retryable: false,
      },
    });
  });

  it('fail when no answer comes in time, and ignore the one that comes later', async () => {
    const answer = await tested.link.enroll(begin);
    expect(answer).toMatchObject({ ok: false, error: { code: 'READY_TIMEOUT', retryable: true } });
    const { requestId } = await gateway.hear('enroll.begin');
    gateway.say({ v: 1, type: 'enroll.state', requestId, registered: true });
    await eventually('the count', () => tested.link.counters().staleFrames === 1);
  });

  it('fail at once when the connection is lost, and are not sent again by themselves', async () => {
    const answer = tested.link.enroll({
      type: 'enroll.sms',
      userId: 'u',
      displayName: 'Ada',
      phoneNumber: '+4915112345678',
    });
    await gateway.hear('enroll.sms');
    gateway.socket().terminate();
    expect(await answer).toMatchObject({ ok: false, error: { retryable: true } });
    await tested.event('gateway.up', 2);
    expect(gateway.heard.filter((frame) => frame['type'] === 'enroll.sms')).toHaveLength(1);
  });

  it('fail at once when there is no connection', async () => {
    tested.link.retarget(null);
    expect(await tested.link.enroll(begin)).toMatchObject({ ok: false, error: { code: 'CONNECT_FAILED' } });
  });
});

describe('waiting for the gateway', () => {
  it('ends with the reason when it refuses us', async () => {
    const strict = await startHandWrittenGateway({ greet: false });
    tested.link.retarget({ url: strict.url, token: TOKEN });
    const ready = tested.link.whenReady(5_000);
    await strict.hear('hello');
    strict.socket().close(4004);
    expect(await ready).toMatchObject({ ok: false, error: { code: 'UNAUTHORIZED', retryable: false } });
    await strict.stop();
  });

  it('ends with the capabilities when it is ready', async () => {
    expect(await tested.link.whenReady(0)).toMatchObject({ ok: true, value: { title: 'Hand-written' } });
  });
});

describe('a test approval', () => {
  const state = (seq: number, status: string, more = {}) => ({
    v: 1,
    type: 'session.state',
    sessionId: 't1',
    seq,
    status,
    validForMs: 0,
    ...more,
  });

  it('runs beside the state machine, which hears nothing of it', async () => {
    const updates: ApprovalTestUpdate[] = [];
    const test = tested.link.startTestSession('u', (update) => updates.push(update));
    const start = await gateway.hear('session.start');
    expect(start).toMatchObject({ userId: 'u', reason: 'enrollment-test' });
    gateway.say(state(1, 'pending', { requestId: start['requestId'], prompt: { kind: 'code', label: 'Code' } }));
    await gateway.hear('session.poll', 2);
    expect(test.answer('1234')).toBe(true);
    await gateway.hear('session.answer');
    gateway.say(state(2, 'active', { validForMs: 15_000 }));
    await eventually('two updates', () => updates.length === 2);
    expect(updates).toEqual([
      { kind: 'status', status: 'pending', prompt: { kind: 'code', label: 'Code' } },
      { kind: 'status', status: 'active', prompt: null },
    ]);
    expect(tested.events.map((event) => event.type)).toEqual(['gateway.up']);
    test.end();
    expect(await gateway.hear('session.end')).toMatchObject({ sessionId: 't1' });
  });

  it('reports a refusal', async () => {
    const updates: ApprovalTestUpdate[] = [];
    tested.link.startTestSession('u', (update) => updates.push(update));
    const { requestId } = await gateway.hear('session.start');
    gateway.say({ v: 1, type: 'error', requestId, code: 'NO_MOBILE_DEVICE', message: 'm', retryable: false });
    await eventually('the refusal', () => updates.length === 1);
    expect(updates).toEqual([{ kind: 'refused', code: 'NO_MOBILE_DEVICE', retryable: false }]);
  });

  it('reports nothing after its end', async () => {
    const updates: ApprovalTestUpdate[] = [];
    const test = tested.link.startTestSession('u', (update) => updates.push(update));
    const { requestId } = await gateway.hear('session.start');
    test.end();
    gateway.say(state(1, 'active', { requestId, validForMs: 15_000 }));
    await eventually('the count', () => tested.link.counters().foreignFrames === 1);
    expect(updates).toEqual([]);
  });
});
