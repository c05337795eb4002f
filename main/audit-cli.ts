import { basename } from 'node:path';
import { type RecordReport, verifyRecord } from './audit/verify-record.ts';

/** `audit verify`: whether a record is what was written, as far as the record itself can tell. */
export const AUDIT_EXIT_CODES = {
  whole: 0,
  broken: 1,
  /** Unknown command or option, or no file that could be read. */
  usage: 2,
} as const;

const USAGE = `Usage: npm run audit -- verify FILE [--json] [--expect HASH]
       presence-locker audit verify FILE [--json] [--expect HASH]

Follows the record of Presence Locker (record.jsonl, or a copy of it) entry by entry, older files beside it included.
--expect HASH  a hash noted earlier; without one, an end that was cut off or a record written wholly anew cannot be told.
Exit codes: 0 whole, 1 broken, 2 unknown option or no file that can be read.
`;

export interface AuditCliIo {
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
}

/** @param argv from `verify` on. @returns the exit code. Never rejects. */
export async function runAuditCli(argv: readonly string[], io: AuditCliIo): Promise<number> {
  const asked = readArguments(argv);
  if (asked === 'help') {
    io.print(USAGE);
    return AUDIT_EXIT_CODES.whole;
  }
  if (asked === null) {
    io.printError(USAGE);
    return AUDIT_EXIT_CODES.usage;
  }
  let report: RecordReport;
  try {
    report = await verifyRecord(asked.file, asked.expectedHash);
  } catch (cause) {
    const why = cause instanceof Error ? ('code' in cause ? String(cause.code) : cause.message) : 'unknown fault';
    io.printError(`${asked.file} cannot be read: ${why}.\n`);
    return AUDIT_EXIT_CODES.usage;
  }
  io.print(asked.json ? `${JSON.stringify(report)}\n` : inWords(report));
  return report.ok ? AUDIT_EXIT_CODES.whole : AUDIT_EXIT_CODES.broken;
}

interface Asked {
  readonly file: string;
  readonly json: boolean;
  readonly expectedHash: string | null;
}

function readArguments(argv: readonly string[]): Asked | 'help' | null {
  if (argv.length === 1 && ['--help', '-h', 'help'].includes(argv[0] ?? '')) return 'help';
  const [command, ...words] = argv;
  if (command !== 'verify') return null;
  let file: string | null = null;
  let expectedHash: string | null = null;
  let json = false;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '--json') json = true;
    else if (word === '--expect') {
      expectedHash = words.shift()?.toLowerCase() ?? '';
      if (!/^[0-9a-f]{64}$/.test(expectedHash)) return null;
    } else if (word.startsWith('-') || file !== null) return null;
    else file = word;
  }
  return file === null ? null : { file, json, expectedHash };
}

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;
const moment = (atWall: number): string => new Date(atWall).toISOString();

function inWords({ ok, files, entries, first, last, olderDropped, losses, broken }: RecordReport): string {
  const lines: string[] = [];
  if (broken !== null) {
    const where = broken.line === null ? basename(broken.file) : `line ${broken.line} of ${basename(broken.file)}`;
    lines.push(`The record is broken at ${where}.`, broken.sentence);
  }
  const whole = `${counted(entries, 'entry', 'entries')} in ${counted(files.length, 'file', 'files')}`;
  lines.push(ok ? `The record is whole: ${whole}.` : `${counted(entries, 'entry', 'entries')} before that are whole.`);
  if (first !== null && last !== null) lines.push(`From ${moment(first.atWall)} to ${moment(last.atWall)}.`);
  if (first !== null && olderDropped)
    lines.push(`It begins with entry ${first.seq}: older ones were dropped, because the record is bounded.`);
  for (const { seq, atWall, lostBytes, lostEntries } of losses)
    lines.push(
      `Entry ${seq} (${moment(atWall)}) tells of a loss: ${counted(lostBytes, 'byte', 'bytes')} of a torn line, ${counted(lostEntries, 'entry', 'entries')} not written.`,
    );
  if (ok && last !== null)
    lines.push(`Its last hash is ${last.hash}`, 'Noted elsewhere, it shows a later cut or rewriting (--expect).');
  return `${lines.join('\n')}\n`;
}
