import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { createSystemClock } from '../../../gateway/clock.ts';
import { createGateway } from '../../../gateway/gateway.ts';
import { createWebhook } from '../../../gateway/providers/authsignal/webhook.ts';
import { hashToken } from '../../../gateway/tokens.ts';
import { FakeGatewayClock } from '../../gateway/fake-gateway-clock.ts';
import { FakeProvider } from '../../gateway/fake-provider.ts';
import { FUZZ_TOKEN } from '../frame-examples.ts';
import { type Edit, editedBytes, editsOf, mutatedText, type Recipe, recipes } from '../mutation.ts';
import { UPGRADE } from '../raw-web-socket.ts';
import { type FuzzTarget, FuzzViolation } from '../target.ts';

/** What a stranger, or the service, delivers to the webhook. */
interface Delivery {
  readonly event: Recipe;
  readonly signed: 'rightly' | 'for-another-body' | 'with-another-secret' | 'not' | 'garbage';
  readonly garbage: string;
}

interface Request {
  readonly delivery: Delivery | null;
  readonly method: string;
  readonly path: string;
  readonly version: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: number;
  readonly edits: readonly Edit[];
  /** Instead: bytes of any kind. */
  readonly noise: string | null;
}

const header: fc.Arbitrary<readonly [string, string]> = fc.tuple(
  fc.constantFrom(
    'Host',
    'Origin',
    'Content-Length',
    'Transfer-Encoding',
    'Expect',
    'Connection',
    'Upgrade',
    'Sec-WebSocket-Version',
    'Sec-WebSocket-Key',
    'Sec-WebSocket-Extensions',
    'Sec-WebSocket-Protocol',
    'Range',
    'X-Long',
    '__proto__',
  ),
  fc.oneof(
    fc.constantFrom(
      'gateway',
      'https://elsewhere.example',
      'null',
      '0',
      '-1',
      '99999999999999999999',
      'chunked',
      'chunked, identity',
      '100-continue',
      'Upgrade',
      'websocket',
      'h2c',
      '13',
      '14',
      'MDEyMzQ1Njc4OWFiY2RlZg==',
      'permessage-deflate; client_max_window_bits=99',
      'close',
      'A'.repeat(9_000),
    ),
    fc.string({ maxLength: 20 }),
  ),
);

const requests: fc.Arbitrary<Request> = fc.record({
  delivery: fc.oneof(
    { weight: 2, arbitrary: fc.constant(null) },
    {
      weight: 1,
      arbitrary: fc.record({
        event: recipes,
        signed: fc.constantFrom('rightly', 'rightly', 'for-another-body', 'with-another-secret', 'not', 'garbage'),
        garbage: fc.string({ maxLength: 80 }),
      }),
    },
  ),
  method: fc.oneof(
    { weight: 3, arbitrary: fc.constant('GET') },
    {
      weight: 2,
      arbitrary: fc.constantFrom('HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'PRI', 'get'),
    },
  ),
  path: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('/healthz', '/metrics', '/v1', '/') },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        '/healthz?x=1',
        '//healthz',
        '/../healthz',
        '*',
        'http://x/healthz',
        '/%00',
        '/v1/',
        '',
        '?',
      ),
    },
  ),
  version: fc.oneof(
    { weight: 9, arbitrary: fc.constant('1.1') },
    { weight: 1, arbitrary: fc.constantFrom('1.0', '2.0', '9.9', '') },
  ),
  headers: fc.oneof(fc.constant([['Host', 'gateway'] as const]), fc.array(header, { maxLength: 6 })),
  body: fc.oneof(fc.constant(0), fc.nat({ max: 200_000 })),
  edits: fc.oneof(fc.constant([]), editsOf(3)),
  noise: fc.oneof(
    { weight: 9, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('hex')) },
  ),
});

/** What this front may answer; 500 would say that something in it threw. */
const STATUSES: ReadonlySet<number> = new Set([
  101, 200, 204, 400, 401, 403, 404, 405, 408, 413, 414, 417, 426, 431, 501, 503, 505,
]);
/** Longest answer: the metrics, with room. */
const MAX_ANSWER_BYTES = 256 * 1024;
/** Half a request is waited for by the server; the fuzzer does not wait that long. */
const PATIENCE_MS = 25;
const ANSWER_WITHIN_MS = 5_000;
const INPUTS_PER_LOOK = 200;

const WEBHOOK_SECRET = 'not-a-real-secret';
const EVENTS: readonly unknown[] = [
  {
    id: 'event-1',
    type: 'action.verify',
    data: { userId: 'user-1', idempotencyKey: 'key-1', action: 'workstation-unlock' },
  },
  { id: 'event-2', type: 'sms.created', data: { userId: 'user-1', idempotencyKey: 'key-1' } },
  { records: [{ any: 'thing' }] },
];

/** The HTTP side of a real gateway on a Unix socket. */
export function gatewayHttpTarget(): FuzzTarget<Request> {
  return { name: 'gateway-http', inputs: requests, open };
}

