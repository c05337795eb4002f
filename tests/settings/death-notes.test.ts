import { chmod, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDeathNotes, MAX_NOTED_DEATHS, type NotedDeath } from '../../main/settings/death-notes.ts';
import { me as OWNER, temporaryFolder } from './temporary-folder.ts';

const DEATH: NotedDeath = { how: 'ended', atWall: 5, lock: 'seen', lockedAfterMs: 300 };

describe('what the sentinel leaves for the next start', () => {
  it('is taken once, oldest first', async () => {
    const notes = createDeathNotes(await temporaryFolder(), OWNER);
    await notes.leave(DEATH);
    await notes.leave({ ...DEATH, how: 'hung', lock: 'not-seen', lockedAfterMs: null });
    expect((await notes.take()).deaths.map(({ how }) => how)).toEqual(['ended', 'hung']);
    expect(await notes.take()).toEqual({ deaths: [], problem: null });
  });

  it('is readable by its owner only', async () => {
    const folder = await temporaryFolder();
    await createDeathNotes(folder, OWNER).leave(DEATH);
    expect((await stat(join(folder, 'deaths.json'))).mode & 0o777).toBe(0o600);
  });

  it('does not grow without bound', async () => {
    const notes = createDeathNotes(await temporaryFolder(), OWNER);
    for (let death = 0; death < MAX_NOTED_DEATHS + 5; death += 1) await notes.leave({ ...DEATH, atWall: death });
    const { deaths } = await notes.take();
    expect(deaths).toHaveLength(MAX_NOTED_DEATHS);
    expect(deaths[0]?.atWall).toBe(0);
  });

  it.each([
    ['torn', '{"deaths":[{"how":"en'],
    ['another shape', '{"deaths":"many"}'],
    ['an unknown word', JSON.stringify({ deaths: [{ ...DEATH, how: 'murdered' }] })],
    ['an unknown member', JSON.stringify({ deaths: [{ ...DEATH, unlock: true }] })],
    ['a time before time', JSON.stringify({ deaths: [{ ...DEATH, atWall: -1 }] })],
    ['more than we leave', JSON.stringify({ deaths: Array.from({ length: MAX_NOTED_DEATHS + 1 }, () => DEATH) })],
  ])('that is %s tells nothing, is named and goes away', async (_what, content) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'deaths.json'), content, { mode: 0o600 });
    const notes = createDeathNotes(folder, OWNER);
    expect(await notes.take()).toEqual({ deaths: [], problem: expect.stringContaining('deaths.json') });
    expect(await readdir(folder)).toEqual([]);
  });

  it('that others may write is not believed', async () => {
    const folder = await temporaryFolder();
    const notes = createDeathNotes(folder, OWNER);
    await notes.leave(DEATH);
    await chmod(join(folder, 'deaths.json'), 0o666);
    expect((await notes.take()).deaths).toEqual([]);
  });
});
