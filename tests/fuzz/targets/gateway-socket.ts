import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeviceKeys } from '../../../gateway/device-keys/registry.ts';
import { createGateway, type Gateway } from '../../../gateway/gateway.ts';
import { type Database, openDatabase } from '../../../gateway/store/database.ts';
import { hashToken } from '../../../gateway/tokens.ts';
import { decodeGatewayFrame } from '../../../protocol/codec.ts';
import { ERROR_CODES, isErrorCode } from '../../../protocol/error-codes.ts';
import { FakeGatewayClock } from '../../gateway/fake-gateway-clock.ts';
import { FakeProvider } from '../../gateway/fake-provider.ts';
import { clientFrames, FUZZ_TOKEN } from '../frame-examples.ts';
import { FuzzedDevice } from '../fuzzed-device.ts';
import { frameBytes, RawWebSocket, TEXT_FRAME, UPGRADE } from '../raw-web-socket.ts';
import { type FuzzTarget, FuzzViolation } from '../target.ts';
import { bytesOf, MAX_DEVICE, type Story, stories } from './gateway-socket-story.ts';

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
const WRONG_TOKEN = 'some-other-token-0123';
const OUR_DEVICE = /^device-\d+$/;

/** A real server on a Unix socket, spoken to byte by byte; its clock stands still until told. */
export function gatewaySocketTarget(): FuzzTarget<Story> {
  return {
    name: 'gateway-socket',
    inputs: stories,
    async open() {
      const byToken = await GatewayOnSocket.start(false);
      const byKey = await GatewayOnSocket.start(true);
      return {
        feed: (story) => (story.keyed ? byKey : byToken).feed(story),
        async close() {
          await byToken.close();
          await byKey.close();
        },
      };
    },
  };
}

class GatewayOnSocket {
  readonly #folder = mkdtempSync(join(tmpdir(), 'fuzz-gateway-'));
  readonly #clock = new FakeGatewayClock();
  readonly #provider = new FakeProvider();
  #gateway: Gateway | null = null;
  #known: { readonly database: Database; readonly keys: DeviceKeys } | null = null;
  #sessionId = 'none-yet';
  #stories = 0;

  static async start(keyed: boolean): Promise<GatewayOnSocket> {
    const server = new GatewayOnSocket();
    if (keyed) {
      const database = await openDatabase({ file: join(server.#folder, 'gateway.db'), key: Buffer.alloc(32, 7) });
      server.#known = { database, keys: new DeviceKeys(database) };
    }
    const quiet = (): void => undefined;
    server.#gateway = await createGateway({
      provider: server.#provider,
      clock: server.#clock,
      logger: { info: quiet, warn: quiet, error: quiet },
      audit: { append: quiet },
      acceptedTokens: [{ name: 'fuzz', sha256: hashToken(FUZZ_TOKEN), devices: MAX_DEVICE + 1 }],
      ...(server.#known === null ? {} : { deviceKeys: server.#known.keys }),
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
    const frames = story.keyed ? await this.#introduceByKey(client, story, ids) : clientFrames(ids);
    if (!story.keyed && story.hello !== 'none') {
      const token = story.hello === 'valid' ? FUZZ_TOKEN : WRONG_TOKEN;
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
    this.#mustHaveProvenItself(client, story);
    if (this.#stories % STORIES_PER_SWEEP === 0) await this.#mustBeEmpty();
    return this.#outcomeOf(client);
  }

  async close(): Promise<void> {
    await this.#mustBeEmpty();
    const closing = this.#gateway?.close();
    await this.#clock.advance(10_000);
    await closing;
    if (this.#clock.pending > 0) throw new FuzzViolation(`${this.#clock.pending} timers are left`);
    this.#known?.database.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** @returns the examples with the real key and, where it is known by now, the real proof: what is mutated must be near the truth. */
  async #introduceByKey(client: RawWebSocket, story: Story, ids: Parameters<typeof clientFrames>[0]) {
    const device = new FuzzedDevice(story.device);
    const examples = (signature: string | null) =>
      clientFrames(ids).map((frame) => {
        if (frame.type === 'hello') return { ...frame, deviceKey: device.publicKey };
        return frame.type === 'hello.proof' && signature !== null ? { ...frame, signature } : frame;
      });
    const [hello] = examples(null);
    if (story.hello === 'none') return examples(null);
    const token = story.hello === 'valid' ? FUZZ_TOKEN : WRONG_TOKEN;
    client.send(frameBytes(Buffer.from(JSON.stringify({ ...hello, token })), TEXT_FRAME));
    const answered = await client.until(() => client.texts.length > 0 || client.gone, ANSWER_WITHIN_MS);
    if (!answered) throw new FuzzViolation('a valid hello was not answered');
    const nonce = nonceIn(client);
    if (nonce === null || story.proof === 'none') return examples(null);
    const signer = story.proof === 'valid' ? device : new FuzzedDevice(MAX_DEVICE + 1);
    const frames = examples(story.proof === 'valid' ? device.signs(nonce) : null);
    const proof = { v: 1, type: 'hello.proof', signature: signer.signs(nonce) };
    client.send(frameBytes(Buffer.from(JSON.stringify(proof)), TEXT_FRAME));
    return frames;
  }

  /** Whoever does not sign for the nonce of this connection is not let in, and leaves no key behind. */
  #mustHaveProvenItself(client: RawWebSocket, story: Story): void {
    if (this.#known === null) return;
    const signed = story.hello !== 'none' && story.proof === 'valid' && nonceIn(client) !== null;
    const isIn = client.texts.some((text) => Reflect.get(Object(JSON.parse(text)), 'type') === 'ready');
    if (isIn && !signed) throw new FuzzViolation('let in without a proof');
    const strange = this.#known.keys.list().find(({ deviceId }) => !OUR_DEVICE.test(deviceId));
    if (strange !== undefined) throw new FuzzViolation('a key was kept for a workstation that proved nothing');
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

/** Of the first challenge, or null. */
function nonceIn(client: RawWebSocket): string | null {
  for (const text of client.texts) {
    const decoded = decodeGatewayFrame(text);
    if (decoded.ok && decoded.value.type === 'challenge') return decoded.value.nonce;
  }
  return null;
}
