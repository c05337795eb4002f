import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DeviceKeys } from '../../gateway/device-keys/registry.ts';
import { openDatabase } from '../../gateway/store/database.ts';
import { makeDeviceKey, openDeviceKey } from '../../main/enrollment/device-key.ts';
import { startGateway, TOKEN } from '../gateway/gateway-under-test.ts';
import { eventually } from './eventually.ts';
import { type HandWrittenGateway, startHandWrittenGateway } from './hand-written-gateway.ts';
import { type LinkUnderTest, linkUnderTest } from './link-under-test.ts';

function freshDevice() {
  const device = openDeviceKey(makeDeviceKey());
  if (device === null) throw new Error('no key');
  return device;
}

const links: LinkUnderTest[] = [];
const linkTo = (connect: Parameters<typeof linkUnderTest>[0]) => {
  const tested = linkUnderTest(connect);
  links.push(tested);
  return tested;
};
afterEach(async () => {
  for (const { link } of links.splice(0)) await link.close();
});

describe('a link with a device key', () => {
  const NONCE = randomBytes(32).toString('base64url');
  let gateway: HandWrittenGateway;
  beforeEach(async () => {
    gateway = await startHandWrittenGateway({ greet: false });
  });
  afterEach(() => gateway.stop());

  it('signs the challenge for this workstation, and sends the token at the first contact only', async () => {
    const device = freshDevice();
    const { event, link } = linkTo({ url: gateway.url, token: TOKEN, device });
    expect(await gateway.hear('hello')).toMatchObject({ token: TOKEN, deviceKey: device.publicKey });
    gateway.say({ v: 1, type: 'challenge', nonce: NONCE });
    const { signature } = await gateway.hear('hello.proof');
    const text = `presence-locker device proof\n1\n${NONCE}\ndevice-1\n${device.publicKey}`;
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: device.publicKey }, format: 'jwk' });
    expect(verify(null, Buffer.from(text), key, Buffer.from(String(signature), 'base64url'))).toBe(true);
    gateway.sayReady();
    await event('gateway.up');
    link.reconnectNow();
    const again = await gateway.hear('hello', 2);
    expect(again).toMatchObject({ deviceKey: device.publicKey });
    expect(again).not.toHaveProperty('token');
  });

  it('keeps the token while nobody has let it in', async () => {
    const { link } = linkTo({ url: gateway.url, token: TOKEN, device: freshDevice() });
    await gateway.hear('hello');
    gateway.say({ v: 1, type: 'challenge', nonce: NONCE });
    await gateway.hear('hello.proof');
    link.reconnectNow();
    expect(await gateway.hear('hello', 2)).toMatchObject({ token: TOKEN });
  });

  it('is not ready at a gateway that never asked for its key', async () => {
    const { event, link, of } = linkTo({ url: gateway.url, token: TOKEN, device: freshDevice() });
    await gateway.hear('hello');
    gateway.sayReady();
    expect(await event('gateway.down')).toMatchObject({ reason: 'NOT_CHALLENGED' });
    expect([of('gateway.up'), link.status().ready]).toEqual([[], false]);
  });

  it('signs once for a connection', async () => {
    const { event } = linkTo({ url: gateway.url, token: null, device: freshDevice() });
    await gateway.hear('hello');
    gateway.say({ v: 1, type: 'challenge', nonce: NONCE });
    await gateway.hear('hello.proof');
    gateway.say({ v: 1, type: 'challenge', nonce: randomBytes(32).toString('base64url') });
    expect(await event('gateway.down')).toMatchObject({ reason: 'PROTOCOL_VIOLATION' });
    expect(gateway.heard.filter(({ type }) => type === 'hello.proof')).toHaveLength(1);
  });

  it('takes a challenge for a violation where it has no key', async () => {
    const { event } = linkTo({ url: gateway.url, token: TOKEN });
    await gateway.hear('hello');
    gateway.say({ v: 1, type: 'challenge', nonce: NONCE });
    expect(await event('gateway.down')).toMatchObject({ reason: 'PROTOCOL_VIOLATION' });
  });

  it('has nothing to be forgotten where it came by token', async () => {
    const { link } = linkTo({ url: gateway.url, token: TOKEN });
    expect(await link.forgetDevice()).toEqual({ ok: true, value: null });
  });
});

describe('a link and a gateway that knows workstations by key', () => {
  let directory = '';
  afterEach(() => rmSync(directory, { recursive: true }));

  it('come together by token once, by key from then on, and part for good; no key or token is in any log', async () => {
    directory = mkdtempSync(join(tmpdir(), 'link-keys-'));
    const database = await openDatabase({ file: join(directory, 'gateway.db'), key: randomBytes(32) });
    const deviceKeys = new DeviceKeys(database);
    const running = await startGateway({ deviceKeys });
    const kept = makeDeviceKey();
    const device = openDeviceKey(kept);
    if (device === null) throw new Error('no key');
    const { socketPath } = running;
    const first = linkTo({ socketPath, token: TOKEN, device });
    await first.event('gateway.up');
    expect(deviceKeys.list()).toMatchObject([{ deviceId: 'device-1', publicKey: device.publicKey }]);
    await first.link.close();
    const second = linkTo({ socketPath, token: null, device });
    await second.event('gateway.up');
    const refusals: string[] = [];
    second.link.onRefused(({ code }) => refusals.push(code));
    const thief = linkTo({ socketPath, token: TOKEN, device: freshDevice() });
    expect(refusals).toEqual([]);
    expect(await thief.event('gateway.down')).toMatchObject({ reason: 'DEVICE_KEY_REFUSED' });
    expect(await second.link.forgetDevice()).toEqual({ ok: true, value: null });
    expect(deviceKeys.list()).toEqual([]);
    expect(await second.event('gateway.down')).toMatchObject({ reason: 'DEVICE_KEY_REFUSED' });
    expect(refusals).toEqual(['DEVICE_KEY_REFUSED']);
    await eventually('the slow retry', () => (second.link.status().nextAttemptInMs ?? 0) > 30_000);
    const logged = [...running.logger.lines, ...[first, second, thief].flatMap(({ logLines }) => logLines)].join();
    // The last 32 bytes are the private half; the whole is base64 of it, the seed any text that holds its end.
    const seed = Buffer.from(kept, 'base64').subarray(-32);
    for (const secret of [kept, seed.toString('base64'), seed.toString('base64url'), seed.toString('hex'), TOKEN]) {
      expect(logged).not.toContain(secret);
    }
    await running.close();
    database.close();
  });
});
