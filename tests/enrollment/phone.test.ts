import { describe, expect, it } from 'vitest';
import { MAX_TESTS_PER_HOUR } from '../../main/enrollment/enrollment-limits.ts';
import { REGISTRATION_LIMIT_MS } from '../../main/enrollment/registration-watch.ts';
import { TEST_LIMIT_MS } from '../../main/enrollment/test-approval.ts';
import { ok } from '../../protocol/result.ts';
import { DEVICE, FakeSurroundings, failing, LINK_URL } from './fake-surroundings.ts';
import { WALL_START } from './virtual-time.ts';

const registered = ok({ registered: true, link: undefined, expiresAt: undefined, detail: undefined });

async function atPhone(): Promise<FakeSurroundings> {
  const world = new FakeSurroundings();
  await world.begin({ mode: 'trial' }, 'Ada');
  return world;
}
async function atTest(): Promise<FakeSurroundings> {
  const world = await atPhone();
  world.answers['enroll.check'] = registered;
  await world.time.pass(2_000);
  return world;
}
const approve = (world: FakeSurroundings) =>
  world.tests.at(-1)?.update({ kind: 'status', status: 'active', prompt: null });

describe('adding the phone', () => {
  it('asks every two seconds and goes on to the test once it is there', async () => {
    const world = await atPhone();
    await world.time.pass(6_000);
    expect(world.callsOf('enroll.check')).toHaveLength(3);
    world.answers['enroll.check'] = registered;
    await world.time.pass(2_000);
    expect(world.flow.view()).toMatchObject({ step: 'test', registration: { registered: true } });
    await world.time.pass(60_000);
    expect(world.callsOf('enroll.check')).toHaveLength(4);
  });

  it('shows that a phone has the link open, and that it let it go again', async () => {
    const world = await atPhone();
    const answered = (detail: string | undefined) =>
      ok({ registered: false, link: undefined, expiresAt: undefined, detail });
    world.answers['enroll.check'] = answered('link-opened');
    await world.time.pass(2_000);
    expect(world.flow.view()).toMatchObject({ step: 'phone', registration: { opened: true, registered: false } });
    world.answers['enroll.check'] = answered(undefined);
    await world.time.pass(2_000);
    expect(world.flow.view()).toMatchObject({ step: 'phone', registration: { opened: false } });
  });

  it('says when the link expired, and makes a new one that is watched again', async () => {
    const world = new FakeSurroundings();
    const expiresAt = WALL_START + 1_000 + 30_000;
    world.answers['enroll.begin'] = ok({ registered: false, link: LINK_URL, expiresAt, detail: undefined });
    await world.begin({ mode: 'trial' }, 'Ada');
    await world.time.pass(31_000);
    expect(world.flow.view()).toMatchObject({ step: 'phone', problem: { code: 'link-expired', wayOn: 'new-link' } });
    delete world.answers['enroll.begin'];
    expect(await world.flow.newLink()).toEqual({ ok: true });
    expect(world.flow.view().problem).toBeNull();
    world.answers['enroll.check'] = registered;
    await world.time.pass(2_000);
    expect(world.flow.view().step).toBe('test');
  });

  it('stops asking when nobody registers a phone, and says so', async () => {
    const world = await atPhone();
    await world.time.pass(REGISTRATION_LIMIT_MS + 5_000);
    expect(world.flow.view().problem).toMatchObject({ code: 'phone-never-registered', wayOn: 'new-link' });
    const asked = world.callsOf('enroll.check').length;
    await world.time.pass(60_000);
    expect(world.callsOf('enroll.check')).toHaveLength(asked);
  });

  it('tells of a lost network only after several checks, and takes it back', async () => {
    const world = await atPhone();
    world.answers['enroll.check'] = failing('PROVIDER_UNREACHABLE');
    await world.time.pass(4_000);
    expect(world.flow.view().problem).toBeNull();
    await world.time.pass(2_000);
    expect(world.flow.view().problem).toMatchObject({ code: 'no-network' });
    delete world.answers['enroll.check'];
    await world.time.pass(2_000);
    expect(world.flow.view().problem).toBeNull();
  });

  it('sends the link by message', async () => {
    const world = await atPhone();
    expect(await world.flow.sendSms('+4915112345678')).toEqual({ ok: true });
    expect(world.callsOf('enroll.sms')).toMatchObject([{ phoneNumber: '+4915112345678', displayName: 'Ada' }]);
    expect(world.flow.view().registration?.sms).toBe('sent');
  });

  it('says when the service refuses the number, and lets it be corrected', async () => {
    const world = await atPhone();
    world.answers['enroll.sms'] = failing('SMS_REFUSED');
    const result = await world.flow.sendSms('+4915112345678');
    expect(result).toMatchObject({ ok: false, sentence: expect.stringContaining('did not accept the phone number') });
    expect(world.flow.view()).toMatchObject({
      registration: { sms: 'idle' },
      problem: { code: 'sms-refused', wayOn: 'edit-number' },
    });
  });

  it('sends no message where the service has none', async () => {
    const world = new FakeSurroundings();
    world.capabilities = { ...world.capabilities, enrollment: ['link'] };
    await world.begin({ mode: 'trial' }, 'Ada');
    expect(await world.flow.sendSms('+4915112345678')).toMatchObject({ ok: false });
    expect(world.callsOf('enroll.sms')).toEqual([]);
  });

  it('copies the link and opens the phone page', async () => {
    const world = await atPhone();
    expect([await world.flow.copyLink(), await world.flow.openPhonePage()]).toEqual([{ ok: true }, { ok: true }]);
    expect(world.copied).toEqual([LINK_URL]);
    expect(world.opened).toEqual([world.flow.view().phonePage]);
    world.browserFault = true;
    expect(await world.flow.openPhonePage()).toMatchObject({ ok: false });
  });

  it('has nothing to copy, send, open, test or finish before it began', async () => {
    const { flow } = new FakeSurroundings();
    for (const action of [flow.copyLink(), flow.sendSms('+4915112345678'), flow.openPhonePage(), flow.newLink()]) {
      expect(await action).toMatchObject({ ok: false });
    }
    for (const action of [flow.test, flow.finish, flow.lostDevice, flow.remove]) {
      expect(await action()).toMatchObject({ ok: false });
    }
  });
});

