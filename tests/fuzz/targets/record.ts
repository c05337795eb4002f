import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { encodeLine } from '../../../main/audit/chain.ts';
import type { RecordDisk } from '../../../main/audit/record-disk.ts';
import { createRecordFile } from '../../../main/audit/record-file.ts';
import { verifyRecord } from '../../../main/audit/verify-record.ts';
import type { AuditEntry } from '../../../main/core/audit-entry.ts';
import { type Edit, editedBytes, mutatedText, type Recipe, recipes } from '../mutation.ts';
import { type FuzzTarget, FuzzViolation } from '../target.ts';

interface Found {
  /** To the whole file. */
  readonly edits: readonly Edit[];
  /** A line that claims to be an entry, with a hash that fits: put in the place of line `at`. */
  readonly forged: { readonly at: number; readonly line: Recipe } | null;
  /** The end is missing from here on. */
  readonly cutTo: number | null;
}

const found: fc.Arbitrary<Found> = fc.record({
  edits: recipes.map(({ ofText }) => ofText),
  forged: fc.oneof(
    { weight: 2, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.record({ at: fc.nat({ max: 20 }), line: recipes }) },
  ),
  cutTo: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat({ max: 4_000 }) }),
});

const AT = { monotonicMs: 5, wallMs: 1_700_000_000_000 };
const ENTRIES: readonly AuditEntry[] = [
  { what: 'record-begun', because: 'first', keptFrom: 1 },
  { what: 'lock-requested', cause: 'walkaway', evidence: 'the phone left' },
  { what: 'lock-observed', cause: 'walkaway', evidence: 'logind LockedHint=true' },
  { what: 'approved', proof: 'session', evidence: 'active' },
  { what: 'app-stopped', evidence: 'quit' },
];
const SOUND_LINES = chainOf(ENTRIES);
const SOUND = Buffer.from(SOUND_LINES.map((line) => `${line}\n`).join(''));
/** Ends of lines: cut there, a chain without a key cannot tell (docs/security.md). */
const WHOLE_PREFIXES: ReadonlySet<string> = new Set(
  SOUND_LINES.map((_line, index) =>
    SOUND_LINES.slice(0, index + 1)
      .map((line) => `${line}\n`)
      .join(''),
  ),
);
/** Durability is not what is looked at here, and would take most of the time. */
const DISK: RecordDisk = {
  async putEnd(path, bytes, position) {
    const before = existsSync(path) ? readFileSync(path).subarray(0, position) : Buffer.alloc(0);
    writeFileSync(path, Buffer.concat([before, bytes]), { mode: 0o600 });
  },
  async move(from, to) {
    writeFileSync(to, readFileSync(from));
    rmSync(from);
  },
  async remove(path) {
    rmSync(path, { force: true });
  },
};

/** A record as a crash, a full disk or somebody with an editor leaves it: read, verified, and gone on with. */
export function recordTarget(): FuzzTarget<Found> {
  return {
    name: 'record',
    inputs: found,
    async open() {
      const folder = mkdtempSync(join(tmpdir(), 'fuzz-record-'));
      return {
        async feed(input) {
          for (const name of readdirSync(folder)) rmSync(join(folder, name));
          return await judge(join(folder, 'record.jsonl'), bytesOf(input));
        },
        async close() {
          rmSync(folder, { recursive: true, force: true });
        },
      };
    },
  };
}

async function judge(path: string, bytes: Buffer): Promise<string> {
  writeFileSync(path, bytes, { mode: 0o600 });
  const before = await verifyRecord(path);
  if (before.ok && !WHOLE_PREFIXES.has(bytes.toString('latin1')))
    throw new FuzzViolation('verified what was not written');
  const record = createRecordFile(path, { personal: () => ({ names: [], homeDirectory: '' }), disk: DISK });
  const known = await record.recent();
  // A doubled line is shown twice: `verify` tells, and nothing rests on the record. A line that nobody wrote is another matter.
  if (!known.every(({ entry }) => ENTRIES.some((written) => isDeepStrictEqual(written, entry))))
    throw new FuzzViolation('read what was not written');
  await record.append({ what: 'app-stopped', evidence: 'after it' }, AT, null);
  const last = (await record.recent()).at(-1);
  if (last?.entry.what !== 'app-stopped') throw new FuzzViolation('what was appended is not the last entry');
  const after = await verifyRecord(path);
  if (before.ok && !after.ok)
    throw new FuzzViolation(`a sound record does not verify any more: ${after.broken?.fault}`);
  return before.broken?.fault ?? 'accepted';
}

function bytesOf({ edits, forged, cutTo }: Found): Buffer {
  const lines = [...SOUND_LINES];
  if (forged !== null) {
    const at = forged.at % lines.length;
    const text = mutatedText(forged.line, [JSON.parse(lines[at] ?? '{}')]);
    lines[at] = text;
  }
  const whole = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const cut = cutTo === null ? whole : whole.subarray(0, cutTo);
  return editedBytes(forged === null && cutTo === null && edits.length === 0 ? SOUND : cut, edits);
}

function chainOf(entries: readonly AuditEntry[]): readonly string[] {
  let prev = '0'.repeat(64);
  return entries.map((entry, index) => {
    const { text, hash } = encodeLine({ entry, situation: null, at: AT }, index + 1, prev);
    prev = hash;
    return text;
  });
}
