import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { createGateway, type Gateway } from '../../../gateway/gateway.ts';
import { hashToken } from '../../../gateway/tokens.ts';
import { decodeGatewayFrame } from '../../../protocol/codec.ts';
import { ERROR_CODES, isErrorCode } from '../../../protocol/error-codes.ts';
import type { SessionStatus } from '../../../protocol/frames.ts';
import { FakeGatewayClock } from '../../gateway/fake-gateway-clock.ts';
import { FakeProvider } from '../../gateway/fake-provider.ts';
import { clientFrames, FUZZ_TOKEN } from '../frame-examples.ts';
import { mutatedText, type Recipe, recipes } from '../mutation.ts';
import { type FrameShape, frameBytes, RawWebSocket, TEXT_FRAME, UPGRADE } from '../raw-web-socket.ts';
import { type FuzzTarget, FuzzViolation } from '../target.ts';

type Step =
  | { readonly kind: 'plain'; readonly example: number }
  | { readonly kind: 'frame'; readonly recipe: Recipe }
  | { readonly kind: 'shaped'; readonly recipe: Recipe; readonly shape: FrameShape }
  | { readonly kind: 'bytes'; readonly hex: string }
  | { readonly kind: 'flood'; readonly frames: number };

interface Story {
  readonly hello: 'valid' | 'none' | 'wrong-token';
  readonly device: number;
  readonly steps: readonly Step[];
  /** What the service says about sessions meanwhile. */
  readonly service: SessionStatus;
  /** Seconds that pass for the gateway after it. */
  readonly seconds: number;
}

const shape: fc.Arbitrary<FrameShape> = fc.record({
  opcode: fc.oneof(fc.constantFrom(0, 1, 2, 8, 9, 10), fc.nat({ max: 16 })),
  fin: fc.boolean(),
  masked: fc.integer({ min: 0, max: 9 }).map((roll) => roll > 0),
  reserved: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(64, 32, 16) }),
  lengthOff: fc.oneof(
    { weight: 8, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: fc.constantFrom(-1, 1, 5, 16_385, 70_000, 2 ** 40) },
  ),
  lengthForm: fc.constantFrom('shortest', 'shortest', 'shortest', 'two-bytes', 'eight-bytes'),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 14,
    arbitrary: fc.record({ kind: fc.constant('plain' as const), example: fc.integer({ min: 1, max: 16 }) }),
  },
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('frame' as const), recipe: recipes }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('shaped' as const), recipe: recipes, shape }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('bytes' as const),
      hex: fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes).toString('hex')),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('flood' as const), frames: fc.integer({ min: 30, max: 90 }) }),
  },
);

const stories: fc.Arbitrary<Story> = fc.record({
  hello: fc.oneof(
    { weight: 8, arbitrary: fc.constant('valid' as const) },
    { weight: 1, arbitrary: fc.constantFrom('none', 'wrong-token') },
  ),
  device: fc.nat({ max: 50 }),
  steps: fc.array(step, { minLength: 1, maxLength: 5 }),
  service: fc.constantFrom('pending', 'active', 'closed', 'failed', 'walkaway'),
  seconds: fc.oneof(
    { weight: 9, arbitrary: fc.nat({ max: 3 }) },
    { weight: 1, arbitrary: fc.integer({ min: 5, max: 40 }) },
  ),
});

/** A connection that says nothing wrong is answered within this, in milliseconds of real time. */
const ANSWER_WITHIN_MS = 5_000;
/** What is a whole frame is answered well within this; what is not, keeps the server waiting for its end. */
const UNDERSTOOD_WITHIN_MS = 40;
/** Longer than any session that nobody watches is kept. */
const LONG_PAST_EVERYTHING_MS = 2 * 3_600_000;
/** Only so many stories go by before the gateway may forget what they left. */
const STORIES_PER_SWEEP = 500;
/** RFC 6455 §7.4.1: what the WebSocket library itself closes with, besides the codes of the table. */
const LIBRARY_CLOSE_CODES: readonly number[] = [1000, 1002, 1005, 1006, 1007, 1009];
const CLOSE_CODES: ReadonlySet<number> = new Set([
  ...LIBRARY_CLOSE_CODES,
  ...Object.values(ERROR_CODES).flatMap(({ closeCode }) => closeCode ?? []),
]);
const FLOOD = Buffer.from(JSON.stringify({ v: 1, type: 'session.poll', sessionId: 'x', seq: 0 }));

/** A real server on a Unix socket, spoken to byte by byte; its clock stands still until told. */
export function gatewaySocketTarget(): FuzzTarget<Story> {
  return {
    name: 'gateway-socket',
    inputs: stories,
    async open() {
      const server = await GatewayOnSocket.start();
      return { feed: (story) => server.feed(story), close: () => server.close() };
    },
  };
}

class GatewayOnSocket {
  readonly #folder = mkdtempSync(join(tmpdir(), 'fuzz-gateway-'));
  readonly #clock = new FakeGatewayClock();
  readonly #provider = new FakeProvider();
  #gateway: Gateway | null = null;
  #sessionId = 'none-yet';
  #stories = 0;

