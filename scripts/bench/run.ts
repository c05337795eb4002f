import { IDLE } from './desktop/idle.ts';
import { POLLED } from './desktop/polled.ts';
import { PUSHED } from './desktop/pushed.ts';
import type { Extent, Group } from './groups.ts';
import { FRAME_TO_LOCK } from './guard/frame-to-lock.ts';
import { GATEWAY_LOAD } from './load/figures.ts';
import { thisMachine } from './machine.ts';
import type { BenchResult, Figure } from './result.ts';

/** In the order of docs/performance.md. */
export const GROUPS: readonly Group[] = [POLLED, PUSHED, FRAME_TO_LOCK, IDLE, GATEWAY_LOAD];

/** One group after the other: two at a time would measure each other. @throws what a group throws */
export async function runGroups(groups: readonly Group[], command: string, extent: Extent): Promise<BenchResult> {
  const machine = thisMachine();
  const startedAtWall = Date.now();
  const began = performance.now();
  const figures: Figure[] = [];
  const skipped: BenchResult['skipped'] = [];
  for (const group of groups) {
    const lacking = group.lacks();
    if (lacking.length > 0) skipped.push({ group: group.name, why: `this machine lacks ${lacking.join(', ')}` });
    else figures.push(...(await group.run(extent)));
  }
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  return { version: 1, command, startedAtWall, seconds, quick: extent.quick, machine, figures, skipped };
}
