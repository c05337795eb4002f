import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';

/** One process as the locker observer needs it. */
export interface ProcessFacts {
  readonly processId: number;
  readonly parentId: number;
  /** Command name as the kernel keeps it: cut to COMMAND_NAME_LENGTH bytes. */
  readonly name: string;
  /** False for a zombie: it covers nothing any more. */
  readonly alive: boolean;
  /** Tells a process from a later one with the same id. */
  readonly startedAt: string;
}

/** The kernel cuts command names in /proc/<pid>/stat to this many bytes. */
export const COMMAND_NAME_LENGTH = 15;

/** The process table of this machine; a fake stands in for it in the tests. */
export interface ProcessTable {
  ids(): Promise<readonly number[]>;
  /** null when the process is gone or unreadable. */
  facts(processId: number): Promise<ProcessFacts | null>;
  /** Real user id, or null when unknown. */
  userId(processId: number): Promise<number | null>;
  /** One variable of its environment; `unreadable` for a set-uid locker, undefined when not set. */
  environment(processId: number, variable: string): Promise<string | undefined | 'unreadable'>;
  /** The control group that login managers put a session in, or null. */
  controlGroup(processId: number): Promise<string | null>;
}

/** `pid (name) state ppid …`; the name may hold spaces and parentheses, so it ends at the last `)`. */
export function parseProcessStat(stat: string): ProcessFacts | null {
  const open = stat.indexOf('(');
  const close = stat.lastIndexOf(')');
  if (open < 1 || close < open) return null;
  const processId = Number(stat.slice(0, open).trim());
  const fields = stat
    .slice(close + 1)
    .trim()
    .split(' ');
  const [state, parent] = fields;
  const startedAt = fields[19];
  if (!Number.isInteger(processId) || state === undefined || parent === undefined || startedAt === undefined)
    return null;
  return {
    processId,
    parentId: Number(parent),
    name: stat.slice(open + 1, close),
    alive: state !== 'Z' && state !== 'X',
    startedAt,
  };
}

async function read(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return null; // gone meanwhile, or not ours to read: both mean "not known"
  }
}

/** Linux' /proc. */
export const procTable: ProcessTable = {
  async ids() {
    const entries = await readdir('/proc');
    return entries.filter((entry) => /^[0-9]+$/.test(entry)).map(Number);
  },
  async facts(processId) {
    try {
      // The kernel makes this text in microseconds and never waits for the process. A search reads hundreds of them, and each asynchronous
      // read goes to a thread and back several times.
      return parseProcessStat(readFileSync(`/proc/${processId}/stat`, 'utf8'));
    } catch {
      return null; // gone meanwhile: not known
    }
  },
  async userId(processId) {
    const status = await read(`/proc/${processId}/status`);
    const match = status?.match(/^Uid:\s+([0-9]+)/m);
    return match?.[1] === undefined ? null : Number(match[1]);
  },
  async environment(processId, variable) {
    const environment = await read(`/proc/${processId}/environ`);
    if (environment === null || environment === '') return 'unreadable';
    const found = environment.split('\0').find((entry) => entry.startsWith(`${variable}=`));
    return found?.slice(variable.length + 1);
  },
  async controlGroup(processId) {
    const groups = await read(`/proc/${processId}/cgroup`);
    const session = groups?.match(/\/(session-[^/\n]+\.scope|[^/\n]+)$/m);
    return session?.[1] ?? null;
  },
};
