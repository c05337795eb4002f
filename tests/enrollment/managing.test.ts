import { describe, expect, it, vi } from 'vitest';
import type { EnrollmentRecords } from '../../main/enrollment/enrollment-ports.ts';
import { USER_OF_A_DAMAGED_RECORD } from '../../main/enrollment/resume-enrollment.ts';
import { createEnrollmentRecordFile, EnrollmentRecordSchema } from '../../main/settings/enrollment-record.ts';
import { ok } from '../../protocol/result.ts';
import { DEVICE, type Disk, emptyDisk, FakeSurroundings, failing } from './fake-surroundings.ts';

const registered = ok({ registered: true, link: undefined, expiresAt: undefined, detail: undefined });
const embedded = {
  mode: 'embedded',
  kind: 'activeconnect',
  profile: 'iampass',
  baseUrl: '',
  appId: 'app-1',
  appSecret: 'S3CRET',
} as const;
const shared = { mode: 'shared', gatewayUrl: 'wss://gateway.example.org/', gatewayToken: 'T0KEN-0123456789' } as const;

/** What is left on disk and in the keychain after somebody enrolled. */
async function enrolledDisk(account: Parameters<FakeSurroundings['begin']>[0] = embedded): Promise<Disk> {
  const world = new FakeSurroundings();
  await world.begin(account, 'Ada');
  world.answers['enroll.check'] = registered;
  await world.time.pass(2_000);
  await world.flow.test();
  world.tests[0]?.update({ kind: 'status', status: 'active', prompt: null });
  await world.flow.finish();
  await world.flow.close();
  return world.disk;
}
async function enrolled(account?: Parameters<typeof enrolledDisk>[0]): Promise<FakeSurroundings> {
  const world = new FakeSurroundings(await enrolledDisk(account));
  await world.flow.resume();
  return world;
}
const guardedOn = (world: FakeSurroundings) => world.enrollments().at(-1);

describe('starting again', () => {
  it('guards nobody where nobody is enrolled', async () => {
    const world = new FakeSurroundings();
    await world.flow.resume();
    expect(world.enrollments()).toEqual([]);
    expect(world.flow.view().step).toBe('choose');
  });

  it('guards the person before anything else is tried', async () => {
    const world = new FakeSurroundings(await enrolledDisk());
    world.keychainFault = 'locked';
    const resuming = world.flow.resume();
    await resuming;
    expect(guardedOn(world)).toEqual({ userId: world.disk.record?.userId, deviceId: DEVICE });
    expect(world.gateways).toEqual([]);
  });

  it('brings the gateway up with the secret of the keychain and the same store key, but another token', async () => {
    const first = new FakeSurroundings();
    await first.begin(embedded, 'Ada');
    const second = new FakeSurroundings(first.disk);
    await second.flow.resume();
    expect(second.gateways[0]?.provider).toMatchObject({ appSecret: 'S3CRET' });
    expect(second.gateways[0]?.storeKeyBase64).toBe(first.gateways[0]?.storeKeyBase64);
    expect(second.gateways[0]?.token).not.toBe(first.gateways[0]?.token);
  });

  it('goes on with a trial: same account, same port, same phone', async () => {
    const world = await enrolled({ mode: 'trial' });
    expect(world.simulators).toEqual([
      {
        host: '127.0.0.1',
        port: 45_678,
        appId: 'trial-app',
        appSecret: 'SIMULATED-SECRET',
        users: [world.disk.record?.userId],
      },
    ]);
    expect(world.flow.view()).toMatchObject({ step: 'manage', trial: true, problem: null });
  });

  it('goes on with a trial elsewhere when its port was taken, and remembers that', async () => {
    const disk = await enrolledDisk({ mode: 'trial' });
    const world = new FakeSurroundings(disk);
    world.portTaken = 45_678;
    await world.flow.resume();
    expect(world.simulators.map(({ port }) => port)).toEqual([45_678, 0]);
    expect(world.flow.view().problem).toBeNull();
    expect(disk.record).toMatchObject({ simulatorPort: 45_679, registered: true });
  });

  it('connects to the shared gateway with the key of the keychain and no token', async () => {
    const world = await enrolled(shared);
    expect(world.targets).toMatchObject([{ url: 'wss://gateway.example.org/', token: null, device: {} }]);
  });

  for (const [fault, code] of [
    ['locked', 'keychain-locked'],
    ['unavailable', 'keychain-unavailable'],
    ['timeout', 'keychain-silent'],
  ] as const) {
    it(`tries again with growing pauses while the keychain is ${fault}, and guards meanwhile`, async () => {
      const world = new FakeSurroundings(await enrolledDisk());
      world.keychainFault = fault;
      await world.flow.resume();
      expect(world.flow.view()).toMatchObject({ step: 'manage', problem: { code, wayOn: 'none' } });
      await world.time.pass(3_000);
      world.keychainFault = null;
      await world.time.pass(4_000);
      expect(world.gatewayRunning).toBe(true);
      expect(world.flow.view().problem).toBeNull();
      expect(world.enrollments()).toEqual([{ userId: world.disk.record?.userId, deviceId: DEVICE }]);
    });
  }

  it('says when the secret is gone, and keeps guarding', async () => {
    const disk = await enrolledDisk();
    disk.keychain.clear();
    const world = new FakeSurroundings(disk);
    await world.flow.resume();
    expect(world.flow.view().problem?.code).toBe('secret-missing');
    expect(guardedOn(world)).not.toBeNull();
  });

  it('takes a shared gateway that comes back by itself', async () => {
    const world = new FakeSurroundings(await enrolledDisk(shared));
    world.ready = failing('CONNECT_FAILED');
    await world.flow.resume();
    expect(world.flow.view().problem?.code).toBe('gateway-unreachable');
    world.becomeReady();
    expect(world.flow.view()).toMatchObject({ problem: null, service: { title: 'IAMPASS' } });
    const tried = world.targets.length;
    await world.time.pass(120_000);
    expect(world.targets).toHaveLength(tried);
  });

  it('guards with nobody able to approve when the record is damaged, and names the way out', async () => {
    const disk = emptyDisk();
    disk.damaged = true;
    const world = new FakeSurroundings(disk);
    await world.flow.resume();
    expect(guardedOn(world)).toEqual({ userId: USER_OF_A_DAMAGED_RECORD, deviceId: DEVICE });
    const { problem } = world.flow.view();
    expect(problem?.code).toBe('record-damaged');
    expect(problem?.detail).toContain('presence-locker disable');
  });

  it('lets a damaged record be replaced only by somebody who may, and leaves it while that fails', async () => {
    const disk = emptyDisk();
    disk.damaged = true;
    const world = new FakeSurroundings(disk);
    await world.flow.resume();
    world.mayChange = false;
    expect(await world.begin(embedded, 'Eve')).toMatchObject({ ok: false });
    world.mayChange = true;
    world.answers['enroll.begin'] = failing('PROVIDER_UNAUTHORIZED');
    expect(await world.begin(embedded, 'Ada')).toMatchObject({ ok: false });
    expect(disk.damaged).toBe(true);
    expect(guardedOn(world)).not.toBeNull();
    delete world.answers['enroll.begin'];
    expect(await world.begin(embedded, 'Ada')).toEqual({ ok: true });
    expect(disk.damaged).toBe(false);
    expect(guardedOn(world)).toBeNull();
  });

  it('goes on with an enrollment that was begun and not finished, without guarding', async () => {
    const first = new FakeSurroundings();
    await first.begin(embedded, 'Ada');
    const second = new FakeSurroundings(first.disk);
    await second.flow.resume();
    expect(second.enrollments()).toEqual([]);
    expect(second.flow.view()).toMatchObject({ step: 'phone', registration: { registered: false } });
    second.answers['enroll.check'] = registered;
    await second.time.pass(2_000);
    expect(second.flow.view().step).toBe('test');
  });
});

