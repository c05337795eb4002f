import type { IncomingMessage } from 'node:http';
import { assertNever } from '../assert-never.ts';
import { type Address, isFromElsewhere, parseJson, readBody } from './exchange.ts';
import { type Reply, refused } from './reply.ts';

interface FaultTaker {
  add(claimedFault: unknown): 'added' | 'malformed' | 'too-many';
  clear(): void;
}

/** `/faults`: a POST adds one, a DELETE takes all away. For whoever tests or tries the product, never for a page of another site. */
export async function answerFaults(faults: FaultTaker, request: IncomingMessage, address: Address): Promise<Reply> {
  if (isFromElsewhere(request, address.host)) return refused(403, 'CROSS_SITE');
  if (request.method === 'DELETE') {
    faults.clear();
    return { status: 200, body: { status: true } };
  }
  if (request.method !== 'POST') return refused(405, 'METHOD_NOT_ALLOWED', { Allow: 'POST, DELETE' });
  const bytes = await readBody(request);
  const json = bytes === 'too-large' ? undefined : parseJson(bytes);
  const added = faults.add(json?.value);
  switch (added) {
    case 'added':
      return { status: 201, body: { status: true } };
    case 'malformed':
      return refused(400, 'INVALID_FAULT');
    case 'too-many':
      return refused(429, 'TOO_MANY_FAULTS');
    default:
      return assertNever(added);
  }
}
