import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeDeviceKey, openDeviceKey } from '../../main/enrollment/device-key.ts';
import { err, ok } from '../../protocol/result.ts';
import { type Disk, FakeSurroundings, failing } from './fake-surroundings.ts';

const TOKEN = 'T0KEN-of-the-shared-gateway';
const shared = { mode: 'shared', gatewayUrl: 'wss://gateway.example.org/', gatewayToken: TOKEN } as const;

function keptIn({ keychain }: Disk, kind: 'device-key' | 'gateway-token'): string | undefined {
  return [...keychain].find(([name]) => name.startsWith(`${kind}:`))?.[1];
}

async function begun(): Promise<FakeSurroundings> {
  const world = new FakeSurroundings();
  expect(await world.begin(shared, 'Ada')).toEqual({ ok: true });
  return world;
}

/** The app ends and starts again on the same disk and keychain. */
async function startedAgain(disk: Disk): Promise<FakeSurroundings> {
  const world = new FakeSurroundings(disk);
  await world.flow.resume();
  return world;
}

const deviceOf = (world: FakeSurroundings) => {
  const target = world.targets.at(-1);
  if (target === null || target === undefined || !('device' in target)) throw new Error('no target with a key');
  return target.device;
};

describe('a device key', () => {
  it('signs what its public half verifies, and shows nothing of the private half', () => {
    const kept = makeDeviceKey();
    const signer = openDeviceKey(kept);
    if (signer === null) throw new Error('not a key');
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: signer.publicKey }, format: 'jwk' });
    expect(verify(null, Buffer.from('a text'), key, Buffer.from(signer.sign('a text'), 'base64url'))).toBe(true);
    expect(JSON.stringify(signer)).not.toContain(kept.slice(-43));
    expect(Object.keys(signer)).toEqual(['publicKey', 'sign']);
  });

  it.each(['', 'not base64 at all!', 'AAAA'])('is not read from %j', (kept) => {
    expect(openDeviceKey(kept)).toBeNull();
  });
});

describe('enrolling with a shared gateway', () => {
  it('makes a key, brings it and the token to the gateway, and forgets the token once it was let in', async () => {
    const world = await begun();
    expect(world.targets).toMatchObject([{ token: TOKEN, device: { publicKey: expect.stringMatching(/^.{43}$/) } }]);
    expect(keptIn(world.disk, 'gateway-token')).toBeUndefined();
    const kept = keptIn(world.disk, 'device-key') ?? '';
    expect(openDeviceKey(kept)?.publicKey).toBe(deviceOf(world).publicKey);
    expect(world.everythingShown()).not.toContain(kept);
    expect(world.everythingShown()).not.toContain(TOKEN);
  });

  it('makes another key for each enrollment: what one gateway is shown is of no use at another', async () => {
    const [one, other] = [await begun(), await begun()];
    expect(deviceOf(one).publicKey).not.toBe(deviceOf(other).publicKey);
  });

  it('goes on with the key after the next start', async () => {
    const first = await begun();
    const second = await startedAgain(first.disk);
    expect(second.targets).toMatchObject([{ token: null, device: { publicKey: deviceOf(first).publicKey } }]);
  });

  it('after a crash between the first contact and forgetting the token has both, and forgets the token then', async () => {
    const first = await begun();
    const name = [...first.disk.keychain.keys()].find((each) => each.startsWith('device-key:')) ?? '';
    first.disk.keychain.set(name.replace('device-key', 'gateway-token'), TOKEN);
    const second = await startedAgain(first.disk);
    expect(second.targets).toMatchObject([{ token: TOKEN, device: { publicKey: deviceOf(first).publicKey } }]);
    second.becomeReady();
    await expect.poll(() => keptIn(second.disk, 'gateway-token')).toBeUndefined();
    expect(keptIn(second.disk, 'device-key')).toBeDefined();
  });

  it('knows whose key it is when it crashes before the first answer: the record was there first', async () => {
    const world = new FakeSurroundings();
    let recordAtContact: unknown = null;
    Object.defineProperty(world, 'ready', {
      get() {
        recordAtContact = world.disk.record;
        return null;
      },
    });
    await world.begin(shared, 'Ada');
    expect(recordAtContact).toMatchObject({ mode: 'shared', registered: false });
  });

  it.each([
    ['DEVICE_KEY_REFUSED', 'device-key-refused'],
    ['TOKEN_SPENT', 'token-spent'],
    ['DEVICE_KEY_REQUIRED', 'gateway-version'],
    ['NOT_CHALLENGED', 'gateway-version'],
  ])('refused with %s leaves nothing behind and says %s', async (code, problem) => {
    const world = new FakeSurroundings();
    world.ready = failing(code);
    expect(await world.begin(shared, 'Ada')).toMatchObject({ ok: false });
    expect(world.flow.view().problem?.code).toBe(problem);
    expect([world.disk.record, [...world.disk.keychain.keys()]]).toEqual([null, []]);
  });

  it('undone after the first contact has the gateway forget the key, so that the token works again', async () => {
    const world = new FakeSurroundings();
    world.answers['enroll.begin'] = failing('PROVIDER_UNAVAILABLE');
    await world.begin(shared, 'Ada');
    expect(world.forgetCalls).toBe(1);
    expect([...world.disk.keychain.keys()]).toEqual([]);
  });
});

