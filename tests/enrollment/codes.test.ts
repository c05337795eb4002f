import { describe, expect, it } from 'vitest';
import { totpCode, totpStepAt } from '../../main/offline/one-time-password.ts';
import type { MadeCodes } from '../../protocol/ipc.ts';
import { ok } from '../../protocol/result.ts';
import { secretOf } from '../offline/code-desk.ts';
import { FakeSurroundings } from './fake-surroundings.ts';
import { settled } from './virtual-time.ts';

const registered = ok({ registered: true, link: undefined, expiresAt: undefined, detail: undefined });

async function approved(): Promise<FakeSurroundings> {
  const world = new FakeSurroundings();
  await world.begin({ mode: 'trial' }, 'Ada');
  world.answers['enroll.check'] = registered;
  await world.time.pass(2_000);
  await world.flow.test();
  world.tests.at(-1)?.update({ kind: 'status', status: 'active', prompt: null });
  return world;
}
async function make(world: FakeSurroundings): Promise<MadeCodes> {
  const made = await world.flow.makeCodes();
  if (!made.ok) throw new Error(made.sentence);
  return made.codes;
}
async function withCodes(): Promise<{ world: FakeSurroundings; codes: MadeCodes }> {
  const world = await approved();
  await world.flow.openCodes();
  const codes = await make(world);
  expect(await world.flow.proveCodes(codes.recovery[0] ?? '')).toEqual({ ok: true });
  return { world, codes };
}
const notes = (world: FakeSurroundings) =>
  world.events.flatMap((event) => (event.type === 'offlineCode.noted' ? [event.note.what] : []));

describe('the step of the recovery codes', () => {
  it('comes after an approved test, never before, and leads on to guarding', async () => {
    const early = new FakeSurroundings();
    expect(await early.flow.openCodes()).toMatchObject({ ok: false });
    await early.begin({ mode: 'trial' }, 'Ada');
    expect(await early.flow.openCodes()).toMatchObject({ ok: false });
    expect(await early.flow.makeCodes()).toMatchObject({ ok: false });
    const { world } = await withCodes();
    expect(world.flow.view()).toMatchObject({ step: 'codes', codes: { left: 10, proven: true } });
    expect(await world.flow.finish()).toEqual({ ok: true });
    expect(world.flow.view()).toMatchObject({ step: 'done', codes: { left: 10, proven: false } });
    expect(notes(world)).toEqual(['offline-codes-made']);
  });

  it('puts nothing in force before one of the codes was typed', async () => {
    const world = await approved();
    await world.flow.openCodes();
    await make(world);
    expect(world.flow.view().codes.left).toBeNull();
    expect([...world.disk.keychain.keys()].filter((account) => account.startsWith('offline-codes'))).toEqual([]);
    expect(await world.flow.proveCodes('0000-0000-0000-0000')).toMatchObject({ ok: false });
    expect(await world.flow.proveCodes('hello')).toMatchObject({ ok: false });
    expect(world.flow.view().codes).toMatchObject({ left: null, proven: false });
  });

  it('takes the six digits of the app as proof, too', async () => {
    const world = await approved();
    await world.flow.openCodes();
    const { totp } = await make(world);
    const shown = totpCode(secretOf(totp.link), totpStepAt(world.time.wallNow()));
    expect(await world.flow.proveCodes(shown)).toEqual({ ok: true });
    expect(totp.link).toContain('DESK-0412');
  });

  it('may be skipped where the policy says “stay locked”', async () => {
    const world = await approved();
    await world.flow.openCodes();
    await make(world);
    expect(await world.flow.finish()).toEqual({ ok: true });
    expect(world.flow.view().codes.left).toBeNull();
  });

  it('may not be skipped where the policy says “accept a code”', async () => {
    const world = await approved();
    world.codesRequired = true;
    expect(world.flow.view().codes.required).toBe(true);
    expect(await world.flow.finish()).toMatchObject({ ok: false });
    expect(world.flow.view()).toMatchObject({ step: 'codes', problem: { code: 'codes-missing' } });
    expect(world.enrollments()).toEqual([]);
    const codes = await make(world);
    await world.flow.proveCodes(codes.recovery[3] ?? '');
    expect(await world.flow.finish()).toEqual({ ok: true });
    expect(world.enrollments()).toHaveLength(1);
  });

  it('copies what it shows while it shows it, and nothing afterwards', async () => {
    const world = await approved();
    await world.flow.openCodes();
    expect(await world.flow.copyCodes('recovery')).toMatchObject({ ok: false });
    const { recovery, totp } = await make(world);
    await world.flow.copyCodes('recovery');
    await world.flow.copyCodes('link');
    expect(world.copied).toEqual([recovery.join('\n'), totp.link]);
    await world.flow.back();
    expect(world.flow.view().step).toBe('test');
    expect(await world.flow.copyCodes('recovery')).toMatchObject({ ok: false });
    await world.flow.openCodes();
    expect(await world.flow.proveCodes(recovery[0] ?? '')).toMatchObject({ ok: false });
  });

  it('says what is wrong with the keychain, and goes on once it is mended', async () => {
    const world = await approved();
    await world.flow.openCodes();
    const { recovery } = await make(world);
    world.keychainFault = 'locked';
    expect(await world.flow.proveCodes(recovery[0] ?? '')).toMatchObject({ ok: false });
    expect(world.flow.view().problem?.code).toBe('keychain-locked');
    world.keychainFault = null;
    expect(await world.flow.proveCodes(recovery[0] ?? '')).toEqual({ ok: true });
    expect(world.flow.view().problem).toBeNull();
  });

  it('shows no code in a view, a record or a log', async () => {
    const { world, codes } = await withCodes();
    await world.flow.finish();
    const [, book = ''] = [...world.disk.keychain].find(([account]) => account.startsWith('offline-codes')) ?? [];
    const { totpSecret, unused } = JSON.parse(book);
    const secrets = [...codes.recovery, codes.totp.link, codes.totp.secret, totpSecret, ...unused];
    for (const secret of [...secrets, codes.totp.secret.replaceAll(' ', '')])
      expect(world.everythingShown()).not.toContain(secret);
  });
});

