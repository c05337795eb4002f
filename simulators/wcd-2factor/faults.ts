import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { assertNever } from '../assert-never.ts';
import type { WireAnswer } from '../http/reply.ts';
import { CALLS, type Call } from './api.ts';

const MAX_FAULTS = 100;
const MAX_FAULT_DELAY_MS = 600_000;
const OVERSIZED_BYTES = 1024 * 1024;

const shared = {
  /** How many calls it spoils, default 1. */
  times: z.int().min(1).max(1_000_000).default(1),
  /** Only this call; default: whichever comes next. */
  call: z.enum(CALLS).optional(),
};
/** Whether the call is carried out before its answer is spoilt: the case in which a retry would do it twice. */
const processed = z.boolean().default(false);

export const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('status'),
    status: z.int().min(200).max(599),
    retryAfterSeconds: z.int().min(0).max(86_400).optional(),
    processed,
    ...shared,
  }),
  z.strictObject({ kind: z.literal('delay'), delayMs: z.int().min(0).max(MAX_FAULT_DELAY_MS), ...shared }),
  /** Never answers. */
  z.strictObject({ kind: z.literal('hang'), processed, ...shared }),
  /** Closes the connection without an answer. */
  z.strictObject({ kind: z.literal('drop'), processed, ...shared }),
  /** 200 and JSON by its header, but not by its body. */
  z.strictObject({ kind: z.literal('garbage'), processed, ...shared }),
  /** A megabyte of JSON. */
  z.strictObject({ kind: z.literal('oversized'), ...shared }),
  /** Elsewhere with the same request, header and all. */
  z.strictObject({ kind: z.literal('redirect'), location: z.url(), ...shared }),
  /** `confirmation_id`, as a server would spell it that has mended the field. */
  z.strictObject({ kind: z.literal('mended-spelling'), ...shared }),
  /** Refusals with their codes, as host projects with an error handler of their own send them. */
  z.strictObject({ kind: z.literal('coded-errors'), ...shared }),
]);
export type FaultRequest = z.input<typeof faultSchema>;
type Fault = z.output<typeof faultSchema>;

export interface JsonAnswer {
  readonly status: number;
  /** `undefined`: none. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export function onTheWire({ status, body, headers = {} }: JsonAnswer): WireAnswer {
  const text = body === undefined ? '' : JSON.stringify(body);
  return { kind: 'text', status, contentType: 'application/json', text, headers };
}

/** Faults in the order they were asked for; each call is spoilt by the first that concerns it, and only by that one. */
export class Faults {
  #queue: { readonly fault: Fault; left: number }[] = [];

  /** @returns false, and adds nothing, where too many are waiting already. */
  add(fault: Fault): boolean {
    if (this.#queue.length >= MAX_FAULTS) return false;
    this.#queue.push({ fault, left: fault.times });
    return true;
  }

  clear(): void {
    this.#queue = [];
  }

  /** @param carryOut given whether refusals carry their codes */
  async answer(call: Call, carryOut: (codedErrors: boolean) => JsonAnswer, abort: AbortSignal): Promise<WireAnswer> {
    const fault = this.#take(call);
    if (fault === undefined) return onTheWire(carryOut(false));
    if ('processed' in fault && fault.processed) carryOut(false);
    switch (fault.kind) {
      case 'status': {
        const retry = fault.retryAfterSeconds;
        const headers = retry === undefined ? {} : { 'Retry-After': String(retry) };
        return onTheWire({ status: fault.status, body: { detail: 'Injected fault.' }, headers });
      }
      case 'delay': {
        const answer = carryOut(false);
        await delay(fault.delayMs, undefined, { signal: abort });
        return onTheWire(answer);
      }
      case 'hang':
        return { kind: 'silence' };
      case 'drop':
        return { kind: 'drop' };
      case 'garbage':
        return { ...page(200, '<!doctype html><title>Bad gateway</title>{"id": '), contentType: 'application/json' };
      case 'oversized':
        return onTheWire({ status: 200, body: { padding: 'x'.repeat(OVERSIZED_BYTES) } });
      case 'redirect':
        return onTheWire({ status: 307, body: undefined, headers: { Location: fault.location } });
      case 'mended-spelling':
        return onTheWire(mended(carryOut(false)));
      case 'coded-errors':
        return onTheWire(carryOut(true));
      default:
        return assertNever(fault);
    }
  }

  #take(call: Call): Fault | undefined {
    const waiting = this.#queue.find(({ fault }) => fault.call === undefined || fault.call === call);
    if (waiting === undefined) return undefined;
    waiting.left -= 1;
    if (waiting.left === 0) this.#queue = this.#queue.filter((each) => each !== waiting);
    return waiting.fault;
  }
}

export function page(status: number, text: string): WireAnswer & { readonly kind: 'text' } {
  return { kind: 'text', status, contentType: 'text/html; charset=utf-8', text };
}

function mended(answer: JsonAnswer): JsonAnswer {
  const { body } = answer;
  if (typeof body !== 'object' || body === null || !('comfirmation_id' in body)) return answer;
  const { comfirmation_id: confirmation_id, ...rest } = body;
  return { ...answer, body: { ...rest, confirmation_id } };
}
