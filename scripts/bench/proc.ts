import { readdir, readFile } from 'node:fs/promises';

/** Of a process, from its start on. Linux only. */
export interface ProcessUse {
  /** User and system time of all its threads that still run, to the nanosecond (schedstat; /proc/PID/stat counts in hundredths). */
  readonly cpuSeconds: number;
  /** Times a thread gave up the processor to wait and was woken again: voluntary_ctxt_switches, all threads. */
  readonly wakeUps: number;
  readonly rssBytes: number;
  /** Resident memory with shared pages divided among those who share them. */
  readonly pssBytes: number;
}

const NANOSECONDS_PER_SECOND = 1e9;
const BYTES_PER_KIBIBYTE = 1_024;

/** @throws Error when there is no such process */
export async function processUse(processId: number): Promise<ProcessUse> {
  const folder = `/proc/${processId}`;
  const [rollup, threads] = await Promise.all([readFile(`${folder}/smaps_rollup`, 'utf8'), readdir(`${folder}/task`)]);
  // A thread may end between the listing and the reading.
  const read = (thread: string, file: string): Promise<string> =>
    readFile(`${folder}/task/${thread}/${file}`, 'utf8').catch(() => '');
  const statuses = await Promise.all(threads.map((thread) => read(thread, 'status')));
  const schedules = await Promise.all(threads.map((thread) => read(thread, 'schedstat')));
  const nanoseconds = schedules.reduce((sum, schedule) => sum + Number(schedule.split(' ')[0] ?? 0), 0);
  return {
    cpuSeconds: nanoseconds / NANOSECONDS_PER_SECOND,
    wakeUps: statuses.reduce((sum, status) => sum + numberAfter(status, 'voluntary_ctxt_switches'), 0),
    rssBytes: numberAfter(rollup, 'Rss') * BYTES_PER_KIBIBYTE,
    pssBytes: numberAfter(rollup, 'Pss') * BYTES_PER_KIBIBYTE,
  };
}

function numberAfter(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);
}
