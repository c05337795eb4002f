import { request as httpRequest, type IncomingMessage } from 'node:http';
import { type AdminCallRow, AdminFailureSchema, MAX_ADMIN_ANSWER_BYTES } from '../wire/calls.ts';
import { UsageError } from './usage-error.ts';

/** From the call to the end of its answer. */
const ANSWER_TIMEOUT_MS = 30_000;
/** The system's words for a socket that is not there, or that nobody listens on. */
const NOBODY_LISTENS: readonly string[] = ['ENOENT', 'ECONNREFUSED', 'ENOTDIR'];

/** The gateway did not do it, or cannot be asked. Its message is a sentence for the administrator. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed';
}

/** Asks the running gateway. `typed` is what the administrator wrote: the call's schema judges it. */
export type Ask = <Answer>(row: AdminCallRow<unknown, Answer>, typed: object) => Promise<Answer>;

/** @returns rejects with CallFailed; with UsageError, naming the word but not its value, for what no gateway would accept */
export function askAt(socketPath: string): Ask {
  return async (row, typed) => {
    const claimed = row.request.safeParse(typed);
    if (!claimed.success) throw new UsageError(wrongWord(claimed.error.issues[0]?.path[0]));
    const { status, text } = await exchange(socketPath, row.path, JSON.stringify(claimed.data));
    const json = jsonOf(text);
    if (status === 200) {
      const answer = row.answer.safeParse(json);
      if (answer.success) return answer.data;
    }
    const failure = AdminFailureSchema.safeParse(json);
    throw new CallFailed(failure.success ? failure.data.message : 'The gateway’s answer was not understood.');
  };
}

function wrongWord(member: PropertyKey | undefined): string {
  switch (member) {
    case 'userId':
      return 'USER: expected a user id of at most 128 characters, without / and \\.';
    case 'displayName':
      return '--name: expected a name of 1 to 80 characters.';
    case 'id':
      return 'ID: expected one of “devices list”, such as phone:… or workstation:….';
    case 'only':
      return '--only: expected link or recovery.';
    default:
      return 'The call cannot be understood.';
  }
}

function exchange(socketPath: string, path: string, body: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const failed = (fault: unknown) => reject(explained(fault, socketPath));
    const request = httpRequest({
      socketPath,
      path,
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) },
      agent: false,
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    request.once('error', failed);
    request.once('response', (response) => {
      textOf(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), failed);
    });
    request.end(body);
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('an answer without an encoding consists of buffers');
    bytes += chunk.length;
    if (bytes > MAX_ADMIN_ANSWER_BYTES) throw new CallFailed('The gateway’s answer is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function explained(fault: unknown, socketPath: string): CallFailed {
  if (fault instanceof CallFailed) return fault;
  const options = { cause: fault };
  const code = fault instanceof Error && 'code' in fault ? String(fault.code) : '';
  if (NOBODY_LISTENS.includes(code)) {
    return new CallFailed(`The gateway is not running: nobody listens on ${socketPath}.`, options);
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new CallFailed(`This user may not use ${socketPath}: run it as the user of the gateway.`, options);
  }
  if (fault instanceof Error && (fault.name === 'AbortError' || fault.name === 'TimeoutError')) {
    return new CallFailed('The gateway does not answer.', options);
  }
  return new CallFailed(`The gateway cannot be asked (${code === '' ? 'connection broken' : code}).`, options);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Said by whoever decodes it: null is no answer.
    return null;
  }
}
