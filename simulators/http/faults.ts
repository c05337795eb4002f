import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { assertNever } from '../assert-never.ts';
import type { WireAnswer } from './reply.ts';

const MAX_FAULTS = 100;
const MAX_FAULT_DELAY_MS = 600_000;

/** How many calls a fault spoils, default 1. */
export const times = z.int().min(1).max(1_000_000).default(1);
/** Whether the call is carried out before its answer is spoilt: the case in which a retry would do it twice. */
const processed = z.boolean().default(false);

/**
 * The faults any web service can have, whoever made it.
 * @returns their schemas, and as `spoilt` what a service's own faults have in common with them
 */
export function wireFaults<const Calls extends readonly [string, ...string[]]>(calls: Calls) {
  const spoilt = {
    times,
    /** Only this call; default: whichever comes next. */
    call: z.enum(calls).optional(),
  };
  return {
    spoilt,
    status: z.strictObject({
      kind: z.literal('status'),
      status: z.int().min(200).max(599),
      retryAfterSeconds: z.int().min(0).max(86_400).optional(),
      processed,
      ...spoilt,
    }),
    delay: z.strictObject({ kind: z.literal('delay'), delayMs: z.int().min(0).max(MAX_FAULT_DELAY_MS), ...spoilt }),
    /** Never answers. */
    hang: z.strictObject({ kind: z.literal('hang'), processed, ...spoilt }),
    /** Closes the connection without an answer. */
    drop: z.strictObject({ kind: z.literal('drop'), processed, ...spoilt }),
    /** 200 and JSON by its header, but not by its body. */
    garbage: z.strictObject({ kind: z.literal('garbage'), processed, ...spoilt }),
  };
}
type WireFaultSchemas = Omit<ReturnType<typeof wireFaults>, 'spoilt'>;
type WireFault = z.output<WireFaultSchemas[keyof WireFaultSchemas]>;

/** A call that is about to be spoilt, in the service's own words. */
export interface SpoiltCall {
  readonly carryOut: () => Promise<WireAnswer>;
  /** The refusal that a fault of the kind `status` answers. */
  readonly refused: (status: number, headers: Readonly<Record<string, string>>) => WireAnswer;
  /** The beginning of an answer that was meant to be JSON. */
  readonly brokenJson: string;
  /** Ends a delay. */
  readonly abort: AbortSignal;
}

export async function answerSpoilt(fault: WireFault, spoilt: SpoiltCall): Promise<WireAnswer> {
  if ('processed' in fault && fault.processed) await spoilt.carryOut();
  switch (fault.kind) {
    case 'status': {
      const retry = fault.retryAfterSeconds;
      return spoilt.refused(fault.status, retry === undefined ? {} : { 'Retry-After': String(retry) });
    }
    case 'delay': {
      const answer = await spoilt.carryOut();
      await delay(fault.delayMs, undefined, { signal: spoilt.abort });
      return answer;
    }
    case 'hang':
      return { kind: 'silence' };
    case 'drop':
      return { kind: 'drop' };
    case 'garbage':
      return { kind: 'text', status: 200, contentType: 'application/json', text: spoilt.brokenJson };
    default:
      return assertNever(fault);
  }
}

interface Countable {
  readonly times: number;
  readonly call?: string | undefined;
}

/** Faults in the order they were asked for; each call is spoilt by the first that concerns it, and only by that one. */
export class FaultQueue<Fault extends Countable> {
  readonly #schema: z.ZodType<Fault>;
  readonly #callOf: (fault: Fault) => string | undefined;
  #queue: { readonly fault: Fault; left: number }[] = [];

  /** @param callOf the only call a fault concerns; undefined: every one. Default: what the fault itself says. */
  constructor(schema: z.ZodType<Fault>, callOf: (fault: Fault) => string | undefined = ({ call }) => call) {
    this.#schema = schema;
    this.#callOf = callOf;
  }

  /** Adds nothing where too many are waiting already. */
  add(claimedFault: unknown): 'added' | 'malformed' | 'too-many' {
    const fault = this.#schema.safeParse(claimedFault);
    if (!fault.success) return 'malformed';
    return this.#enqueue(fault.data) ? 'added' : 'too-many';
  }

  /** @throws ZodError for what is no fault, Error where too many are waiting already */
  inject(fault: unknown): void {
    if (!this.#enqueue(this.#schema.parse(fault))) throw new Error('Too many faults are waiting.');
  }

  clear(): void {
    this.#queue = [];
  }

  /** Which fault spoils this call, if any; it is used up by it. */
  take(call: string): Fault | undefined {
    const waiting = this.#queue.find(({ fault }) => {
      const only = this.#callOf(fault);
      return only === undefined || only === call;
    });
    if (waiting === undefined) return undefined;
    waiting.left -= 1;
    if (waiting.left === 0) this.#queue = this.#queue.filter((each) => each !== waiting);
    return waiting.fault;
  }

  #enqueue(fault: Fault): boolean {
    if (this.#queue.length >= MAX_FAULTS) return false;
    this.#queue.push({ fault, left: fault.times });
    return true;
  }
}
