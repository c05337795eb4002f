import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { MAX_SETTINGS_FILE_BYTES, readJsonFile, removeFile, writeJsonFile } from '../../main/settings/json-file.ts';
import { me, temporaryFolder } from './temporary-folder.ts';

const Schema = z.strictObject({ colour: z.enum(['red', 'green']) });
const posixOnly = it.skipIf(process.platform === 'win32');

async function fileHolding(text: string): Promise<string> {
  const path = join(await temporaryFolder(), 'file.json');
  await writeFile(path, text, { mode: 0o600 });
  return path;
}
const problemOf = async (path: string, owner: { uid: number } | null = me) => {
  const reading = await readJsonFile(path, Schema, owner);
  return reading.kind === 'invalid' ? reading.problem : reading.kind;
};

describe('reading a settings file', () => {
  it('says absent when there is none', async () => {
    expect(await readJsonFile(join(await temporaryFolder(), 'none.json'), Schema, me)).toEqual({ kind: 'absent' });
  });
  it('gives the decoded value', async () => {
    const path = await fileHolding('{"colour":"red"}');
    expect(await readJsonFile(path, Schema, me)).toMatchObject({ kind: 'valid', value: { colour: 'red' } });
  });
  it('refuses a torn file', async () => {
    expect(await problemOf(await fileHolding('{"colour":"re'))).toContain('not complete JSON');
  });
  it('refuses an empty file', async () => {
    expect(await problemOf(await fileHolding(''))).toContain('not complete JSON');
  });
  it('names the setting that is wrong, and not what was put there', async () => {
    const problem = await problemOf(await fileHolding('{"colour":"hunter2"}'));
    expect(problem).toContain('“colour”');
    expect(problem).not.toContain('hunter2');
  });
  it('names a setting it does not know', async () => {
    expect(await problemOf(await fileHolding('{"colour":"red","color":"red"}'))).toContain('color');
  });
  it('refuses a file larger than the limit without reading on', async () => {
    const path = await fileHolding(`{"colour":"red"}${' '.repeat(MAX_SETTINGS_FILE_BYTES)}`);
    expect(await problemOf(path)).toContain('larger');
  });
  it('refuses a folder', async () => {
    const path = join(await temporaryFolder(), 'file.json');
    await mkdir(path);
    expect(await problemOf(path)).toContain('cannot');
  });
  posixOnly('refuses a file of another user', async () => {
    expect(await problemOf(await fileHolding('{"colour":"red"}'), { uid: (me?.uid ?? 0) + 1 })).toContain(
      'another user',
    );
  });
  posixOnly('refuses a file that others may write to', async () => {
    const path = await fileHolding('{"colour":"red"}');
    await chmod(path, 0o620);
    expect(await problemOf(path)).toContain('others may write');
  });
  posixOnly('does not wait for a named pipe in the file’s place', async () => {
    const path = join(await temporaryFolder(), 'file.json');
    execFileSync('mkfifo', [path]);
    expect(await problemOf(path)).toContain('not a file');
  });
  posixOnly('does not loop over a link to itself', async () => {
    const path = join(await temporaryFolder(), 'file.json');
    await symlink(path, path);
    expect(await problemOf(path)).toContain('ELOOP');
  });
});

describe('writing a settings file', () => {
  it('makes the folder, and leaves nothing but the file', async () => {
    const folder = join(await temporaryFolder(), 'new');
    await writeJsonFile(join(folder, 'file.json'), { colour: 'green' });
    expect(await readdir(folder)).toEqual(['file.json']);
    expect(JSON.parse(await readFile(join(folder, 'file.json'), 'utf8'))).toEqual({ colour: 'green' });
  });
  posixOnly('lets nobody else read it', async () => {
    const folder = join(await temporaryFolder(), 'new');
    await writeJsonFile(join(folder, 'file.json'), {});
    expect((await stat(join(folder, 'file.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });
  it('keeps the old file, and no half-written one, when it cannot be replaced', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'file.json');
    await mkdir(join(path, 'in-the-way'), { recursive: true });
    await expect(writeJsonFile(path, {})).rejects.toThrow();
    expect(await readdir(folder)).toEqual(['file.json']);
  });
  it('is never seen half-written by somebody reading all the time', async () => {
    const path = join(await temporaryFolder(), 'file.json');
    await writeJsonFile(path, { colour: 'red' });
    const seen = new Set<string>();
    let writing = true;
    const reader = (async () => {
      while (writing) seen.add((await readJsonFile(path, Schema, me)).kind);
    })();
    for (let i = 0; i < 50; i += 1) await writeJsonFile(path, { colour: i % 2 === 0 ? 'green' : 'red' });
    writing = false;
    await reader;
    expect([...seen]).toEqual(['valid']);
  });
  it('removes a file, and says when there was none', async () => {
    const path = join(await temporaryFolder(), 'file.json');
    await writeJsonFile(path, {});
    expect([await removeFile(path), await removeFile(path)]).toEqual([true, false]);
  });
});
