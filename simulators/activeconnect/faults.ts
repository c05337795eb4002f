import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { assertNever } from '../assert-never.ts';
import type { Reply, WireAnswer } from '../http/reply.ts';

export const CALLS = [
  'add_users',
  'delete_users',
  'device_registration_link',
  'send_registration_sms',
  'has_registered_mobile_device',
  'lost_user_mobile_device',
  'authenticate_user',
  'session_status',
  'logout',
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
  /** Booleans as the strings "True" and "False". */
  z.strictObject({ kind: z.literal('string-booleans'), ...shared }),
  /** The status call answers its two fields without `authentication_status` around them, as the documentation prints it. */
  z.strictObject({ kind: z.literal('unwrapped-status'), times: shared.times }),
  /** The status call answers this `session_status`: `identifying`, an older server's `inactive` or `expired`, or nonsense. */
  z.strictObject({ kind: z.literal('session-status'), sessionStatus: z.string().max(64), times: shared.times }),
]);
export type FaultRequest = z.input<typeof faultSchema>;
type Fault = z.output<typeof faultSchema>;

function withStringBooleans(value: unknown): unknown {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return value.map(withStringBooleans);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withStringBooleans(each)]));
}

function statusFields(reply: Reply): Record<string, unknown> | undefined {
  const { authentication_status: fields } = reply.body;
  return typeof fields === 'object' && fields !== null ? { ...fields } : undefined;
}

function spoils(fault: Fault, call: Call): boolean {
  const only = fault.kind === 'unwrapped-status' || fault.kind === 'session-status' ? 'session_status' : fault.call;
  return only === undefined || only === call;
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

  async answer(call: Call, carryOut: () => Promise<Reply>, abort: AbortSignal): Promise<WireAnswer> {
    const fault = this.#take(call);
    if (fault === undefined) return { kind: 'reply', reply: await carryOut() };
    switch (fault.kind) {
      case 'status': {
        if (fault.processed) await carryOut();
        const retry = fault.retryAfterSeconds;
        const headers = retry === undefined ? {} : { 'Retry-After': String(retry) };
        return {
          kind: 'reply',
          reply: { status: fault.status, body: { status: false, reason: 'INJECTED_FAULT' }, headers },
        };
      }
      case 'delay': {
        const reply = await carryOut();
        await delay(fault.delayMs, undefined, { signal: abort });
        return { kind: 'reply', reply };
      }
      case 'hang':
        if (fault.processed) await carryOut();
        return { kind: 'silence' };
      case 'drop':
        if (fault.processed) await carryOut();
        return { kind: 'drop' };
      case 'garbage':
        if (fault.processed) await carryOut();
        return {
          kind: 'text',
          status: 200,
          contentType: 'application/json',
          text: '<!doctype html><title>Bad gateway</title>{"status": tru',
        };
      case 'string-booleans': {
        const reply = await carryOut();
        const body = Object.fromEntries(
          Object.entries(reply.body).map(([key, each]) => [key, withStringBooleans(each)]),
        );
        return { kind: 'reply', reply: { ...reply, body } };
      }
      case 'unwrapped-status': {
        const reply = await carryOut();
        return { kind: 'reply', reply: { ...reply, body: statusFields(reply) ?? reply.body } };
      }
      case 'session-status': {
        const reply = await carryOut();
        const fields = statusFields(reply);
        if (fields === undefined) return { kind: 'reply', reply };
        const changed = {
          ...fields,
          session_status: fault.sessionStatus,
          authenticated: fault.sessionStatus === 'active',
        };
        return { kind: 'reply', reply: { ...reply, body: { authentication_status: changed } } };
      }
      default:
        return assertNever(fault);
    }
  }

  #take(call: Call): Fault | undefined {
    const waiting = this.#queue.find(({ fault }) => spoils(fault, call));
    if (waiting === undefined) return undefined;
    waiting.left -= 1;
    if (waiting.left === 0) this.#queue = this.#queue.filter((each) => each !== waiting);
    return waiting.fault;
  }
}