describe('the test approval', () => {
  it('asks the phone and shows the approval', async () => {
    const world = await atTest();
    expect(await world.flow.test()).toEqual({ ok: true });
    expect(world.flow.view()).toMatchObject({ step: 'test', test: 'asking' });
    world.tests[0]?.update({ kind: 'status', status: 'pending', prompt: { kind: 'number', number: '42' } });
    expect(world.flow.view().testPrompt).toEqual({ kind: 'number', number: '42' });
    approve(world);
    expect(world.flow.view()).toMatchObject({ test: 'approved', testPrompt: null, problem: null });
    expect(world.tests[0]?.ended).toBe(true);
    expect(world.enrollments()).toEqual([]);
  });

  const outcomes = [
    ['failed', 'denied', 'test-denied'],
    ['cancelled', 'denied', 'test-denied'],
    ['timeout', 'timeout', 'test-timeout'],
    ['closed', 'failed', 'test-failed'],
    ['walkaway', 'failed', 'test-failed'],
    [{ unknown: 'dreaming' }, 'failed', 'test-failed'],
  ] as const;
  for (const [status, test, code] of outcomes) {
    it(`that ends with ${JSON.stringify(status)} is “${test}”, and can be tried again`, async () => {
      const world = await atTest();
      await world.flow.test();
      world.tests[0]?.update({ kind: 'status', status, prompt: null });
      expect(world.flow.view()).toMatchObject({ test, problem: { code, wayOn: 'retry' } });
      expect(await world.flow.finish()).toMatchObject({ ok: false });
      expect(await world.flow.test()).toEqual({ ok: true });
    });
  }

  it('that nobody answers ends by itself', async () => {
    const world = await atTest();
    await world.flow.test();
    await world.time.pass(TEST_LIMIT_MS);
    expect(world.flow.view()).toMatchObject({ test: 'timeout', problem: { code: 'test-timeout' } });
    approve(world);
    expect(world.flow.view().test).toBe('timeout');
  });

  it('that the service refuses because there is no phone leads to a new link', async () => {
    const world = await atTest();
    await world.flow.test();
    world.tests[0]?.update({ kind: 'refused', code: 'NO_MOBILE_DEVICE', retryable: false });
    expect(world.flow.view()).toMatchObject({ test: 'failed', problem: { code: 'phone-missing', wayOn: 'new-link' } });
  });

  it('is not begun before a phone is registered', async () => {
    const world = await atPhone();
    expect(await world.flow.test()).toMatchObject({ ok: false });
    expect(world.tests).toEqual([]);
  });

  it('passes on a typed code, and only while it runs', async () => {
    const world = await atTest();
    expect(await world.flow.answer('1')).toMatchObject({ ok: false });
    await world.flow.test();
    expect(await world.flow.answer('123456')).toEqual({ ok: true });
    approve(world);
    expect(await world.flow.answer('2')).toMatchObject({ ok: false });
    expect(world.tests[0]?.answers).toEqual(['123456']);
  });

  it('cannot be used to make a phone buzz without end', async () => {
    const world = await atTest();
    for (let i = 0; i < MAX_TESTS_PER_HOUR; i += 1) {
      expect(await world.flow.test()).toEqual({ ok: true });
      world.tests.at(-1)?.update({ kind: 'status', status: 'failed', prompt: null });
    }
    expect(await world.flow.test()).toMatchObject({ ok: false });
    expect(world.flow.view().problem?.code).toBe('asked-too-often');
    expect(world.tests).toHaveLength(MAX_TESTS_PER_HOUR);
    await world.time.pass(61 * 60_000);
    expect(await world.flow.test()).toEqual({ ok: true });
  });
});

