import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRecordFile } from '../../main/audit/record-file.ts';
import { runAuditCli } from '../../main/audit-cli.ts';
import { temporaryFolder } from './temporary-folder.ts';

const AT = { monotonicMs: 1, wallMs: 1_700_000_000_000 };

async function withRecord(entries = 3) {
  const path = join(await temporaryFolder(), 'record.jsonl');
  const record = createRecordFile(path, {
    personal: () => ({ names: [], homeDirectory: '' }),
    bounds: { fileBytes: 1_500, files: 3 },
  });
  for (let i = 0; i < entries; i += 1)
    await record.append({ what: 'lock-requested', cause: 'denied', evidence: `${i}` }, AT, null);
  return path;
}

async function run(...argv: string[]) {
  const out: string[] = [];
  const errors: string[] = [];
  const code = await runAuditCli(argv, { print: (text) => out.push(text), printError: (text) => errors.push(text) });
  return { code, out: out.join(''), errors: errors.join('') };
}

describe('audit verify', () => {
  it('says that a record is whole, across its files, and which hash to note', async () => {
    const path = await withRecord(12);
    const { code, out } = await run('verify', path);
    expect(code).toBe(0);
    expect(out).toMatch(/^The record is whole: \d+ entries in 3 files\.\n/);
    expect(out).toContain('From 2023-11-14T22:13:20.000Z');
    expect(out).toMatch(/last hash is [0-9a-f]{64}/);
  });

  it('names the first bad line and why, and ends with 1', async () => {
    const path = await withRecord(2);
    await writeFile(path, (await readFile(path, 'utf8')).replace('"evidence":"0"', '"evidence":"1"'));
    const { code, out } = await run('verify', path);
    expect(code).toBe(1);
    expect(out).toMatch(/^The record is broken at line 2 of record\.jsonl\.\nThe line is not what was written/);
    const json = await run('verify', '--json', path);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out)).toMatchObject({ ok: false, entries: 1, broken: { line: 2, fault: 'wrong-hash' } });
  });

  it('finds with a noted hash what the record alone cannot tell', async () => {
    const path = await withRecord(2);
    const { last } = JSON.parse((await run('verify', path, '--json')).out);
    expect((await run('verify', path, '--expect', last.hash)).code).toBe(0);
    expect((await run('verify', path, '--expect', 'a'.repeat(64))).code).toBe(1);
  });

  it.each([
    [[]],
    [['check', 'x']],
    [['verify']],
    [['verify', 'a', 'b']],
    [['verify', 'a', '--wrong']],
    [['verify', 'a', '--expect', 'short']],
    [['verify', 'a', '--expect']],
  ])('ends with 2 and the usage for %j', async (argv) => {
    const { code, out, errors } = await run(...argv);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(errors).toContain('Usage:');
  });

  it('ends with 2 for what cannot be read', async () => {
    const folder = await temporaryFolder();
    expect(await run('verify', join(folder, 'none'))).toMatchObject({
      code: 2,
      errors: expect.stringContaining('ENOENT'),
    });
    expect(await run('verify', folder)).toMatchObject({ code: 2, errors: expect.stringContaining('not a file') });
  });

  it('explains itself', async () => {
    expect(await run('--help')).toMatchObject({ code: 0, out: expect.stringContaining('Usage:') });
  });
});
