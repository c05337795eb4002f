import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Provider, SessionHandle } from '../../gateway/providers/provider.ts';
import { PermitBook } from '../../gateway/providers/wcd-2factor/permit-book.ts';
import { json, ServiceDouble } from './service-double.ts';
import { codeOf, signal, TwoFactorWorld } from './wcd-2factor-under-test.ts';

let world: TwoFactorWorld;
let provider: Provider;
beforeEach(async () => {
  world = await TwoFactorWorld.start();
  provider = world.provider();
});
afterEach(() => world.close());

const startFor = (userId: string, methods: readonly string[] = []) =>
  provider.startSession(
    { idempotencyKey: 'k1', userId, deviceId: 'd1', reason: 'unlock', methods, durationSeconds: 600 },
    signal,
  );
const poll = (handle: SessionHandle) => provider.pollSession(handle, signal);
const answer = (handle: SessionHandle, data: string) => {
  if (provider.answerSession === undefined) throw new Error('the provider takes no answers');
  return provider.answerSession(handle, data, signal);
};

describe('a session with a code that is typed', () => {
  beforeEach(() => void world.simulator.phone('ada').setUp('email', { email: 'ada@example.org' }));

  test('asks for the code that was sent, and is active when it is right', async () => {
    const { handle, answer: first } = await startFor('ada');
    const prompt = { kind: 'code', label: 'Code by e-mail' };
    expect(first).toEqual({ status: 'pending', prompt });
    expect(await poll(handle)).toEqual({ status: 'pending', prompt });
    expect(await answer(handle, ` ${world.simulator.phone('ada').code()} `)).toEqual({ status: 'active' });
    expect(await poll(handle)).toEqual({ status: 'active' });
  });

  test('a right code whose answer was lost counts all the same', async () => {
    const { handle } = await startFor('ada');
    const code = world.simulator.phone('ada').code();
    world.simulator.injectFault({ kind: 'drop', processed: true, call: 'confirmConfirmation' });
    expect(await codeOf(answer(handle, code))).toBe('PROVIDER_UNAVAILABLE');
    expect(await answer(handle, code)).toEqual({ status: 'active' });
  });

  test('an outage while the code is checked is not a wrong code', async () => {
    const { handle } = await startFor('ada');
    world.simulator.injectFault({ kind: 'status', status: 503, call: 'confirmConfirmation' });
    expect(await codeOf(answer(handle, world.simulator.phone('ada').code()))).toBe('PROVIDER_UNAVAILABLE');
  });

  test('the permit of one session is no proof for another', async () => {
    const first = await startFor('ada');
    await answer(first.handle, world.simulator.phone('ada').code());
    const second = await startFor('ada');
    expect(second.answer.status).toBe('pending');
    expect((await poll(second.handle)).status).toBe('pending');
  });
});

describe('a session that is confirmed elsewhere', () => {
  test('is polled until the phone approves, and closes when the permit is used up', async () => {
    const phone = world.simulator.phone('ada');
    phone.register();
    const { handle, answer: first } = await startFor('ada');
    expect(first).toEqual({ status: 'pending', prompt: { kind: 'phone' } });
    phone.approve();
    expect(await poll(handle)).toEqual({ status: 'active' });
    phone.close();
    expect(await poll(handle)).toMatchObject({ status: 'closed' });
  });

  test('closes when its method is switched off', async () => {
    const phone = world.simulator.phone('ada');
    phone.register();
    const { handle } = await startFor('ada');
    phone.approve();
    world.simulator.setMethodActive('push', false);
    expect(await poll(handle)).toMatchObject({ status: 'closed' });
  });
});

