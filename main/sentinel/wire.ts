import type { Duplex } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { z } from 'zod';
import { MAX_LINE_BYTES } from './limits.ts';

/**
 * What is said between main and its sentinel: JSON lines on a socket pair that one of them inherited from the other. It has no name and
 * nobody else holds an end of it; that is what makes a farewell believable. Its end without a farewell is a death.
 */
const MessageSchema = z.discriminatedUnion('type', [
  /** Main lives. `guarding`: somebody is guarded, so that its death must lock. `processId`: what to end if it hangs. */
  z.strictObject({ type: z.literal('alive'), guarding: z.boolean(), processId: z.int().min(1) }),
  /** Main ends because it was asked to, after locking where that is due. Not a death. */
  z.strictObject({ type: z.literal('farewell') }),
  /** The sentinel's answer to every sign of life. */
  z.strictObject({ type: z.literal('watching') }),
]);
export type WireMessage = z.infer<typeof MessageSchema>;

export interface Wire {
  /** One listener at a time; messages that came before it are kept for it. */
  listen(listener: { readonly onMessage: (message: WireMessage) => void; readonly onClosed: () => void }): void;
  /** Saying something to nobody is no failure: the end is reported to the listener. */
  say(message: WireMessage): void;
  /** Says nothing more. Resolves once everything was handed over, or the other end is gone. */
  end(): Promise<void>;
}

export function wireOver(stream: Duplex): Wire {
  const early: WireMessage[] = [];
  let closed = false;
  let listener: Parameters<Wire['listen']>[0] | null = null;
  const decoder = new StringDecoder('utf8');
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = (lines.pop() ?? '').slice(0, MAX_LINE_BYTES);
    for (const line of lines) {
      const message = decoded(line);
      // What is not understood is no sign of life; that is all it means.
      if (message === null) continue;
      if (listener === null) early.push(message);
      else listener.onMessage(message);
    }
  });
  const close = (): void => {
    if (closed) return;
    closed = true;
    listener?.onClosed();
  };
  // A broken pipe is the end that `close` reports too.
  stream.on('error', close);
  stream.on('end', close);
  stream.on('close', close);
  return {
    listen(next) {
      listener = next;
      for (const message of early.splice(0)) next.onMessage(message);
      if (closed) next.onClosed();
    },
    say(message) {
      if (!closed && !stream.writableEnded) stream.write(`${JSON.stringify(message)}\n`);
    },
    end: () =>
      new Promise((resolve) => {
        if (closed) return resolve();
        stream.once('close', () => resolve());
        stream.end(() => resolve());
      }),
  };
}

function decoded(line: string): WireMessage | null {
  if (line.length > MAX_LINE_BYTES) return null;
  try {
    return MessageSchema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null; // not JSON
  }
}
