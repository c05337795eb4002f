import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AuditEntry } from '../../../gateway/audit-log.ts';
import { DeviceKeys } from '../../../gateway/device-keys/registry.ts';
import type { GatewayOptions } from '../../../gateway/gateway.ts';
import { type Database, openDatabase } from '../../../gateway/store/database.ts';
import { ERROR_CODES, type ErrorCode } from '../../../protocol/error-codes.ts';
import { ACCEPTED_TOKENS, HELLO, OTHER_TOKEN, START, TOKEN } from '../gateway-under-test.ts';
import { gatewayInMemory, Workstation } from '../workstation-in-memory.ts';
import { Device } from './device.ts';

let directory = '';
let database: Database;
let deviceKeys: DeviceKeys;
let audited: AuditEntry[] = [];
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'first-contact-'));
  database = await openDatabase({ file: join(directory, 'gateway.db'), key: Buffer.alloc(32, 7) });
  deviceKeys = new DeviceKeys(database);
  audited = [];
});
afterEach(() => {
  database.close();
  rmSync(directory, { recursive: true });
});

async function gatewayWithKeys(options: Partial<GatewayOptions> = {}) {
  const audit = { append: (entry: AuditEntry) => audited.push(entry) };
  return gatewayInMemory({ deviceKeys, audit, ...options });
}

const isReady = (workstation: Workstation) => workstation.received.some(({ type }) => type === 'ready');

function expectRefused(workstation: Workstation, code: ErrorCode): void {
  expect([workstation.last('error').code, workstation.closedWith]).toEqual([code, ERROR_CODES[code].closeCode]);
  expect(isReady(workstation)).toBe(false);
}

describe('the first contact', () => {
  test('with a token and the proof of a key lets in, and makes the key known before `ready`', async () => {
    const { gateway } = await gatewayWithKeys();
    const device = new Device();
    const workstation = new Workstation(gateway);
    await workstation.says(device.hello());
    expect(workstation.received.map(({ type }) => type)).toEqual(['challenge']);
    expect(deviceKeys.list()).toEqual([]);
    let knownAtReady = false;
    const send = workstation.send.bind(workstation);
    workstation.send = (text) => {
      if (text.includes('"ready"')) knownAtReady = deviceKeys.findByKey(device.publicKey) !== null;
      send(text);
    };
    await workstation.says(device.proof(workstation.last('challenge').nonce));
    expect([isReady(workstation), knownAtReady]).toEqual([true, true]);
    expect(deviceKeys.list()).toMatchObject([{ tokenName: 'desk', deviceId: 'device-1', publicKey: device.publicKey }]);
    expect(audited.map(({ event }) => event)).toEqual(['workstation.key-added', 'workstation.accepted']);
  });

  test('with a wrong token is refused though the proof is good', async () => {
    const { gateway } = await gatewayWithKeys();
    expectRefused(await new Device().connects(gateway, `${TOKEN}x`), 'UNAUTHORIZED');
    expect(deviceKeys.list()).toEqual([]);
  });

  test('without a token is refused though the proof is good', async () => {
    const { gateway } = await gatewayWithKeys();
    expectRefused(await new Device().connects(gateway, null), 'DEVICE_KEY_REFUSED');
    expect(deviceKeys.list()).toEqual([]);
  });

  test('needs the proof: a key that is only claimed is not made known, and nothing can be asked meanwhile', async () => {
    const { gateway } = await gatewayWithKeys();
    const workstation = new Workstation(gateway);
    await workstation.says(new Device().hello());
    await workstation.says(START);
    expectRefused(workstation, 'HELLO_EXPECTED');
    expect(deviceKeys.list()).toEqual([]);
  });

  test('ends when the proof does not come in time', async () => {
    const { gateway, clock } = await gatewayWithKeys();
    const workstation = new Workstation(gateway);
    await workstation.says(new Device().hello());
    await clock.advance(5_000);
    expectRefused(workstation, 'HELLO_TIMEOUT');
  });

  test('is a token’s only one unless its entry says more', async () => {
    const { gateway } = await gatewayWithKeys({
      acceptedTokens: ACCEPTED_TOKENS.map((token) => (token.name === 'desk' ? token : { ...token, devices: 2 })),
    });
    expect(isReady(await new Device('a').connects(gateway))).toBe(true);
    expectRefused(await new Device('b').connects(gateway), 'TOKEN_SPENT');
    for (const deviceId of ['c', 'd']) {
      expect(isReady(await new Device(deviceId).connects(gateway, OTHER_TOKEN))).toBe(true);
    }
    expectRefused(await new Device('e').connects(gateway, OTHER_TOKEN), 'TOKEN_SPENT');
    expect(deviceKeys.list().map(({ deviceId }) => deviceId)).toEqual(['a', 'c', 'd']);
  });
});

