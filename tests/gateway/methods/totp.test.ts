import { afterEach, describe, expect, test } from 'vitest';
import { totpMethod } from '../../../gateway/methods/totp.ts';
import { FakeGatewayClock } from '../fake-gateway-clock.ts';
import { ISSUER, MethodsUnderTest } from './methods-under-test.ts';
import { begin, check, confirm, confirmSetUp, FAILED, NOBODY_KNOWS, request, withApp } from './set-up.ts';

let host: MethodsUnderTest;
afterEach(() => host.close());

/** RFC 6238, appendix B: seconds, and the code of each algorithm. */
const VECTORS = [
  [59, '94287082', '46119246', '90693936'],
  [1_111_111_109, '07081804', '68084774', '25091201'],
  [1_111_111_111, '14050471', '67062674', '99943326'],
  [1_234_567_890, '89005924', '91819424', '93441116'],
  [2_000_000_000, '69279037', '90698825', '38618901'],
  [20_000_000_000, '65353130', '77737706', '47863826'],
] as const;
const CASES = VECTORS.flatMap(([seconds, sha1, sha256, sha512]) => [
  { seconds, algorithm: 'SHA1', code: sha1 },
  { seconds, algorithm: 'SHA256', code: sha256 },
  { seconds, algorithm: 'SHA512', code: sha512 },
]);
/** The seed of the appendix, as long as the hash. */
const seed = (bytes: number) => Buffer.from('1234567890'.repeat(7).slice(0, bytes));

async function withSeed(seconds: number, algorithm: string) {
  const clock = new FakeGatewayClock(seconds * 1_000);
  host = await MethodsUnderTest.start({ clock, methods: [totpMethod({ issuer: ISSUER, randomBytes: seed })] });
  return begin(host, { config: { algorithm, digits: '8' } });
}

describe('an authenticator app', () => {
  test.each(CASES)('confirms with the code of RFC 6238 for $algorithm at $seconds s', async (vector) => {
    const begun = await withSeed(vector.seconds, vector.algorithm);
    expect(await confirmSetUp(host, begun, vector.code)).toMatchObject({
      status: 200,
      body: { status: '085-confirmed', is_available: true },
    });
  });

  test.each([
    [-61, 400],
    [-31, 400],
    [-30, 200],
    [0, 200],
    [59, 200],
    [60, 400],
  ])('takes a code %i s after the beginning of its step with status %i', async (late, status) => {
    // The code of the step from 1,111,111,110 on.
    const begun = await withSeed(1_111_111_110 + late, 'SHA1');
    expect(await confirmSetUp(host, begun, '14050471')).toMatchObject({ status });
  });

  test('does not take another algorithm’s code, fewer digits, or something that is no number', async () => {
    const begun = await withSeed(59, 'SHA256');
    for (const code of ['94287082', '119246']) expect(await confirmSetUp(host, begun, code)).toMatchObject(FAILED);
    await host.close();
    const fresh = await withSeed(59, 'SHA256');
    for (const code of ['4611924６', '']) expect(await confirmSetUp(host, fresh, code)).toMatchObject(FAILED);
  });

  test('takes a code with the space that apps show in it', async () => {
    const begun = await withSeed(59, 'SHA1');
    expect(await confirmSetUp(host, begun, '9428 7082')).toMatchObject({ status: 200 });
  });

  test('is scanned from a link that names issuer and secret, and is shown once', async () => {
    host = await MethodsUnderTest.start();
    const { link } = await begin(host, { config: { label: 'my phone' } });
    const { protocol, host: kind, pathname, searchParams } = new URL(link);
    expect([protocol, kind, decodeURIComponent(pathname)]).toEqual(['otpauth:', 'totp', `/${ISSUER}:my phone`]);
    expect(searchParams.get('issuer')).toBe(ISSUER);
    const secret = searchParams.get('secret') ?? '';
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    const { body } = await host.call('GET', 'user-config/own/list/');
    expect(body).toMatchObject([{ config: { label: 'my phone', algorithm: 'SHA1', digits: '6' } }]);
    expect(JSON.stringify(body)).not.toContain(secret);
    expect(JSON.stringify(host.audited) + host.logged.join()).not.toContain(secret);
  });

  test('gives everybody a secret of their own', async () => {
    host = await MethodsUnderTest.start();
    const links = [await begin(host), await begin(host), await begin(host, { as: 'bob' })].map(({ link }) => link);
    expect(new Set(links.map((link) => new URL(link).searchParams.get('secret'))).size).toBe(3);
  });
});

describe('a code', () => {
  test('that confirmed once confirms nothing again, in whatever confirmation', async () => {
    host = await MethodsUnderTest.start();
    const { configId, app } = await withApp(host);
    const code = app.fresh();
    expect(await confirm(host, await request(host, configId), code)).toMatchObject({ status: 200 });
    expect(await confirm(host, await request(host, configId), code)).toMatchObject(FAILED);
  });

  test('before one that was taken is spent with it', async () => {
    host = await MethodsUnderTest.start();
    const { configId, app } = await withApp(host);
    expect(await confirm(host, await request(host, configId), app.shown(1))).toMatchObject({ status: 200 });
    expect(await confirm(host, await request(host, configId), app.shown(0))).toMatchObject(FAILED);
  });

  test('of the old secret is worth nothing after a change that matters, and neither is what it confirmed', async () => {
    host = await MethodsUnderTest.start();
    const { configId, app } = await withApp(host);
    const permit = await request(host, configId);
    await confirm(host, permit, app.fresh());
    const json = { config: { algorithm: 'SHA256' }, is_active: true, is_default: true };
    const changed = await host.call('PUT', `user-config/own/${configId}/update/`, { json });
    expect(changed).toMatchObject({ status: 200, body: { item: { status: '025-in_process' } } });
    expect(changed.body).toMatchObject({ set_up_link: expect.stringContaining('algorithm=SHA256') });
    expect(await check(host, permit)).toEqual(NOBODY_KNOWS);
  });
});
