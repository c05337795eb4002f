import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { type FuzzTarget, FuzzViolation, type OpenTarget } from './target.ts';

export interface Violation {
  readonly target: string;
  /** `npm run fuzz -- --target T --from SEED --inputs 1` makes the same input. */
  readonly seed: number;
  readonly sentence: string;
  /** The input as JSON. */
  readonly input: string;
}

export interface TargetResult {
  readonly target: string;
  readonly inputs: number;
  /** How often each word came out. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly violations: readonly Violation[];
  /** Bytes that the heap was larger at the end than after the first tenth, garbage collected both times. */
  readonly heapGrowthBytes: number;
}

/**
 * What may be left after any number of inputs: compiled code, caches of libraries and tables that are bounded by themselves. Less than
 * a byte for each input of the long run would be a leak of a few bits: what grows with the inputs shows.
 */
export const ALLOWED_HEAP_GROWTH_BYTES = 16 * 1024 * 1024;
/** One input may not take longer, in milliseconds. */
export const LONGEST_INPUT_MS = 10_000;
/** A target that breaks this often is broken; the rest of its inputs would only repeat it. */
const MAX_VIOLATIONS = 20;
/** Turns of the event loop let promises that nobody waits for come to light, at most so many inputs later. */
const INPUTS_PER_TURN = 50;
const MAX_PRINTED_CHARACTERS = 4_000;

/** Runs the inputs of the seeds one after the other, from an open target to a closed one. */
export async function runTarget(target: FuzzTarget, seeds: readonly number[]): Promise<TargetResult> {
  const outcomes: Record<string, number> = {};
  const violations: Violation[] = [];
  const escaped: unknown[] = [];
  const onEscaped = (fault: unknown): void => void escaped.push(fault);
  process.on('uncaughtException', onEscaped);
  process.on('unhandledRejection', onEscaped);
  let seed = seeds[0] ?? 0;
  let input: unknown;
  const note = (fault: unknown, how: string): void => {
    const text = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
    violations.push({ target: target.name, seed, sentence: `${how}: ${text}`, input: printed(input) });
  };
  const noteEscaped = (): void => {
    for (const fault of escaped.splice(0)) note(fault, `escaped at this seed or up to ${INPUTS_PER_TURN} before`);
  };
  let run = 0;
  let heapBefore = collectedHeapBytes();
  try {
    const opened = await target.open();
    const warm = Math.max(100, Math.floor(seeds.length / 10));
    for (seed of seeds) {
      if (violations.length >= MAX_VIOLATIONS) break;
      [input] = fc.sample(target.inputs, { seed, numRuns: 1 });
      try {
        const outcome = await within(opened, input);
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      } catch (fault) {
        note(fault, fault instanceof FuzzViolation ? 'broken promise' : 'crash');
      }
      run += 1;
      if (run % INPUTS_PER_TURN === 0) await nextTurn();
      if (escaped.length > 0) noteEscaped();
      if (run === warm) heapBefore = collectedHeapBytes();
    }
    input = undefined;
    await nextTurn();
    const heapGrowthBytes = collectedHeapBytes() - heapBefore;
    if (heapGrowthBytes > ALLOWED_HEAP_GROWTH_BYTES)
      note(new FuzzViolation(`the heap grew by ${heapGrowthBytes} bytes over ${run} inputs`), 'unbounded');
    await opened.close().catch((fault: unknown) => note(fault, 'left behind'));
    await nextTurn();
    noteEscaped();
    return { target: target.name, inputs: run, outcomes, violations, heapGrowthBytes };
  } finally {
    process.off('uncaughtException', onEscaped);
    process.off('unhandledRejection', onEscaped);
  }
}

async function within(opened: OpenTarget<unknown>, input: unknown): Promise<string> {
  const fed = opened.feed(input);
  if (typeof fed === 'string') return fed;
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new FuzzViolation(`took longer than ${LONGEST_INPUT_MS} ms`)), LONGEST_INPUT_MS);
  });
  try {
    return await Promise.race([fed, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

function printed(input: unknown): string {
  const text = JSON.stringify(input) ?? 'undefined';
  return text.length > MAX_PRINTED_CHARACTERS ? `${text.slice(0, MAX_PRINTED_CHARACTERS)}…` : text;
}

let collect: (() => void) | null = null;

/** Of this thread. */
function collectedHeapBytes(): number {
  if (collect === null) {
    setFlagsFromString('--expose-gc');
    const exposed: unknown = runInNewContext('gc');
    collect = typeof exposed === 'function' ? () => void exposed() : () => undefined;
  }
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
