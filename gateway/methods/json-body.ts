import type { IncomingMessage } from 'node:http';
import { MAX_METHODS_BODY_BYTES } from '../limits.ts';
import { bodyOf } from '../request-body.ts';

/** A body that is none. Its message is for the caller and holds nothing of the body. */
export class UnreadableBody extends Error {
  override readonly name = 'UnreadableBody';
  readonly status: 400 | 413 | 415;
  constructor(status: 400 | 413 | 415, detail: string) {
    super(detail);
    this.status = status;
  }
}

/** The body as JSON; to be called only for those who may send one. @throws UnreadableBody */
export async function jsonBodyOf(request: IncomingMessage): Promise<unknown> {
  const mediaType = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  // Forms and plain text are what a web page can send without asking first.
  if (mediaType !== 'application/json') throw new UnreadableBody(415, 'Unsupported media type in request.');
  const body = await bodyOf(request, MAX_METHODS_BODY_BYTES);
  if (body === 'too-large') throw new UnreadableBody(413, 'Request body is too large.');
  try {
    return JSON.parse(body);
  } catch {
    // The parser's message would quote the body.
    throw new UnreadableBody(400, 'JSON parse error.');
  }
}
