import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { assertNever } from '../assert-never.ts';
import type { WireAnswer } from '../http/reply.ts';
import { type Answer, onTheWire, refused } from './answer.ts';

export const CALLS = [
  'query_users',
  'get_user',
  'update_user',
  'delete_user',
  'get_authenticators',
  'enroll_authenticator',
  'delete_authenticator',
  'query_actions',
  'track',
  'get_action',
  'update_action',
  'validate',
  'challenge',
  'verify',
  'claim',
  'get_challenge',
  'create_session',
  'validate_session',
  'refresh_session',
  'revoke_session',
  'revoke_user_sessions',
] as const;
export type Call = (typeof CALLS)[number];

const MAX_FAULTS = 100;
const MAX_FAULT_DELAY_MS = 600_000;

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
    /** A proxy in front of the service answers without a body. */
    emptyBody: z.boolean().default(false),
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
  /** Members of the answer are replaced (`null`: taken away), e.g. `{"state": "SOMETHING_NEW"}`. */
  z.strictObject({ kind: z.literal('members'), members: z.record(z.string(), z.unknown()), ...shared }),
]);
export type FaultRequest = z.input<typeof faultSchema>;
type Fault = z.output<typeof faultSchema>;

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

  async answer(call: Call, carryOut: () => Promise<Answer>, abort: AbortSignal): Promise<WireAnswer> {
    const fault = this.#take(call);
    if (fault === undefined) return onTheWire(await carryOut());
    if ('processed' in fault && fault.processed) await carryOut();
    switch (fault.kind) {
      case 'status': {
        const retry = fault.retryAfterSeconds;
        const headers = retry === undefined ? {} : { 'Retry-After': String(retry) };
        const answer = onTheWire(refused(fault.status, 'injected_fault', 'A fault was injected.', headers));
        return fault.emptyBody && answer.kind === 'text' ? { ...answer, text: '' } : answer;
      }
      case 'delay': {
        const answer = await carryOut();
        await delay(fault.delayMs, undefined, { signal: abort });
        return onTheWire(answer);
      }
      case 'hang':
        return { kind: 'silence' };
      case 'drop':
        return { kind: 'drop' };
      case 'garbage':
        return {
          kind: 'text',
          status: 200,
          contentType: 'application/json',
          text: '<!doctype html><title>Bad gateway</title>{"state": "ALL',
        };
      case 'members': {
        const answer = await carryOut();
        if (typeof answer.body !== 'object' || answer.body === null) return onTheWire(answer);
        const members = Object.entries({ ...answer.body, ...fault.members }).filter(([, value]) => value !== null);
        return onTheWire({ ...answer, body: Object.fromEntries(members) });
      }
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
