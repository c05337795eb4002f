import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeGatewayClock } from '../fake-gateway-clock.ts';
import { MethodsUnderTest, PERMIT_MS } from './methods-under-test.ts';
import { check, confirm, FAILED, NOBODY_KNOWS, request, UNKNOWN, use, withApp, withCodes } from './set-up.ts';

let clock: FakeGatewayClock;
let host: MethodsUnderTest;
beforeEach(async () => {
  clock = new FakeGatewayClock();
  host = await MethodsUnderTest.start({ clock });
});
afterEach(() => host.close());

const CONFIRMED = { status: '085-confirmed', is_available: true };

async function confirmed(): Promise<{ id: string; configId: number }> {
  const { configId, app } = await withApp(host);
  const id = await request(host, configId);
  expect(await confirm(host, id, app.fresh())).toMatchObject({ status: 200, body: { id, ...CONFIRMED } });
  return { id, configId };
}

describe('a permit', () => {
  test('stays to be seen while a session lives on it, and runs out after the longest one', async () => {
    const { id } = await confirmed();
    clock.sleep(PERMIT_MS - 1);
    expect(await check(host, id)).toEqual({ id, ...CONFIRMED });
    clock.sleep(1);
    expect(await check(host, id)).toEqual(NOBODY_KNOWS);
    expect(await use(host, id)).toMatchObject(UNKNOWN);
  });

  test('is used once', async () => {
    const { id } = await confirmed();
    expect(await use(host, id)).toMatchObject({ status: 200, body: { id } });
    expect(await use(host, id)).toMatchObject(UNKNOWN);
    expect(await check(host, id)).toEqual(NOBODY_KNOWS);
  });

  test('is used by one of twenty at the same moment', async () => {
    const { id } = await confirmed();
    const answers = await Promise.all(Array.from({ length: 20 }, () => use(host, id)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(19);
  });

  test('is used by one of two gateways on one file', async () => {
    const { id } = await confirmed();
    const other = await host.another();
    try {
      other.service.confirmations.use('ada', id);
      expect(await use(host, id)).toMatchObject(UNKNOWN);
    } finally {
      other.close();
    }
  });

  test('is neither seen nor used by another person', async () => {
    const { id } = await confirmed();
    expect(await check(host, id, 'bob')).toEqual(NOBODY_KNOWS);
    expect(await use(host, id, 'bob')).toMatchObject(UNKNOWN);
    expect(await check(host, id)).toEqual({ id, ...CONFIRMED });
  });

  test('does not count while its config is switched off', async () => {
    const { id, configId } = await confirmed();
    const json = { config: {}, is_active: false, is_default: true };
    await host.call('PUT', `user-config/own/${configId}/update/`, { json });
    expect(await check(host, id)).toMatchObject({ is_available: false });
    expect(await use(host, id)).toMatchObject(UNKNOWN);
  });

  test('goes with its config', async () => {
    const { id, configId } = await confirmed();
    await host.call('DELETE', `user-config/own/${configId}/destroy/`);
    expect(await check(host, id)).toEqual(NOBODY_KNOWS);
  });

  test('is there after a restart', async () => {
    const { id } = await confirmed();
    await host.restart();
    expect(await check(host, id)).toEqual({ id, ...CONFIRMED });
    expect(await use(host, id)).toMatchObject({ status: 200 });
    await host.restart();
    expect(await use(host, id)).toMatchObject(UNKNOWN);
  });

  test('cannot be used before it is confirmed', async () => {
    const { configId } = await withApp(host);
    expect(await use(host, await request(host, configId))).toMatchObject(UNKNOWN);
  });
});

describe('a confirmation', () => {
  test('runs out after five minutes', async () => {
    const { configId, app } = await withApp(host);
    const [late, inTime] = [await request(host, configId), await request(host, configId)];
    clock.sleep(299_999);
    expect(await confirm(host, inTime, app.fresh())).toMatchObject({ status: 200 });
    clock.sleep(1);
    expect(await check(host, late)).toEqual(NOBODY_KNOWS);
    expect(await confirm(host, late, app.fresh())).toMatchObject(UNKNOWN);
  });

  test('is void when the clock was set back to before it was asked for', async () => {
    const { configId, app } = await withApp(host);
    const id = await request(host, configId);
    clock.jumpWall(-60_000);
    expect(await confirm(host, id, app.shown())).toMatchObject(UNKNOWN);
  });

  test('is confirmed by one of eight at the same moment, with one code', async () => {
    const { configId, codes } = await withCodes(host);
    const id = await request(host, configId);
    const code = codes[2] ?? '';
    const answers = await Promise.all([confirm(host, id, code), confirm(host, id, code)]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(1);
  });

  test('cannot be confirmed twice', async () => {
    const { configId, app } = await withApp(host);
    const id = await request(host, configId);
    await confirm(host, id, app.fresh());
    expect(await confirm(host, id, app.fresh())).toMatchObject(UNKNOWN);
  });

  test('of another person is not there', async () => {
    const { configId, app } = await withApp(host);
    const id = await request(host, configId);
    expect(await confirm(host, id, app.fresh(), 'bob')).toMatchObject(UNKNOWN);
    expect(await check(host, id)).toMatchObject({ status: '025-in_process' });
  });

  test('is gone after five wrong codes', async () => {
    const { configId, app } = await withApp(host);
    const id = await request(host, configId);
    for (let attempt = 0; attempt < 5; attempt += 1) {
      expect(await confirm(host, id, 'wrong')).toMatchObject(FAILED);
      // As long as one must wait at most here, and still within the five minutes of the confirmation: 30 s and 60 s.
      clock.sleep(attempt < 2 ? 0 : 30_000 * 2 ** (attempt - 2));
    }
    expect(await check(host, id)).toEqual(NOBODY_KNOWS);
    expect(await confirm(host, id, app.shown())).toMatchObject(UNKNOWN);
  });
});

describe('wrong codes', () => {
  test('in a row are answered after ever longer waits, whichever confirmation they are for', async () => {
    const { configId, app } = await withApp(host);
    const wrong = async () => confirm(host, await request(host, configId), 'wrong');
    for (let free = 0; free < 2; free += 1) expect(await wrong()).toMatchObject(FAILED);
    const waits: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      expect(await wrong()).toMatchObject(FAILED);
      const { status, headers } = await confirm(host, await request(host, configId), app.shown());
      expect(status).toBe(429);
      const seconds = Number(headers.get('Retry-After'));
      waits.push(seconds);
      clock.sleep(seconds * 1_000);
    }
    expect(waits).toEqual([30, 60, 120, 240]);
    expect(await confirm(host, await request(host, configId), app.shown())).toMatchObject({ status: 200 });
  });

  test('are forgotten with a right one', async () => {
    const { configId, app } = await withApp(host);
    for (let round = 0; round < 2; round += 1) {
      for (let wrong = 0; wrong < 2; wrong += 1) {
        expect(await confirm(host, await request(host, configId), 'wrong')).toMatchObject(FAILED);
      }
      expect(await confirm(host, await request(host, configId), app.fresh())).toMatchObject({ status: 200 });
    }
  });

  test('close an authenticator app in the end, and what it confirmed before counts on', async () => {
    const { configId, app } = await withApp(host);
    const permit = await request(host, configId);
    await confirm(host, permit, app.fresh());
    // Nine of them take an hour; the tenth is the last.
    host.database.change('UPDATE user_config SET wrong_in_a_row = 9, last_attempt_at = 0');
    expect(await confirm(host, await request(host, configId), 'wrong')).toMatchObject(FAILED);
    clock.sleep(2 * 60_000);
    expect(await check(host, permit)).toEqual({ id: permit, ...CONFIRMED });
    const { body } = await host.call('GET', 'user-config/own/list/');
    expect(body).toMatchObject([{ is_available: false, is_active: true }]);
    expect(await confirm(host, await request(host, configId), app.shown())).toMatchObject({
      status: 400,
      body: { id: ['Can not be confirmed with unavailable config.'] },
    });
  });

  test('sent all at once are not more than one after the other', async () => {
    const { configId } = await withApp(host);
    const ids = await Promise.all(Array.from({ length: 8 }, () => request(host, configId)));
    const answers = await Promise.all(ids.map((id) => confirm(host, id, 'wrong')));
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(3);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(5);
  });
});