describe('an embedded gateway that dies', () => {
  it('is started again with the same socket and token, and the link is told not to wait', async () => {
    const world = await enrolled();
    world.gatewayDies();
    await world.time.pass(500);
    expect(world.gatewayRunning).toBe(true);
    expect(world.gateways).toHaveLength(2);
    expect(world.gateways[1]).toEqual(world.gateways[0]);
    expect(world.reconnects).toBe(1);
  });

  it('is tried again with growing pauses while it will not start', async () => {
    const world = await enrolled();
    world.gatewayFault = 'no';
    world.gatewayDies();
    await world.time.pass(10_000);
    expect(world.gateways.length).toBeGreaterThan(3);
    expect(world.gateways.length).toBeLessThan(8);
    world.gatewayFault = null;
    await world.time.pass(30_000);
    expect(world.gatewayRunning).toBe(true);
  });

  it('is left alone once the enrollment is removed', async () => {
    const world = await enrolled();
    world.gatewayDies();
    await world.flow.remove();
    await world.time.pass(60_000);
    expect(world.gatewayRunning).toBe(false);
  });
});

describe('a new phone', () => {
  it('can be added with a link for the same person, without lowering the guard', async () => {
    const world = await enrolled();
    world.answers['enroll.begin'] = ok({
      registered: true,
      link: 'https://phone.example/2',
      expiresAt: undefined,
      detail: undefined,
    });
    expect(await world.flow.newLink()).toEqual({ ok: true });
    expect(world.callsOf('enroll.begin')).toMatchObject([{ userId: world.disk.record?.userId }]);
    expect(world.flow.view()).toMatchObject({ step: 'phone', registration: { link: 'https://phone.example/2' } });
    await world.flow.test();
    world.tests[0]?.update({ kind: 'status', status: 'active', prompt: null });
    expect(await world.flow.finish()).toEqual({ ok: true });
    expect(world.enrollments()).toHaveLength(1);
  });

  it('in place of a lost one: the old one is disabled, and nothing is guarded until the new one approved', async () => {
    const world = await enrolled();
    const { userId, enrolledAtWall } = world.disk.record ?? {};
    expect(await world.flow.lostDevice()).toEqual({ ok: true });
    expect(world.callsOf('enroll.lostDevice')).toMatchObject([{ userId }]);
    expect(guardedOn(world)).toBeNull();
    expect(world.disk.record?.registered).toBe(false);
    expect(world.flow.view().step).toBe('phone');
    world.answers['enroll.check'] = registered;
    await world.time.pass(2_000);
    await world.flow.test();
    world.tests[0]?.update({ kind: 'status', status: 'active', prompt: null });
    await world.flow.finish();
    expect(guardedOn(world)).toEqual({ userId, deviceId: DEVICE });
    expect(world.disk.record).toMatchObject({ registered: true, enrolledAtWall });
  });

  it('guards nothing from the answer on, however slow the disk is: what the service then closes locks out nobody', async () => {
    const world = await enrolled();
    let written = (): void => undefined;
    world.slowDisk = new Promise((resolve) => {
      written = resolve;
    });
    const reported = world.flow.lostDevice();
    await vi.waitFor(() => expect(guardedOn(world)).toBeNull());
    expect(world.disk.record?.registered).toBe(true);
    written();
    expect(await reported).toEqual({ ok: true });
    expect(world.disk.record?.registered).toBe(false);
  });

  it('changes nothing when the service could not be told of the loss', async () => {
    const world = await enrolled();
    world.answers['enroll.lostDevice'] = failing('PROVIDER_UNREACHABLE');
    expect(await world.flow.lostDevice()).toMatchObject({ ok: false });
    expect(world.disk.record?.registered).toBe(true);
    expect(guardedOn(world)).not.toBeNull();
  });

  it('keeps the account when the person goes back before the new phone is there', async () => {
    const world = await enrolled();
    await world.flow.lostDevice();
    await world.flow.back();
    expect(world.flow.view().step).toBe('manage');
    expect(world.disk.record).not.toBeNull();
    expect(world.callsOf('enroll.remove')).toEqual([]);
  });
});