describe('an enrollment with a shared gateway', () => {
  it('of an earlier version, with a token and no key, makes its key at the next start', async () => {
    const first = await begun();
    const name = [...first.disk.keychain.keys()].find((each) => each.startsWith('device-key:')) ?? '';
    first.disk.keychain.delete(name);
    first.disk.keychain.set(name.replace('device-key', 'gateway-token'), TOKEN);
    const second = await startedAgain(first.disk);
    expect(second.targets).toMatchObject([{ token: TOKEN }]);
    expect(openDeviceKey(keptIn(second.disk, 'device-key') ?? '')?.publicKey).toBe(deviceOf(second).publicKey);
  });

  it('that is removed at the gateway meanwhile says so, and takes it back when it is let in again', async () => {
    const world = await startedAgain((await begun()).disk);
    world.becomeRefused('DEVICE_KEY_REFUSED');
    expect(world.flow.view()).toMatchObject({ service: null, problem: { code: 'device-key-refused' } });
    world.becomeReady();
    expect(world.flow.view()).toMatchObject({ service: {}, problem: null });
  });

  it.each([
    ['lost', undefined],
    ['spoilt', 'AAAA'],
  ])('whose key is %s stays guarded, and says what to do', async (_what, left) => {
    const first = await begun();
    const { record } = first.disk;
    if (record === null) throw new Error('no record');
    first.disk.record = { ...record, registered: true, enrolledAtWall: 1 };
    const name = `device-key:${record.userId}`;
    if (left === undefined) first.disk.keychain.delete(name);
    else first.disk.keychain.set(name, left);
    const second = await startedAgain(first.disk);
    expect(second.enrollments()).toMatchObject([{ userId: record.userId }]);
    expect(second.targets).toEqual([]);
    const problem = second.flow.view().problem;
    expect(problem?.code).toBe('device-key-missing');
    expect(problem?.detail).toMatch(/recovery code.*removed at the gateway/);
  });

  it.each([
    [ok(null), undefined],
    [err({ code: 'CONNECT_FAILED', text: 'words', retryable: true }), 'key-left-there'],
  ])('that is removed takes its key along, here and as far as possible there', async (answer, problem) => {
    const world = await begun();
    world.forgetAnswer = answer;
    expect(await world.flow.remove()).toEqual({ ok: true });
    expect([world.forgetCalls, [...world.disk.keychain.keys()]]).toEqual([1, []]);
    expect(world.flow.view().problem?.code).toBe(problem);
  });

  it('whose record cannot be removed does not give up its key at the gateway', async () => {
    const world = await begun();
    world.diskFull = true;
    expect(await world.flow.remove()).toMatchObject({ ok: false });
    expect(world.forgetCalls).toBe(0);
    expect(keptIn(world.disk, 'device-key')).toBeDefined();
  });
});