describe('a known workstation', () => {
  test('comes in by its key alone, after a restart of the gateway too', async () => {
    const device = new Device();
    await device.connects((await gatewayWithKeys()).gateway);
    const { gateway } = await gatewayWithKeys();
    expect(isReady(await device.connects(gateway, null))).toBe(true);
    expect(deviceKeys.find({ tokenName: 'desk', deviceId: 'device-1' })?.lastSeenAt).not.toBeNull();
  });

  test('that still sends a token is not asked whose it is: a crash may have kept it from forgetting', async () => {
    const { gateway } = await gatewayWithKeys();
    const device = new Device();
    await device.connects(gateway);
    for (const token of [TOKEN, OTHER_TOKEN, 'a-token-that-is-none-at-all']) {
      expect(isReady(await device.connects(gateway, token))).toBe(true);
    }
    expect(deviceKeys.list()).toHaveLength(1);
  });

  test('sees its sessions again, and no other does', async () => {
    const { gateway } = await gatewayWithKeys({
      acceptedTokens: ACCEPTED_TOKENS.map((token) => ({ ...token, devices: 2 })),
    });
    const device = new Device();
    const sessionId = await (await device.connects(gateway)).starts();
    const again = await device.connects(gateway, null);
    expect((await again.polls(sessionId)).sessionId).toBe(sessionId);
    const stranger = await new Device('device-2').connects(gateway);
    await stranger.says({ v: 1, type: 'session.poll', sessionId, seq: 0 });
    expect(stranger.last('error').code).toBe('SESSION_FORBIDDEN');
  });

  test('is refused once its token entry is taken out of the configuration', async () => {
    const device = new Device();
    await device.connects((await gatewayWithKeys()).gateway);
    const { gateway } = await gatewayWithKeys({ acceptedTokens: ACCEPTED_TOKENS.slice(1) });
    expectRefused(await device.connects(gateway, null), 'DEVICE_KEY_REFUSED');
  });

  test('stays known when its entry gets another token', async () => {
    const device = new Device();
    await device.connects((await gatewayWithKeys()).gateway);
    const changed = ACCEPTED_TOKENS.map(({ sha256 }, index) => ({ name: ['desk', 'x'][index] ?? '', sha256 })).map(
      (token) => (token.name === 'desk' ? { ...token, sha256: Buffer.alloc(32, 1) } : token),
    );
    const { gateway } = await gatewayWithKeys({ acceptedTokens: changed });
    expect(isReady(await device.connects(gateway, null))).toBe(true);
  });
});