describe('finishing', () => {
  it('writes the record and begins to guard', async () => {
    const world = await atTest();
    await world.flow.test();
    approve(world);
    expect(await world.flow.finish()).toEqual({ ok: true });
    const { record } = world.disk;
    expect(record).toMatchObject({ registered: true, enrolledAtWall: world.time.wallNow() });
    expect(world.enrollments()).toEqual([{ userId: record?.userId, deviceId: DEVICE }]);
    expect(world.flow.view()).toMatchObject({ step: 'done', enrolledSinceWall: record?.enrolledAtWall });
  });

  it('guards nobody whose record could not be written, and can be tried again', async () => {
    const world = await atTest();
    await world.flow.test();
    approve(world);
    world.diskFull = true;
    expect(await world.flow.finish()).toMatchObject({ ok: false });
    expect(world.enrollments()).toEqual([]);
    world.diskFull = false;
    expect(await world.flow.finish()).toEqual({ ok: true });
  });
});

describe('going back', () => {
  it('drops what was begun: user at the service, record, secrets, processes', async () => {
    const world = await atPhone();
    expect(await world.flow.back()).toEqual({ ok: true });
    expect(world.callsOf('enroll.remove')).toHaveLength(1);
    expect(world.disk).toMatchObject({ record: null });
    expect(world.disk.keychain.size).toBe(0);
    expect([world.gatewayRunning, world.simulatorRunning]).toEqual([false, false]);
    expect(world.flow.view()).toMatchObject({ step: 'choose', mode: null, trial: false, registration: null });
    await world.time.pass(60_000);
    expect(world.callsOf('enroll.check')).toEqual([]);
  });

  it('ends a test under way', async () => {
    const world = await atTest();
    await world.flow.test();
    await world.flow.back();
    expect(world.tests[0]?.ended).toBe(true);
  });

  it('from the end leads to managing', async () => {
    const world = await atTest();
    await world.flow.test();
    approve(world);
    await world.flow.finish();
    await world.flow.back();
    expect(world.flow.view().step).toBe('manage');
  });
});
