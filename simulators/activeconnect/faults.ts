import * as z from 'zod';
import { answerSpoilt, times, wireFaults } from '../http/faults.ts';
import { asAnswer, type Reply, type WireAnswer } from '../http/reply.ts';

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

const { spoilt, status, delay, hang, drop, garbage } = wireFaults(CALLS);

export const faultSchema = z.discriminatedUnion('kind', [
  status,
  delay,
  hang,
  drop,
  garbage,
  /** Booleans as the strings "True" and "False". */
  z.strictObject({ kind: z.literal('string-booleans'), ...spoilt }),
  /** The status call answers its two fields without `authentication_status` around them, as the documentation prints it. */
  z.strictObject({ kind: z.literal('unwrapped-status'), times }),
  /** The status call answers this `session_status`: `identifying`, an older server's `inactive` or `expired`, or nonsense. */
  z.strictObject({ kind: z.literal('session-status'), sessionStatus: z.string().max(64), times }),
]);
export type FaultRequest = z.input<typeof faultSchema>;
type Fault = z.output<typeof faultSchema>;

/** The only call a fault concerns; undefined: every one. */
export function callOf(fault: Fault): Call | undefined {
  return fault.kind === 'unwrapped-status' || fault.kind === 'session-status' ? 'session_status' : fault.call;
}

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

function injected(status: number, headers: Readonly<Record<string, string>>): WireAnswer {
  return asAnswer({ status, body: { status: false, reason: 'INJECTED_FAULT' }, headers });
}

/** @param fault undefined: none */
export async function answerWith(
  fault: Fault | undefined,
  carryOut: () => Promise<Reply>,
  abort: AbortSignal,
): Promise<WireAnswer> {
  if (fault === undefined) return asAnswer(await carryOut());
  switch (fault.kind) {
    case 'string-booleans': {
      const reply = await carryOut();
      const body = Object.fromEntries(Object.entries(reply.body).map(([key, each]) => [key, withStringBooleans(each)]));
      return asAnswer({ ...reply, body });
    }
    case 'unwrapped-status': {
      const reply = await carryOut();
      return asAnswer({ ...reply, body: statusFields(reply) ?? reply.body });
    }
    case 'session-status': {
      const reply = await carryOut();
      const fields = statusFields(reply);
      if (fields === undefined) return asAnswer(reply);
      const { sessionStatus } = fault;
      const changed = { ...fields, session_status: sessionStatus, authenticated: sessionStatus === 'active' };
      return asAnswer({ ...reply, body: { authentication_status: changed } });
    }
    default:
      return answerSpoilt(fault, {
        carryOut: async () => asAnswer(await carryOut()),
        refused: injected,
        brokenJson: '<!doctype html><title>Bad gateway</title>{"status": tru',
        abort,
      });
  }
}