describe('a thief', () => {
  test('with the token alone is refused, before and after the first contact', async () => {
    const { gateway } = await gatewayWithKeys();
    const early = new Workstation(gateway);
    await early.says(HELLO);
    expectRefused(early, 'DEVICE_KEY_REQUIRED');
    await new Device().connects(gateway);
    const late = new Workstation(gateway);
    await late.says(HELLO);
    expectRefused(late, 'DEVICE_KEY_REQUIRED');
  });

  test('with the token and a key of their own is refused, and it is on record', async () => {
    const { gateway } = await gatewayWithKeys();
    const device = new Device();
    await device.connects(gateway);
    audited = [];
    expectRefused(await new Device().connects(gateway), 'DEVICE_KEY_REFUSED');
    expect(audited).toEqual([
      {
        event: 'workstation.refused',
        tokenName: 'desk',
        deviceId: 'device-1',
        detail: 'deviceKey: another one is known',
      },
    ]);
    expect(deviceKeys.list().map(({ publicKey }) => publicKey)).toEqual([device.publicKey]);
  });

  test('on a machine with the same machine id has not the key', async () => {
    const { gateway } = await gatewayWithKeys();
    await new Device('same').connects(gateway);
    expectRefused(await new Device('same').connects(gateway, null), 'DEVICE_KEY_REFUSED');
  });

  test('who knows the public key cannot sign with another', async () => {
    const { gateway } = await gatewayWithKeys();
    const [device, thief] = [new Device(), new Device()];
    await device.connects(gateway);
    const workstation = new Workstation(gateway);
    await workstation.says(device.hello(null));
    const { nonce } = workstation.last('challenge');
    await workstation.says(thief.proof(nonce, { publicKey: device.publicKey }));
    expectRefused(workstation, 'DEVICE_KEY_REFUSED');
  });

  test('who recorded a proof cannot use it on another connection', async () => {
    const { gateway } = await gatewayWithKeys();
    const device = new Device();
    const first = new Workstation(gateway);
    await first.says(device.hello());
    const recorded = device.proof(first.last('challenge').nonce);
    await first.says(recorded);
    const second = new Workstation(gateway);
    await second.says(device.hello());
    expect(second.last('challenge').nonce).not.toBe(first.last('challenge').nonce);
    await second.says(recorded);
    expectRefused(second, 'DEVICE_KEY_REFUSED');
  });

  test.each([
    ['another device id', { deviceId: 'device-2' }],
    ['another key', { publicKey: 'A'.repeat(43) }],
  ])('cannot use a signature over %s', async (_what, about) => {
    const { gateway } = await gatewayWithKeys();
    const device = new Device();
    const workstation = new Workstation(gateway);
    await workstation.says(device.hello());
    await workstation.says(device.proof(workstation.last('challenge').nonce, about));
    expectRefused(workstation, 'DEVICE_KEY_REFUSED');
    expect(deviceKeys.list()).toEqual([]);
  });

  test('cannot bring a known key in under another device id', async () => {
    const { gateway } = await gatewayWithKeys();
    const device = new Device();
    await device.connects(gateway);
    Reflect.set(device, 'deviceId', 'device-2');
    expectRefused(await device.connects(gateway, OTHER_TOKEN), 'DEVICE_KEY_REFUSED');
  });

  test('with 32 bytes that are no key on the curve proves nothing', async () => {
    const { gateway } = await gatewayWithKeys();
    const workstation = new Workstation(gateway);
    await workstation.says({ ...HELLO, deviceKey: '_'.repeat(42).concat('8') });
    await workstation.says(new Device().proof(workstation.last('challenge').nonce));
    expectRefused(workstation, 'DEVICE_KEY_REFUSED');
  });

  test('who tries on is no longer looked at, and does not keep the workstation out from where it is', async () => {
    const { gateway, clock } = await gatewayWithKeys();
    const device = new Device();
    await device.connects(gateway);
    const from = (peerAddress: string) => Object.assign(new Workstation(gateway), { peerAddress });
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const thief = from('192.0.2.7');
      await thief.says(device.hello(null));
      await thief.says(new Device().proof(thief.last('challenge').nonce));
      expect(thief.last('error').code).toBe('DEVICE_KEY_REFUSED');
    }
    const next = from('192.0.2.7');
    await next.says(device.hello(null));
    expectRefused(next, 'TOO_MANY_FRAMES');
    const own = from('192.0.2.8');
    await own.says(device.hello(null));
    await own.says(device.proof(own.last('challenge').nonce));
    expect(isReady(own)).toBe(true);
    await clock.advance(60_000);
    const later = from('192.0.2.7');
    await later.says(device.hello(null));
    expect(later.received.map(({ type }) => type)).toEqual(['challenge']);
  });
});

describe('out of turn is refused', () => {
  test('a proof before hello', async () => {
    const { gateway } = await gatewayWithKeys();
    const workstation = new Workstation(gateway);
    await workstation.says(new Device().proof('n'));
    expectRefused(workstation, 'HELLO_EXPECTED');
  });

  test('a second proof', async () => {
    const { gateway } = await gatewayWithKeys();
    const device = new Device();
    const workstation = await device.connects(gateway);
    await workstation.says(device.proof(workstation.last('challenge').nonce));
    expect(workstation.last('error').code).toBe('FRAME_INVALID');
    expect(workstation.closedWith).toBe(1008);
  });

  test('a second hello while the first waits for its proof', async () => {
    const { gateway } = await gatewayWithKeys();
    const workstation = new Workstation(gateway);
    await workstation.says(new Device().hello());
    await workstation.says(new Device().hello());
    expectRefused(workstation, 'FRAME_INVALID');
  });

  test.each([
    ['a hello with neither token nor key', { ...HELLO, token: undefined }],
    ['a key that is too short', { ...HELLO, deviceKey: 'A'.repeat(42) }],
    ['a key written in a second way', { ...HELLO, deviceKey: `${'A'.repeat(42)}B` }],
    ['a signature that is too long', { v: 1, type: 'hello.proof', signature: 'A'.repeat(87) }],
    ['a signature written in a second way', { v: 1, type: 'hello.proof', signature: `${'A'.repeat(85)}B` }],
  ])('%s', async (_what, frame) => {
    const { gateway } = await gatewayWithKeys();
    const workstation = new Workstation(gateway);
    await workstation.says(frame);
    expectRefused(workstation, 'FRAME_INVALID');
  });

  test('everybody, while the database does not answer', async () => {
    const { gateway } = await gatewayWithKeys();
    const device = new Device();
    const workstation = new Workstation(gateway);
    await workstation.says(device.hello());
    database.close();
    await workstation.says(device.proof(workstation.last('challenge').nonce));
    expectRefused(workstation, 'INTERNAL');
  });
});