describe('codes of an enrolled person', () => {
  const enrolled = async () => {
    const { world, codes } = await withCodes();
    await world.flow.finish();
    await world.flow.close();
    const again = new FakeSurroundings(world.disk);
    await again.flow.resume();
    await settled();
    return { world: again, codes };
  };

  it('are counted at the start', async () => {
    const { world } = await enrolled();
    expect(world.flow.view()).toMatchObject({ step: 'manage', codes: { left: 10 } });
  });

  it('are counted as soon as a keychain that was locked at the start is open', async () => {
    const { world } = await enrolled();
    const later = new FakeSurroundings(world.disk);
    later.keychainFault = 'locked';
    await later.flow.resume();
    await settled();
    expect(later.flow.view().codes.left).toBeNull();
    later.keychainFault = null;
    await later.time.pass(2_000);
    await settled();
    expect(later.flow.view().codes.left).toBe(10);
  });

  it('can be renewed, and until the new ones are proven the old ones hold', async () => {
    const { world, codes } = await enrolled();
    expect(await world.flow.openCodes()).toEqual({ ok: true });
    const fresh = await make(world);
    expect(await world.flow.proveCodes(codes.recovery[0] ?? '')).toMatchObject({ ok: false });
    expect(await world.flow.proveCodes(fresh.recovery[0] ?? '')).toEqual({ ok: true });
    await world.flow.back();
    expect(world.flow.view()).toMatchObject({ step: 'manage', codes: { left: 10 } });
  });

  it('cannot be made, renewed or proven by somebody who got round the curtain', async () => {
    const { world } = await enrolled();
    world.mayChange = false;
    expect(await world.flow.openCodes()).toMatchObject({ ok: false });
    world.mayChange = true;
    await world.flow.openCodes();
    const { recovery } = await make(world);
    world.mayChange = false;
    expect(await world.flow.makeCodes()).toMatchObject({ ok: false });
    expect(await world.flow.proveCodes(recovery[0] ?? '')).toMatchObject({ ok: false });
  });

  it('go with the enrollment', async () => {
    const { world } = await enrolled();
    await world.flow.remove();
    expect(world.disk.keychain.size).toBe(0);
    expect(notes(world)).toEqual(['offline-codes-removed']);
    expect(world.flow.view().codes.left).toBeNull();
  });

  it('go with a lost phone, whose app knows their secret', async () => {
    const { world } = await enrolled();
    await world.flow.lostDevice();
    expect([...world.disk.keychain.keys()].some((account) => account.startsWith('offline-codes'))).toBe(false);
    expect(world.flow.view()).toMatchObject({ step: 'phone', codes: { left: null } });
  });

  it('go with an enrollment that was begun and dropped', async () => {
    const { world } = await withCodes();
    await world.flow.back();
    await world.flow.back();
    expect(world.disk.keychain.size).toBe(0);
  });
});
