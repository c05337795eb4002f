import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  MAX_METHODS_ANSWER_BYTES,
  MAX_WRONG_CODES,
  METHOD_CHANGES_PER_TEN_MINUTES,
  METHOD_CODES_PER_TEN_MINUTES,
} from '../../gateway/limits.ts';
import { START, startGateway, type TestClient } from './gateway-under-test.ts';
import { json, ServiceDouble } from './service-double.ts';
import { TwoFactorWorld } from './wcd-2factor-under-test.ts';

const USER = START.userId;
let world: TwoFactorWorld;
let running: Awaited<ReturnType<typeof startGateway>>;
let client: TestClient;
beforeEach(async () => {
  world = await TwoFactorWorld.start();
  running = await startGateway({ provider: world.provider() });
  client = await (await running.connect()).hello();
});
afterEach(async () => {
  await running.close();
  await world.close();
});

const wrongFor = (code: string) => (code === '000000' ? '000001' : '000000');

describe('typing a code', () => {
  let sessionId: string;
  let code: string;
  beforeEach(async () => {
    world.simulator.phone(USER).setUp('email', { email: 'ada@example.org' });
    client.send(START);
    ({ sessionId } = await client.next('session.state'));
    code = world.simulator.phone(USER).code();
  });
  const type = (data: string) => client.send({ v: 1, type: 'session.answer', sessionId, data });

  test('the right one is an active session at once', async () => {
    type(code);
    const state = await client.next('session.state', ({ status }) => status === 'active');
    expect(state.validForMs).toBeGreaterThan(0);
  });

  test('a wrong one is told to all who watch, with the tries left, and stays told over the next poll', async () => {
    const other = await (await running.connect()).hello();
    other.send({ v: 1, type: 'session.poll', sessionId, seq: 0 });
    await other.next('session.state');
    type(wrongFor(code));
    expect(await client.next('error')).toMatchObject({ requestId: sessionId, code: 'CODE_WRONG', retryable: false });
    const told = { status: 'pending', prompt: { kind: 'code', triesLeft: MAX_WRONG_CODES - 1 } };
    expect(
      await other.next('session.state', ({ prompt }) => prompt?.kind === 'code' && prompt.triesLeft !== undefined),
    ).toMatchObject(told);
    client.received.splice(0);
    client.send({ v: 1, type: 'session.poll', sessionId, seq: 0 });
    expect(await client.next('session.state')).toMatchObject(told);
    type(code);
    await client.next('session.state', ({ status }) => status === 'active');
  });

  test('the last wrong one ends the session, and the right one comes too late', async () => {
    for (let typed = 0; typed < MAX_WRONG_CODES; typed += 1) {
      type(wrongFor(code));
      expect((await client.next('error')).code).toBe('CODE_WRONG');
    }
    const ended = await client.next('session.state', ({ status }) => status === 'failed');
    expect(ended.reason).toBe('too many wrong codes');
    type(code);
    expect((await client.next('error')).code).toBe('ANSWER_NOT_EXPECTED');
  });

  test('several at once are no more tries than one after the other', async () => {
    world.simulator.injectFault({ kind: 'delay', delayMs: 200, call: 'confirmConfirmation' });
    for (let typed = 0; typed < 3; typed += 1) type(wrongFor(code));
    const codes = [];
    for (let typed = 0; typed < 3; typed += 1) codes.push((await client.next('error')).code);
    expect(codes).toEqual(['RATE_LIMITED', 'RATE_LIMITED', 'CODE_WRONG']);
  });

  test('a wrong one is no trouble of the service, and no code reaches the log', async () => {
    type(wrongFor(code));
    await client.next('error');
    type(code);
    await client.next('session.state', ({ status }) => status === 'active');
    const log = running.logger.lines.join('\n');
    expect(log).not.toContain('could not be asked');
    for (const secret of [code, wrongFor(code), world.simulator.authorization.slice(6)])
      expect(log).not.toContain(secret);
  });
});