describe('whom it asks', () => {
  test('the default config, or one of the methods named', async () => {
    const phone = world.simulator.phone('ada');
    phone.setUp('email', { email: 'ada@example.org' });
    phone.setUp('sms', { phone: '+441632960961' });
    expect((await startFor('ada')).answer.prompt).toMatchObject({ label: 'Code by text message' });
    expect((await startFor('ada', ['email'])).answer.prompt).toMatchObject({ label: 'Code by e-mail' });
    expect(await codeOf(startFor('ada', ['push']))).toBe('NO_MOBILE_DEVICE');
  });

  test('nobody without a confirmed, active default', async () => {
    expect(await codeOf(startFor('ada'))).toBe('NO_MOBILE_DEVICE');
    world.simulator.phone('ada').setUp('email', { email: 'ada@example.org' }, false);
    expect(await codeOf(startFor('ada'))).toBe('NO_MOBILE_DEVICE');
    expect(await provider.enrollment.check('ada', signal)).toEqual({ registered: false });
    world.simulator.phone('ada').register();
    expect(await provider.enrollment.check('ada', signal)).toEqual({ registered: true });
    expect(await provider.enrollment.begin({ userId: 'ada', displayName: 'Ada' }, signal)).toEqual({
      registered: true,
    });
  });

  test('only the person of the token, where one is named', async () => {
    world.simulator.phone('ada').register();
    provider = world.provider({ userId: 'ada' });
    expect((await startFor('ada')).answer.status).toBe('pending');
    expect(await codeOf(startFor('bob'))).toBe('USER_UNKNOWN');
    expect(await codeOf(provider.enrollment.check('bob', signal))).toBe('USER_UNKNOWN');
    expect(await codeOf(provider.enrollment.remove('bob', signal))).toBe('USER_UNKNOWN');
  });

  test('the owner of the token, where the template names nobody', async () => {
    world.simulator.phone().register();
    provider = world.provider({ header: {} });
    expect((await startFor('whatever-the-workstation-calls-them')).answer.status).toBe('pending');
  });
});

describe('what a service may say about a confirmation', () => {
  const ID = '5f0a2c9e-7f5e-4a86-9d0c-2b8b8a4f0001';
  const said = async (status: number, body: unknown) => {
    const double = new ServiceDouble();
    await double.listen();
    double.reply = (_request, response) => json(response, status, body);
    const asked = world.provider({ baseUrl: double.url });
    const serialized = JSON.stringify({ v: 1, userId: 'ada', confirmationId: ID, codeLabel: null });
    return asked.pollSession({ providerId: asked.id, serialized }, signal).finally(() => double.close());
  };

  test.each<[number, unknown, string]>([
    [200, { id: ID, status: '085-confirmed', is_available: true }, 'active'],
    [200, { id: ID, status: '085-confirmed', is_available: false }, 'closed'],
    [200, { id: ID, status: '015-new', is_available: true }, 'pending'],
    [200, { id: ID, status: '025-in_process', is_available: true }, 'pending'],
    [200, { id: ID, status: '095-blessed', is_available: true }, 'failed'],
    [200, { id: null, status: null, is_available: true }, 'closed'],
    [200, { id: null, status: '085-confirmed', is_available: true }, 'closed'],
    [404, { detail: 'Not found.' }, 'closed'],
    [403, { detail: 'Invalid token.' }, 'failed'],
  ])('%i %j is %s', async (status, body, expected) => {
    expect((await said(status, body)).status).toBe(expected);
  });

  test('a fault of the service says nothing about the session', async () => {
    expect(await codeOf(said(500, {}))).toBe('PROVIDER_UNAVAILABLE');
    expect(await codeOf(said(200, { id: 'another', status: '085-confirmed', is_available: true }))).toBe(
      'PROVIDER_BAD_ANSWER',
    );
  });

  test('a confirmation given out before starts no second session', async () => {
    const double = new ServiceDouble();
    await double.listen();
    const config = {
      id: 7,
      title: 'Mine',
      status: '085-confirmed',
      method_config_id: 1,
      method_config: { id: 1, title: '', method: 'dummy', is_default: false },
      config: {},
      is_active: true,
      is_default: true,
      is_available: true,
    };
    double.reply = ({ method }, response) =>
      json(response, 200, method === 'GET' ? [config] : { id: ID, status: '085-confirmed', is_available: true });
    provider = world.provider({ baseUrl: double.url });
    expect((await startFor('ada')).answer.status).toBe('active');
    expect(await codeOf(startFor('ada'))).toBe('PROVIDER_BAD_ANSWER');
    double.reply = ({ method }, response) =>
      json(response, method === 'GET' ? 200 : 400, method === 'GET' ? [config] : { x: [] });
    expect(await codeOf(startFor('ada'))).toBe('START_REFUSED');
    await double.close();
  });
});

test('the book of permits gives each confirmation to one session and remembers its end', () => {
  const book = new PermitBook();
  expect(book.take('a')).toBe(true);
  expect(book.take('a')).toBe(false);
  expect(book.isEnded('a')).toBe(false);
  book.end('a');
  expect(book.isEnded('a')).toBe(true);
  expect(book.take('a')).toBe(false);
});
