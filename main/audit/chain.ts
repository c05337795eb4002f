import { createHash } from 'node:crypto';
import { z } from 'zod';
import { err, ok, type Result } from '../../protocol/result.ts';
import type { AuditEntry } from '../core/audit-entry.ts';
import type { AuditSituation } from '../core/audit-situation.ts';

/**
 * One line of the record. `hash` is the SHA-256 of the line without its hash member, byte for byte; `prev` is the hash of the line
 * before, across files, so that no line can be changed, taken out, put in or moved without a later one disagreeing. The hash has no
 * key: who may write the file can also write a whole new chain. That shows only against a hash noted elsewhere.
 */
export interface ChainLine {
  readonly seq: number;
  readonly prev: string;
  readonly hash: string;
  /** Unix ms, as the machine believed it; may jump either way. */
  readonly atWall: number;
  /** The entry as claimed: a newer version may know more kinds. */
  readonly entry: { readonly what: string };
}

/** What stands before the first line of all. */
export const NOTHING_BEFORE = '0'.repeat(64);
/** No line of ours comes near this, in bytes; a longer one is none. */
export const MAX_LINE_BYTES = 16 * 1024;

const hashText = z.string().regex(/^[0-9a-f]{64}$/);
const LineSchema = z.strictObject({
  v: z.literal(2),
  seq: z.int().min(1),
  prev: hashText,
  atWall: z.int(),
  /** Milliseconds of the monotonic clock: order and distance of entries even where the wall clock jumped. */
  atMonotonic: z.int(),
  entry: z.looseObject({ what: z.string() }),
  situation: z.looseObject({}).nullable(),
});

/** The end of every line; what stands before it, closed again, is what was hashed. */
const HASH_MEMBER = /^,"hash":"([0-9a-f]{64})"\}$/;
const HASH_MEMBER_BYTES = ',"hash":""}'.length + 64;

export interface NewEntry {
  readonly entry: AuditEntry;
  readonly situation: AuditSituation | null;
  readonly at: { readonly monotonicMs: number; readonly wallMs: number };
}

/** @returns the line without a newline, and its hash. */
export function encodeLine(
  { entry, situation, at }: NewEntry,
  seq: number,
  prev: string,
): { readonly text: string; readonly hash: string } {
  const content = JSON.stringify({
    v: 2,
    seq,
    prev,
    atWall: Math.round(at.wallMs),
    atMonotonic: Math.round(at.monotonicMs),
    entry,
    situation,
  });
  const hash = sha256(Buffer.from(content));
  return { text: `${content.slice(0, -1)},"hash":"${hash}"}`, hash };
}

export type LineFault = 'too-long' | 'no-hash' | 'wrong-hash' | 'unknown-content';

/** Takes a line apart, believing nothing. That it follows the line before is for the caller to check. */
export function decodeLine(bytes: Buffer): Result<ChainLine, LineFault> {
  if (bytes.length > MAX_LINE_BYTES) return err('too-long');
  const end = bytes.length - HASH_MEMBER_BYTES;
  const hash = end > 0 ? HASH_MEMBER.exec(bytes.toString('latin1', end))?.[1] : undefined;
  if (hash === undefined) return err('no-hash');
  const content = Buffer.concat([bytes.subarray(0, end), Buffer.from('}')]);
  if (sha256(content) !== hash) return err('wrong-hash');
  let claimed: unknown;
  try {
    claimed = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content));
  } catch {
    return err('unknown-content');
  }
  const parsed = LineSchema.safeParse(claimed);
  if (!parsed.success) return err('unknown-content');
  const { seq, prev, atWall, entry } = parsed.data;
  return ok({ seq, prev, hash, atWall, entry });
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
