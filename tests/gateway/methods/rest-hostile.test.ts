import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { MethodsConfigSchema } from '../../../gateway/methods/account.ts';
import { totpMethod } from '../../../gateway/methods/totp.ts';
import { ChangedConfigSchema, UserConfigListSchema } from '../../../gateway/providers/wcd-2factor/wire.ts';
import { FakeGatewayClock } from '../fake-gateway-clock.ts';
import { AuthenticatorApp } from './authenticator-app.ts';
import { type MethodsSetUp, MethodsUnderTest, tokenOf } from './methods-under-test.ts';
import { begin, confirm, confirmSetUp, request, TOTP, use, withApp } from './set-up.ts';

let host: MethodsUnderTest;
let clock: FakeGatewayClock;
afterEach(() => host.close());

async function start(setUp: MethodsSetUp = {}): Promise<void> {
  clock = new FakeGatewayClock();
  host = await MethodsUnderTest.start({ ...setUp, clock });
}

const ALLOWED = 'https://login.example.org';

describe('a page of another origin', () => {
  test('may ask and read where its origin is allowed, with a token and never with cookies', async () => {
    await start({ allowedOrigins: [ALLOWED] });
    const headers = { Origin: ALLOWED };
    const asked = await host.call('OPTIONS', 'user-config/own/create/', { as: null, headers });
    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-origin')).toBe(ALLOWED);
    expect(asked.headers.get('access-control-allow-headers')).toBe('Authorization, Content-Type');
    expect(asked.headers.get('access-control-allow-methods')).toBe('GET, POST, PUT, DELETE');
    const answered = await host.call('GET', 'user-config/own/list/', { headers });
    expect([answered.status, answered.headers.get('access-control-allow-origin')]).toEqual([200, ALLOWED]);
    expect(answered.headers.get('vary')).toContain('Origin');
    expect(answered.headers.get('access-control-allow-credentials')).toBeNull();
    // A page must be able to read why it was refused.
    const refused = await host.call('GET', 'user-config/own/list/', { as: null, headers });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([403, ALLOWED]);
  });

  test.each([`${ALLOWED}.evil.example`, 'http://login.example.org', 'null', `${ALLOWED}/`])(
    'is told nothing where it is not: %s',
    async (origin) => {
      await start({ allowedOrigins: [ALLOWED] });
      for (const method of ['GET', 'OPTIONS']) {
        const answered = await host.call(method, 'user-config/own/list/', { headers: { Origin: origin } });
        const cors = [...answered.headers.keys()].filter((name) => name.startsWith('access-control-'));
        expect([method, cors]).toEqual([method, []]);
      }
    },
  );
});

describe('a body', () => {
  const SHAPES = [null, 1, 'x', true, [], [[]], {}, { id: {} }, { id: -1 }, { id: 1e300 }, { id: '1', data: [] }];
  const TEXTS = [
    '{"__proto__":{"is_active":true}}',
    '{"id":"constructor","data":{"__proto__":1}}',
    '['.repeat(5_000),
    `{"config":${'{"a":'.repeat(500)}1${'}'.repeat(501)}`,
    '{"id":"\\u0000","confirmation_id":"\\ud800","data":{}}',
  ];

  test('of whatever shape is refused field by field and never a server error', async () => {
    await start();
    const { configId } = await withApp(host);
    const paths = [
      ['POST', 'user-config/own/create/'],
      ['POST', 'user-config/own/confirm/'],
      ['PUT', `user-config/own/${configId}/update/`],
      ['POST', 'confirmation/request/'],
      ['POST', 'confirmation/confirm/'],
      ['POST', 'confirmation/use/'],
    ] as const;
    for (const [method, path] of paths) {
      for (const text of [...SHAPES.map((shape) => JSON.stringify(shape)), ...TEXTS]) {
        // The limit of calls refills with the hand-moved clock.
        await clock.advance(1_000);
        const { status } = await host.call(method, path, { text });
        expect([path, text.slice(0, 40), status]).toEqual([path, text.slice(0, 40), 400]);
      }
    }
    expect(host.logged).toEqual([]);
  });
});

