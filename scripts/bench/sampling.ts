import { setTimeout as delay } from 'node:timers/promises';
import { type ProcessUse, processUse } from './proc.ts';

const SAMPLE_INTERVAL_MS = 1_000;

/** What a process used in each second. */
export interface UsePerSecond {
  /** User and system time as a share of one core, in percent. */
  readonly cpuPercent: readonly number[];
  readonly wakeUps: readonly number[];
  readonly rssBytes: readonly number[];
  readonly pssBytes: readonly number[];
}

/** Watches a process from outside for so many seconds: it does not notice. */
export async function watchUse(processId: number, seconds: number): Promise<UsePerSecond> {
  const looks: { readonly at: number; readonly use: ProcessUse }[] = [];
  for (let second = 0; second <= seconds; second += 1) {
    if (second > 0) await delay(SAMPLE_INTERVAL_MS);
    const use = await processUse(processId);
    looks.push({ at: performance.now(), use });
  }
  const steps = looks.slice(1).map(({ at, use }, index) => {
    const before = looks[index] ?? { at, use };
    const passed = (at - before.at) / 1_000;
    return {
      cpuPercent: ((use.cpuSeconds - before.use.cpuSeconds) / passed) * 100,
      wakeUps: (use.wakeUps - before.use.wakeUps) / passed,
    };
  });
  return {
    cpuPercent: steps.map(({ cpuPercent }) => cpuPercent),
    wakeUps: steps.map(({ wakeUps }) => wakeUps),
    rssBytes: looks.map(({ use }) => use.rssBytes),
    pssBytes: looks.map(({ use }) => use.pssBytes),
  };
}
