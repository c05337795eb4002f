import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sourceOf } from '../../main/core/policy.ts';
import { createPolicyFiles, type PolicyReading } from '../../main/settings/policy-files.ts';
import { DEFAULT_POLICY } from '../../protocol/policy.ts';
import { eventually } from '../link/eventually.ts';
import { me, temporaryFolder } from './temporary-folder.ts';

async function policyFiles() {
  const userDataDirectory = await temporaryFolder();
  const machineFolder = await temporaryFolder();
  const machinePolicyFile = join(machineFolder, 'policy.json');
  const options = { userDataDirectory, machinePolicyFile, user: me, administrator: me, pollIntervalMs: 20 };
  const write = (path: string) => (text: string) => writeFile(path, text, { mode: 0o600 });
  return {
    options,
    files: createPolicyFiles(options),
    user: write(join(userDataDirectory, 'policy.json')),
    gateway: write(join(userDataDirectory, 'gateway-policy.json')),
    machine: write(machinePolicyFile),
  };
}

describe('policy files', () => {
  it('give the defaults where there are none, without a problem', async () => {
    const { files } = await policyFiles();
    expect(await files.read()).toMatchObject({ policy: DEFAULT_POLICY, sources: {}, problem: null });
  });

  it('take from each file only what it states', async () => {
    const { files, user, machine } = await policyFiles();
    await user('{"maxPauseMinutes":5,"walkawayGraceMs":20000}');
    await machine('{"walkawayGraceMs":0}');
    const reading = await files.read();
    expect(reading.policy).toEqual({ ...DEFAULT_POLICY, maxPauseMinutes: 5, walkawayGraceMs: 0 });
    expect(reading.sources).toEqual({ maxPauseMinutes: 'user', walkawayGraceMs: 'machine' });
  });

  it('fall back to the defaults, and say so, when the user’s file is torn', async () => {
    const { files, user } = await policyFiles();
    await user('{"maxPauseMinutes":48');
    const reading = await files.read();
    expect(reading.policy).toEqual(DEFAULT_POLICY);
    expect(reading.problem).toContain('not complete JSON');
  });

  it('refuse the user’s file as a whole when one setting is out of range', async () => {
    const { files, user } = await policyFiles();
    await user('{"maxPauseMinutes":5,"walkawayGraceMs":99999999}');
    const reading = await files.read();
    expect(reading.policy).toEqual(DEFAULT_POLICY);
    expect(reading.problem).toContain('walkawayGraceMs');
  });

  it('guard more, not less, when the machine-wide file has a typing error', async () => {
    const { files, user, machine } = await policyFiles();
    await user('{"walkawayGraceMs":120000,"allowQuitUnlocked":true}');
    await machine('{"allowDisable":false,"walkawayGraceMs":"10s"}');
    const reading = await files.read();
    expect(reading.policy).toEqual({ ...DEFAULT_POLICY, allowDisable: false });
    expect(reading.problem).toContain('policy.json');
  });

  it.skipIf(me === null)('do not believe a machine-wide file that a user made', async () => {
    const { options, machine } = await policyFiles();
    await machine('{"walkawayGraceMs":120000}');
    const files = createPolicyFiles({ ...options, administrator: { uid: (me?.uid ?? 0) + 1 } });
    const reading = await files.read();
    expect(reading.policy.walkawayGraceMs).toBe(DEFAULT_POLICY.walkawayGraceMs);
    expect(reading.problem).toContain('another user');
  });

  it('keep what a gateway made stricter over a restart, and forget it when told', async () => {
    const { files, options } = await policyFiles();
    await files.writeGateway({ allowDisable: false, walkawayGraceMs: 60_000 });
    const after = await createPolicyFiles(options).read();
    expect(after.policy).toMatchObject({ allowDisable: false, walkawayGraceMs: DEFAULT_POLICY.walkawayGraceMs });
    expect(sourceOf(after, 'allowDisable')).toBe('gateway');
    await files.writeGateway(null);
    expect((await files.read()).policy.allowDisable).toBe(true);
  });

  it('report a change made with an editor', async () => {
    const { files, user, machine } = await policyFiles();
    const seen: PolicyReading[] = [];
    const stop = await files.watch((reading) => seen.push(reading));
    await user('{"walkawayGraceMs":0}');
    await eventually('the user’s change', () => seen.some(({ policy }) => policy.walkawayGraceMs === 0));
    await machine('{"walkawayGraceMs":1000}');
    await eventually('the machine’s change', () => seen.some(({ policy }) => policy.walkawayGraceMs === 1_000));
    stop();
  });
});
