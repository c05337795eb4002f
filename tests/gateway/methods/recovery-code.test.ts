import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MethodsUnderTest } from './methods-under-test.ts';
import { begin, confirm, FAILED, RECOVERY, request, withCodes } from './set-up.ts';

let host: MethodsUnderTest;
beforeEach(async () => {
  host = await MethodsUnderTest.start();
});
afterEach(() => host.close());

describe('recovery codes', () => {
  test('are ten, differ, and are shown when they are made and never again', async () => {
    const { codes } = await begin(host, { method: RECOVERY });
    expect(new Set(codes).size).toBe(10);
    const { body } = await host.call('GET', 'user-config/own/list/');
    const afterwards = JSON.stringify([body, host.audited, host.logged]);
    for (const code of codes) expect(afterwards).not.toContain(code);
  });

  test('confirm once each, as typed: small letters and without hyphens', async () => {
    const { configId, codes } = await withCodes(host);
    const [first = '', second = ''] = codes;
    const typed = first.toLowerCase().replaceAll('-', ' ');
    expect(await confirm(host, await request(host, configId), typed)).toMatchObject({ status: 200 });
    expect(await confirm(host, await request(host, configId), first)).toMatchObject(FAILED);
    expect(await confirm(host, await request(host, configId), second)).toMatchObject({ status: 200 });
  });

  test('tell how many are left', async () => {
    const { configId, codes } = await withCodes(host);
    await confirm(host, await request(host, configId), codes[0] ?? '');
    const json = { user_config_id: configId, data: {} };
    expect((await host.call('POST', 'confirmation/request/', { json })).body).toMatchObject({ codes_left: 9 });
  });

  test('of another person confirm nothing', async () => {
    const { configId } = await withCodes(host);
    const bobs = await withCodes(host, 'bob');
    expect(await confirm(host, await request(host, configId), bobs.codes[1] ?? '')).toMatchObject(FAILED);
  });

  test('stay spent after a restart', async () => {
    const { configId, codes } = await withCodes(host);
    await confirm(host, await request(host, configId), codes[0] ?? '');
    await host.restart();
    expect(await confirm(host, await request(host, configId), codes[0] ?? '')).toMatchObject(FAILED);
    expect(await confirm(host, await request(host, configId), codes[1] ?? '')).toMatchObject({ status: 200 });
  });

  test('of which one is typed twice at the same moment confirm one of two', async () => {
    const { configId, codes } = await withCodes(host);
    const [a, b] = [await request(host, configId), await request(host, configId)];
    const code = codes[3] ?? '';
    const answers = await Promise.all([confirm(host, a, code), confirm(host, b, code)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
  });
});