describe('the confirmation methods of a person', () => {
  const ask = (type: string, fields: object = {}) =>
    client.send({ v: 1, type: `methods.${type}`, requestId: 'm-1', userId: USER, ...fields });
  const CREATE = { methodId: '2', settings: { email: 'ada@example.org' }, isDefault: true };

  test('are listed, created, confirmed, changed and deleted', async () => {
    ask('list');
    const listed = await client.next('methods.state');
    expect(listed).toMatchObject({ requestId: 'm-1', configs: [] });
    expect(listed.methods.map(({ key }) => key)).toEqual(['dummy', 'email', 'sms', 'push']);
    ask('create', CREATE);
    const { toConfirm } = await client.next('methods.state');
    if (toConfirm === undefined) throw new Error('nothing to confirm');
    const { configId, confirmationId } = toConfirm;
    const code = world.simulator.phone(USER).code();
    ask('confirm', { configId, confirmationId, data: wrongFor(code) });
    expect(await client.next('error')).toMatchObject({ requestId: 'm-1', code: 'CODE_WRONG' });
    ask('confirm', { configId, confirmationId, data: code });
    expect((await client.next('methods.state')).configs).toMatchObject([{ isAvailable: true }]);
    ask('update', { configId, isActive: false, isDefault: true });
    expect((await client.next('methods.state')).configs).toMatchObject([{ isActive: false }]);
    ask('delete', { configId });
    expect((await client.next('methods.state')).configs).toEqual([]);
    expect(running.audited.filter(({ event }) => event === 'enrollment.changed').map(({ detail }) => detail)).toEqual([
      'methods.create',
      'methods.confirm',
      'methods.update',
      'methods.delete',
    ]);
  });

  test('settings that are refused are said to be', async () => {
    ask('create', { ...CREATE, settings: { nothing: 'of use' } });
    expect(await client.next('error')).toMatchObject({ requestId: 'm-1', code: 'SETTINGS_REFUSED' });
  });

  test('are not guessed: codes and changes are limited, questions hardly', async () => {
    const PROOF = { configId: '1', confirmationId: 'none', data: '1' };
    for (let asked = 0; asked < METHOD_CODES_PER_TEN_MINUTES; asked += 1) {
      ask('confirm', PROOF);
      expect((await client.next('error')).code).toBe('SETTINGS_REFUSED');
    }
    ask('confirm', PROOF);
    expect((await client.next('error')).code).toBe('RATE_LIMITED');
    for (let asked = 0; asked < METHOD_CHANGES_PER_TEN_MINUTES; asked += 1) {
      ask('delete', { configId: '1' });
      await client.next('methods.state');
    }
    ask('create', CREATE);
    expect((await client.next('error')).code).toBe('RATE_LIMITED');
    ask('list');
    await client.next('methods.state');
  });

  test('removing one closes the sessions of other workstations', async () => {
    world.simulator.phone(USER).register();
    const other = await (await running.connect()).hello({ deviceId: 'device-2' });
    other.send(START);
    const { sessionId } = await other.next('session.state');
    ask('delete', { configId: '1' });
    await client.next('methods.state');
    const closed = await other.next('session.state', ({ status }) => status === 'closed');
    expect(closed).toMatchObject({ sessionId, reason: 'a confirmation method was removed' });
  });

  test('lists too long for a frame lose their help, and then are refused', async () => {
    const double = new ServiceDouble();
    await double.listen();
    const texts = (members: number, characters: number) =>
      Object.fromEntries(
        Array.from({ length: members }, (_, index) => [
          `x${index}`,
          { type: 'string', title: 'T'.repeat(characters), description: 'd'.repeat(200) },
        ]),
      );
    const manyMethods = (characters: number) =>
      Array.from({ length: 16 }, (_, index) => ({
        id: index,
        title: 'M',
        method: 'm',
        is_default: false,
        config_user_schema: { type: 'object', properties: texts(8, characters) },
      }));
    let characters = 1;
    double.reply = ({ path }, response) =>
      json(response, 200, path.includes('method-config') ? manyMethods(characters) : []);
    const crowded = await startGateway({ provider: world.provider({ baseUrl: double.url }) });
    const asker = await (await crowded.connect()).hello();
    asker.send({ v: 1, type: 'methods.list', requestId: 'm-2', userId: USER });
    const { methods } = await asker.next('methods.state');
    expect(methods).toHaveLength(16);
    expect(methods.flatMap(({ form }) => form).every((field) => field.help === undefined)).toBe(true);
    characters = MAX_METHODS_ANSWER_BYTES / (16 * 8);
    asker.send({ v: 1, type: 'methods.list', requestId: 'm-3', userId: USER });
    expect(await asker.next('error')).toMatchObject({ requestId: 'm-3', code: 'PROVIDER_BAD_ANSWER' });
    await crowded.close();
    await double.close();
  });
});

test('a service without such methods says so', async () => {
  const plain = await startGateway();
  const asker = await (await plain.connect()).hello();
  asker.send({ v: 1, type: 'methods.list', requestId: 'm-1', userId: USER });
  expect(await asker.next('error')).toMatchObject({ requestId: 'm-1', code: 'NOT_SUPPORTED' });
  await plain.close();
});