describe('what the person sees', () => {
  test('keeps the default that works until the new one is confirmed', async () => {
    await start();
    const { configId } = await withApp(host);
    const begun = await begin(host);
    const defaults = async () => {
      const { body } = await host.call('GET', 'user-config/own/list/');
      return UserConfigListSchema.parse(body).flatMap((config) => (config.is_default ? [config.id] : []));
    };
    expect(await defaults()).toEqual([configId]);
    await confirmSetUp(host, begun, new AuthenticatorApp(begun.link, () => clock.wallMs()).shown());
    expect(await defaults()).toEqual([begun.configId]);
  });

  test('names the same default method in the list of methods and in a config', async () => {
    await start();
    await withApp(host);
    const { body } = await host.call('GET', 'user-config/own/list/');
    const methods = await host.call('GET', 'method-config/list/active/');
    const [config] = UserConfigListSchema.parse(body);
    expect(z.array(z.unknown()).parse(methods.body)).toContainEqual(config?.method_config);
    expect(config?.method_config.is_default).toBe(true);
  });

  test('is a link that our own client understands, with the longest names there may be', async () => {
    const longest = '部'.repeat(21);
    expect(MethodsConfigSchema.safeParse({ issuer: `${longest}部` }).success).toBe(false);
    const { issuer } = MethodsConfigSchema.parse({ issuer: longest });
    await start({ methods: [totpMethod({ issuer })] });
    const label = '門'.repeat(33);
    const config = { label, algorithm: 'SHA512' };
    const json = { method_config_id: TOTP, config, is_active: true, is_default: true };
    const { status, body } = await host.call('POST', 'user-config/own/create/', { json });
    expect(status).toBe(200);
    const link = new URL(ChangedConfigSchema.parse(body).set_up_link ?? '');
    expect(link.searchParams.get('issuer')).toBe(longest);
    expect(decodeURIComponent(link.pathname)).toContain(label);
    const tooLong = { ...json, config: { ...config, label: `${label}門` } };
    const refused = await host.call('POST', 'user-config/own/create/', { json: tooLong });
    expect([refused.status, refused.body]).toMatchObject([400, { config: { label: [expect.any(String)] } }]);
  });
});

describe('wrong codes', () => {
  test('begin their wait again when the clock was set back, and do not wait for ever', async () => {
    await start();
    const { configId, app } = await withApp(host);
    const wrong = ['000000', '111111', '222222', '333333'].find((code) =>
      [-1, 0, 1].every((step) => app.shown(step) !== code),
    );
    const fail = async () => (await confirm(host, await request(host, configId), wrong ?? '')).status;
    expect([await fail(), await fail(), await fail(), await fail()]).toEqual([400, 400, 400, 429]);
    clock.jumpWall(-86_400_000);
    const asked = await request(host, configId);
    const waiting = await confirm(host, asked, wrong ?? '');
    expect([waiting.status, waiting.headers.get('retry-after')]).toEqual([429, '30']);
    await clock.advance(30_000);
    expect((await confirm(host, asked, wrong ?? '')).status).toBe(400);
  });
});

describe('what is written down', () => {
  test('is every creation, confirmation, change, deletion, use and failure, without a secret in it or in the file', async () => {
    await start();
    const begun = await begin(host, { config: { label: 'MyVeryOwnLabel' } });
    const app = new AuthenticatorApp(begun.link, () => clock.wallMs());
    const id = begun.configId;
    await confirmSetUp(host, begun, 'no digits');
    await confirmSetUp(host, begun, app.shown());
    await clock.advance(30_000);
    const asked = await request(host, id);
    await confirm(host, asked, app.shown());
    await use(host, asked);
    const update = { config: { label: 'MyOtherLabel' }, is_active: true, is_default: true };
    await host.call('PUT', `user-config/own/${id}/update/`, { json: update });
    await host.restart();
    const secret = new URL(begun.link).searchParams.get('secret') ?? '';
    const kept = readFileSync(host.file);
    for (const text of [secret, 'MyVeryOwnLabel', 'MyOtherLabel', tokenOf('ada')])
      expect(kept.includes(text)).toBe(false);
    await host.call('DELETE', `user-config/own/${id}/destroy/`);
    expect(host.audited.map(({ event, userId, detail }) => `${event} ${userId} ${detail}`)).toEqual([
      `method.created ada totp ${id}`,
      `confirmation.failed ada totp ${id} wrong`,
      `method.confirmed ada totp ${id}`,
      `confirmation.requested ada totp ${id} permit`,
      `confirmation.confirmed ada totp ${id}`,
      `confirmation.used ada totp ${id}`,
      `method.changed ada totp ${id}`,
      `method.deleted ada totp ${id}`,
    ]);
    const all = JSON.stringify([host.audited, host.logged]);
    for (const word of [secret, asked, begun.confirmationId, tokenOf('ada')]) expect(all).not.toContain(word);
  });
});
