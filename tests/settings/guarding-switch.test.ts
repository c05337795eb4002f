import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createGuardingSwitch, type GuardingReading } from '../../main/settings/guarding-switch.ts';
import { eventually } from '../link/eventually.ts';
import { me, temporaryFolder } from './temporary-folder.ts';

describe('guarding switch', () => {
  it('is on until switched off, then off until switched on', async () => {
    const guarding = createGuardingSwitch(await temporaryFolder(), me);
    expect(await guarding.read()).toEqual({ guarding: true, problem: null });
    await guarding.switchOff(1_700_000_000_000);
    expect(await guarding.read()).toEqual({ guarding: false, sinceWall: 1_700_000_000_000, by: me?.uid ?? null });
    expect(await guarding.switchOn()).toBe(true);
    expect(await guarding.switchOn()).toBe(false);
    expect(await guarding.read()).toEqual({ guarding: true, problem: null });
  });

  const disbelieved: readonly [string, string][] = [
    ['empty', ''],
    ['torn', '{"sinceWall":17'],
    ['without a time', '{"by":0}'],
    ['with a time before time', '{"sinceWall":-1,"by":0}'],
    ['with something more', '{"sinceWall":1,"by":0,"until":"forever"}'],
  ];
  for (const [what, text] of disbelieved) {
    it(`stays on for a marker that is ${what}, and says so`, async () => {
      const folder = await temporaryFolder();
      await writeFile(join(folder, 'guarding-off.json'), text, { mode: 0o600 });
      const reading = await createGuardingSwitch(folder, me).read();
      expect(reading.guarding && reading.problem).toContain('guarding-off.json');
    });
  }

  it.skipIf(me === null)('stays on for a marker that another user put there', async () => {
    const folder = await temporaryFolder();
    await createGuardingSwitch(folder, me).switchOff(1);
    const reading = await createGuardingSwitch(folder, { uid: (me?.uid ?? 0) + 1 }).read();
    expect(reading).toMatchObject({ guarding: true });
  });

  it('is noticed by somebody watching, both ways', async () => {
    const folder = await temporaryFolder();
    const seen: GuardingReading[] = [];
    const stop = await createGuardingSwitch(folder, me).watch((reading) => seen.push(reading), 20);
    const console = createGuardingSwitch(folder, me);
    await console.switchOff(1);
    await eventually('off', () => seen.at(-1)?.guarding === false);
    await console.switchOn();
    await eventually('on', () => seen.at(-1)?.guarding === true);
    stop();
  });

  it('is noticed in a folder that is made only later', async () => {
    const folder = join(await temporaryFolder(), 'later');
    const seen: GuardingReading[] = [];
    const stop = await createGuardingSwitch(folder, me).watch((reading) => seen.push(reading), 20);
    await createGuardingSwitch(folder, me).switchOff(1);
    await eventually('off', () => seen.at(-1)?.guarding === false);
    stop();
  });
});