describe('removing the enrollment', () => {
  it('deletes the user at the service, the record and the secrets, and guards no more', async () => {
    const world = await enrolled();
    const { userId } = world.disk.record ?? {};
    expect(await world.flow.remove()).toEqual({ ok: true });
    expect(world.callsOf('enroll.remove')).toMatchObject([{ userId }]);
    expect(world.disk.record).toBeNull();
    expect(world.disk.keychain.size).toBe(0);
    expect(guardedOn(world)).toBeNull();
    expect(world.targets.at(-1)).toBeNull();
    expect(world.flow.view()).toMatchObject({ step: 'choose', problem: null, service: null });
  });

  it('goes through here when the service cannot be reached, and says what is left to do there', async () => {
    const world = await enrolled();
    world.answers['enroll.remove'] = failing('CONNECT_FAILED');
    expect(await world.flow.remove()).toEqual({ ok: true });
    expect(world.disk.keychain.size).toBe(0);
    const { problem } = world.flow.view();
    expect(problem).toMatchObject({ code: 'removed-here-only', wayOn: 'none' });
  });

  it('says when the keychain did not let go of the secrets', async () => {
    const world = await enrolled();
    world.keychainHoldsOn = true;
    expect(await world.flow.remove()).toMatchObject({ ok: false, sentence: expect.stringContaining('keychain') });
    expect(world.disk.record).toBeNull();
    expect(guardedOn(world)).toBeNull();
  });

  it('keeps guarding when the record cannot be removed: the next start would guard it again', async () => {
    const world = await enrolled();
    world.diskFull = true;
    expect(await world.flow.remove()).toMatchObject({ ok: false });
    expect(guardedOn(world)).not.toBeNull();
    expect(world.disk.keychain.size).toBeGreaterThan(0);
  });
});

describe('somebody who got round the curtain', () => {
  it('can neither remove nor replace nor add a phone', async () => {
    const world = await enrolled();
    world.mayChange = false;
    const before = world.calls.length;
    for (const action of [world.flow.remove, world.flow.lostDevice, world.flow.newLink]) {
      expect(await action()).toMatchObject({
        ok: false,
        sentence: expect.stringContaining('Approve on your phone first'),
      });
    }
    expect(await world.begin(embedded, 'Eve')).toMatchObject({ ok: false });
    expect(world.calls).toHaveLength(before);
    expect(guardedOn(world)).toEqual({ userId: world.disk.record?.userId, deviceId: DEVICE });
  });
});

describe('closing', () => {
  it('stops the processes and keeps the enrollment', async () => {
    const world = await enrolled();
    await world.flow.close();
    expect([world.gatewayRunning, world.simulatorRunning]).toEqual([false, false]);
    expect(world.disk.record?.registered).toBe(true);
    expect(world.enrollments()).toHaveLength(1);
  });
});

describe('the record', () => {
  it('is one that main/settings reads and writes, in every mode', async () => {
    for (const account of [embedded, shared, { mode: 'trial' } as const]) {
      const { record } = await enrolledDisk(account);
      expect(EnrollmentRecordSchema.parse(record)).toEqual(record);
    }
    // A type error here means that the two folders no longer agree.
    const records: EnrollmentRecords = createEnrollmentRecordFile('/nowhere/at/all', null);
    expect((await records.read()).kind).toBe('absent');
  });
});
