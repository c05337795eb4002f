import { readdir, readFile } from 'node:fs/promises';
import type { AppControl } from './app-control.ts';

/** How long a page is kept busy to be told from the others, and the processor time by which it is. */
const BUSY_MS: readonly number[] = [400, 400, 800];
const TELLING_TICKS = 15;

interface ProcessFacts {
  readonly id: number;
  readonly parentId: number;
  readonly commandLine: string;
  /** Processor time used, in clock ticks (10 ms). */
  readonly ticks: number;
}

async function allProcesses(): Promise<readonly ProcessFacts[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    names.map(async (name) => {
      const [stat, commandLine] = await Promise.all(
        ['stat', 'cmdline'].map((file) => readFile(`/proc/${name}/${file}`, 'utf8').catch(() => '')),
      );
      // The command name in parentheses may hold spaces.
      const fields = (stat ?? '').slice((stat ?? '').lastIndexOf(')') + 2).split(' ');
      return {
        id: Number(name),
        parentId: Number(fields[1] ?? 0),
        // Chromium puts spaces in the place of NULs some time after its start.
        commandLine: (commandLine ?? '').replaceAll('\0', ' '),
        ticks: Number(fields[11] ?? 0) + Number(fields[12] ?? 0),
      };
    }),
  );
  return found;
}

function descendantsOf(ancestorId: number, all: readonly ProcessFacts[]): readonly ProcessFacts[] {
  const known = new Set([ancestorId]);
  for (let size = 0; size !== known.size; ) {
    size = known.size;
    for (const { id, parentId } of all) if (known.has(parentId)) known.add(id);
  }
  return all.filter(({ id }) => id !== ancestorId && known.has(id));
}

/** The browser's own process, whose end takes all windows with it. @throws when the app has none apart from itself. */
export async function browserOf(appProcessId: number): Promise<number> {
  const found = (await allProcesses()).find(
    ({ parentId, commandLine }) =>
      parentId === appProcessId && commandLine.includes('--user-data-dir=') && !commandLine.includes('--type='),
  );
  if (found === undefined) throw new Error('the app has no browser process of its own');
  return found.id;
}

/** The process that draws one window: the one that works while the page is kept busy. @throws when that is not plain. */
export async function rendererOf(appProcessId: number, control: AppControl, windowId: number): Promise<number> {
  let worked: readonly Work[] = [];
  // A machine with much to do lends the others a share of the time: then the page is kept busy for longer.
  for (const busyMs of BUSY_MS) {
    worked = await workWhileBusy(appProcessId, control, windowId, busyMs);
    const [first, second] = worked;
    if (
      first !== undefined &&
      first.ticks >= TELLING_TICKS &&
      (second === undefined || second.ticks * 2 <= first.ticks)
    )
      return first.id;
  }
  throw new Error(`which process draws window ${windowId} cannot be told: ${JSON.stringify(worked)}`);
}

interface Work {
  readonly id: number;
  readonly ticks: number;
}

/** Busiest first. */
async function workWhileBusy(
  appProcessId: number,
  control: AppControl,
  windowId: number,
  busyMs: number,
): Promise<readonly Work[]> {
  const renderers = async () =>
    descendantsOf(appProcessId, await allProcesses()).filter(({ commandLine }) =>
      commandLine.includes('--type=renderer'),
    );
  const before = new Map((await renderers()).map(({ id, ticks }) => [id, ticks]));
  await control.evaluate(
    windowId,
    `(() => { const end = Date.now() + ${busyMs}; while (Date.now() < end); return true; })()`,
  );
  return (await renderers())
    .map(({ id, ticks }) => ({ id, ticks: ticks - (before.get(id) ?? 0) }))
    .sort((one, other) => other.ticks - one.ticks);
}
