import * as z from 'zod';
import { answerSpoilt, wireFaults } from '../http/faults.ts';
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

const { spoilt, status, delay, hang, drop, garbage } = wireFaults(CALLS);

export const faultSchema = z.discriminatedUnion('kind', [
  status.extend({
    /** A proxy in front of the service answers without a body. */
    emptyBody: z.boolean().default(false),
  }),
  delay,
  hang,
  drop,
  garbage,
  /** Members of the answer are replaced (`null`: taken away), e.g. `{"state": "SOMETHING_NEW"}`. */
  z.strictObject({ kind: z.literal('members'), members: z.record(z.string(), z.unknown()), ...spoilt }),
]);
export type FaultRequest = z.input<typeof faultSchema>;
type Fault = z.output<typeof faultSchema>;

/** @param fault undefined: none */
export async function answerWith(
  fault: Fault | undefined,
  carryOut: () => Promise<Answer>,
  abort: AbortSignal,
): Promise<WireAnswer> {
  if (fault === undefined) return onTheWire(await carryOut());
  switch (fault.kind) {
    case 'members': {
      const answer = await carryOut();
      if (typeof answer.body !== 'object' || answer.body === null) return onTheWire(answer);
      const members = Object.entries({ ...answer.body, ...fault.members }).filter(([, value]) => value !== null);
      return onTheWire({ ...answer, body: Object.fromEntries(members) });
    }
    default: {
      const answer = await answerSpoilt(fault, {
        carryOut: async () => onTheWire(await carryOut()),
        refused: (asked, headers) => onTheWire(refused(asked, 'injected_fault', 'A fault was injected.', headers)),
        brokenJson: '<!doctype html><title>Bad gateway</title>{"state": "ALL',
        abort,
      });
      const isEmpty = fault.kind === 'status' && fault.emptyBody;
      return isEmpty && answer.kind === 'text' ? { ...answer, text: '' } : answer;
    }
  }
}
