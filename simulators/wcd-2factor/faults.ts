import * as z from 'zod';
import { answerSpoilt, wireFaults } from '../http/faults.ts';
import type { WireAnswer } from '../http/reply.ts';
import { CALLS } from './api.ts';

const OVERSIZED_BYTES = 1024 * 1024;

const { spoilt, status, delay, hang, drop, garbage } = wireFaults(CALLS);

export const faultSchema = z.discriminatedUnion('kind', [
  status,
  delay,
  hang,
  drop,
  garbage,
  /** A megabyte of JSON. */
  z.strictObject({ kind: z.literal('oversized'), ...spoilt }),
  /** Elsewhere with the same request, header and all. */
  z.strictObject({ kind: z.literal('redirect'), location: z.url(), ...spoilt }),
  /** `confirmation_id`, as a server would spell it that has mended the field. */
  z.strictObject({ kind: z.literal('mended-spelling'), ...spoilt }),
  /** Refusals with their codes, as host projects with an error handler of their own send them. */
  z.strictObject({ kind: z.literal('coded-errors'), ...spoilt }),
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

/**
 * @param fault undefined: none
 * @param carryOut given whether refusals carry their codes
 */
export async function answerWith(
  fault: Fault | undefined,
  carryOut: (codedErrors: boolean) => JsonAnswer,
  abort: AbortSignal,
): Promise<WireAnswer> {
  if (fault === undefined) return onTheWire(carryOut(false));
  switch (fault.kind) {
    case 'oversized':
      return onTheWire({ status: 200, body: { padding: 'x'.repeat(OVERSIZED_BYTES) } });
    case 'redirect':
      return onTheWire({ status: 307, body: undefined, headers: { Location: fault.location } });
    case 'mended-spelling':
      return onTheWire(mended(carryOut(false)));
    case 'coded-errors':
      return onTheWire(carryOut(true));
    default:
      return answerSpoilt(fault, {
        carryOut: async () => onTheWire(carryOut(false)),
        refused: (asked, headers) => onTheWire({ status: asked, body: { detail: 'Injected fault.' }, headers }),
        brokenJson: '<!doctype html><title>Bad gateway</title>{"id": ',
        abort,
      });
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