async function open() {
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-http-'));
  const path = join(folder, 'gateway.sock');
  const clock = new FakeGatewayClock();
  const faults: string[] = [];
  const quiet = (): void => undefined;
  const gateway = await createGateway({
    provider: Object.assign(new FakeProvider(), { webhook: createWebhook(WEBHOOK_SECRET, createSystemClock()) }),
    clock,
    logger: { info: quiet, warn: quiet, error: (_fields, message) => void faults.push(message) },
    audit: { append: quiet },
    acceptedTokens: [{ name: 'fuzz', sha256: hashToken(FUZZ_TOKEN) }],
  });
  await gateway.listen({ kind: 'socket', path });
  let fed = 0;

  async function mustBeWell(): Promise<void> {
    await clock.advance(60_000);
    const well = await exchange(path, Buffer.from('GET /healthz HTTP/1.0\r\n\r\n'), ANSWER_WITHIN_MS);
    if (!well.text.includes('"status":"ok","'))
      throw new FuzzViolation(`not well any more: ${well.text.slice(0, 200)}`);
    if (!well.text.includes('"connections":0,'))
      throw new FuzzViolation(`connections are left: ${well.text.slice(-200)}`);
  }

  return {
    async feed(request: Request): Promise<string> {
      fed += 1;
      const { text, bytes } = await exchange(path, bytesOf(request), PATIENCE_MS);
      if (faults.length > 0) throw new FuzzViolation(`the front threw: ${faults.splice(0).join()}`);
      if (bytes > MAX_ANSWER_BYTES) throw new FuzzViolation(`an answer of ${bytes} bytes`);
      if (fed % INPUTS_PER_LOOK === 0) await mustBeWell();
      if (text === '') return 'no answer';
      const status = Number(/^HTTP\/1\.[01] (\d{3}) /.exec(text)?.[1] ?? 0);
      if (status === 204 && !mayBeTaken(request))
        throw new FuzzViolation('a delivery that the service did not sign was taken');
      if (status !== 100 && !STATUSES.has(status)) throw new FuzzViolation(`answered with ${text.slice(0, 60)}`);
      return `HTTP ${status}`;
    },
    async close(): Promise<void> {
      await mustBeWell();
      const closing = gateway.close();
      await clock.advance(10_000);
      await closing;
      rmSync(folder, { recursive: true, force: true });
      if (clock.pending > 0) throw new FuzzViolation(`${clock.pending} timers are left`);
    },
  };
}

function bytesOf(request: Request): Buffer {
  if (request.delivery !== null) return editedBytes(deliveryBytes(request.delivery), request.edits);
  if (request.noise !== null) return Buffer.from(request.noise, 'hex');
  const upgrades = request.method === 'GET' && request.path === '/v1' && request.headers.length <= 1;
  const lines = request.headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const head = upgrades ? UPGRADE : `${request.method} ${request.path} HTTP/${request.version}\r\n${lines}\r\n`;
  return Buffer.concat([editedBytes(Buffer.from(head), request.edits), Buffer.alloc(request.body, 'x')]);
}

/** Edits to the head may leave a delivery as it was. */
const mayBeTaken = ({ delivery }: Request): boolean => delivery?.signed === 'rightly';

function deliveryBytes({ event, signed, garbage }: Delivery): Buffer {
  const body = Buffer.from(mutatedText(event, EVENTS));
  const seconds = Math.floor(Date.now() / 1_000);
  const sign = (secret: string, text: Buffer | string): string => {
    const hmac = createHmac('sha256', secret).update(`${seconds}.`).update(text).digest('base64');
    return `X-Signature-V2: t=${seconds},v2=${hmac.replace(/=+$/, '')}\r\n`;
  };
  const signatures: Readonly<Record<Delivery['signed'], string>> = {
    rightly: sign(WEBHOOK_SECRET, body),
    'for-another-body': sign(WEBHOOK_SECRET, 'another'),
    'with-another-secret': sign('another', body),
    not: '',
    garbage: `X-Signature-V2: ${garbage.replaceAll(/[^ -~]/g, '')}\r\n`,
  };
  const head = `POST /webhooks/authsignal HTTP/1.1\r\nHost: gateway\r\n${signatures[signed]}Content-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

/** Sends, and hears until the server ends it or has said something, at most `patienceMs`. */
function exchange(path: string, bytes: Buffer, patienceMs: number): Promise<{ text: string; bytes: number }> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = createConnection(path);
    let timer = setTimeout(done, patienceMs);
    function done(): void {
      clearTimeout(timer);
      socket.destroy();
      const all = Buffer.concat(chunks);
      resolve({ text: all.toString('latin1'), bytes: all.length });
    }
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      // A whole answer follows its head at once.
      clearTimeout(timer);
      timer = setTimeout(done, 5);
    });
    socket.on('error', done);
    socket.on('close', done);
    socket.write(bytes);
  });
}