  static async start(): Promise<GatewayOnSocket> {
    const server = new GatewayOnSocket();
    const quiet = (): void => undefined;
    server.#gateway = await createGateway({
      provider: server.#provider,
      clock: server.#clock,
      logger: { info: quiet, warn: quiet, error: quiet },
      audit: { append: quiet },
      acceptedTokens: [{ name: 'fuzz', sha256: hashToken(FUZZ_TOKEN) }],
    });
    await server.#gateway.listen({ kind: 'socket', path: server.#path });
    return server;
  }

  get #path(): string {
    return join(this.#folder, 'gateway.sock');
  }

  async feed(story: Story): Promise<string> {
    this.#provider.onPoll = () => ({ status: story.service, prompt: { kind: 'phone' } });
    this.#stories += 1;
    const client = new RawWebSocket(this.#path);
    const ids = {
      requestId: `request-${this.#stories}`,
      sessionId: this.#sessionId,
      deviceId: `device-${story.device}`,
    };
    client.send(UPGRADE);
    if (!(await client.until(() => client.httpStatus !== null || client.gone, ANSWER_WITHIN_MS)))
      throw new FuzzViolation('the upgrade was not answered');
    const frames = clientFrames(ids);
    if (story.hello !== 'none') {
      const token = story.hello === 'valid' ? FUZZ_TOKEN : 'some-other-token-0123';
      client.send(frameBytes(Buffer.from(JSON.stringify({ ...frames[0], token })), TEXT_FRAME));
    }
    for (const step of story.steps) client.send(bytesOf(step, frames));
    // A ping is answered in the order of the stream: whatever came before it has been read by then.
    client.send(frameBytes(Buffer.from('end'), { ...TEXT_FRAME, opcode: 9 }));
    const answered = await client.until(
      () => client.pongs > 0 || client.closeCode !== null || client.gone,
      UNDERSTOOD_WITHIN_MS,
    );
    await this.#clock.advance(story.seconds * 1_000);
    // Bytes that began a frame and never ended it: the gateway waits for the rest, and its own limits end that.
    if (!answered) await this.#clock.advance(60_000);
    if (!answered && !(await client.until(() => client.closeCode !== null || client.gone, ANSWER_WITHIN_MS)))
      throw new FuzzViolation('a half frame holds the connection for ever');
    client.destroy();
    if (this.#stories % STORIES_PER_SWEEP === 0) await this.#mustBeEmpty();
    return this.#outcomeOf(client);
  }

  async close(): Promise<void> {
    await this.#mustBeEmpty();
    const closing = this.#gateway?.close();
    await this.#clock.advance(10_000);
    await closing;
    if (this.#clock.pending > 0) throw new FuzzViolation(`${this.#clock.pending} timers are left`);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #outcomeOf(client: RawWebSocket): string {
    if (client.malformed !== null) throw new FuzzViolation(`the gateway sent a frame with ${client.malformed}`);
    let outcome = 'accepted';
    for (const text of client.texts) {
      const decoded = decodeGatewayFrame(text);
      if (!decoded.ok) throw new FuzzViolation(`the gateway sent ${decoded.error.code} ${decoded.error.detail}`);
      const frame = decoded.value;
      if (frame.type === 'session.state') this.#sessionId = frame.sessionId;
      if (frame.type !== 'error') continue;
      if (!isErrorCode(frame.code)) throw new FuzzViolation(`a refusal without a code: ${frame.code}`);
      outcome = frame.code;
      // INTERNAL says that something in the gateway itself threw.
      if (frame.code === 'INTERNAL') throw new FuzzViolation('a fault of the gateway itself');
    }
    if (client.closeCode !== null && !CLOSE_CODES.has(client.closeCode))
      throw new FuzzViolation(`closed with ${client.closeCode}`);
    return outcome === 'accepted' && client.closeCode !== null ? `closed ${client.closeCode}` : outcome;
  }

  /** Nobody is connected and nothing is under way: what the gateway still holds, it holds for ever. */
  async #mustBeEmpty(): Promise<void> {
    const deadline = performance.now() + ANSWER_WITHIN_MS;
    for (;;) {
      await this.#clock.advance(1_000);
      if ((await this.#health()).connections === 0) break;
      if (performance.now() > deadline) throw new FuzzViolation('connections are left');
    }
    this.#provider.onPoll = () => ({ status: 'closed' });
    await this.#clock.advance(LONG_PAST_EVERYTHING_MS);
    const { sessions } = await this.#health();
    if (sessions !== 0) throw new FuzzViolation(`${sessions} sessions are left`);
  }

  async #health(): Promise<{ readonly connections: number; readonly sessions: number }> {
    const client = new RawWebSocket(this.#path);
    let body = '';
    client.onPlain = (text) => {
      body += text;
    };
    client.send('GET /healthz HTTP/1.0\r\n\r\n');
    if (!(await client.until(() => client.gone, ANSWER_WITHIN_MS))) throw new FuzzViolation('no health');
    const health: unknown = JSON.parse(body);
    return {
      connections: Number(Reflect.get(Object(health), 'connections')),
      sessions: Number(Reflect.get(Object(health), 'sessions')),
    };
  }
}

function bytesOf(step: Step, frames: readonly unknown[]): Buffer {
  switch (step.kind) {
    case 'plain':
      return frameBytes(Buffer.from(JSON.stringify(frames[step.example])), TEXT_FRAME);
    case 'frame':
      return frameBytes(Buffer.from(mutatedText(step.recipe, frames)), TEXT_FRAME);
    case 'shaped':
      return frameBytes(Buffer.from(mutatedText(step.recipe, frames)), step.shape);
    case 'bytes':
      return Buffer.from(step.hex, 'hex');
    case 'flood':
      return Buffer.concat(Array.from({ length: step.frames }, () => frameBytes(FLOOD, TEXT_FRAME)));
  }
}
