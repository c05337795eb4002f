import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { decodeGatewayFrame } from '../../../protocol/codec.ts';
import { type ToWorkstations, ToWorkstationsSchema } from './messages.ts';
import { workstationFrames } from './workstation-frames.ts';

/** The workstations of the load test, in a process of their own: what they cost is not the server's. */

/** Handshakes under way at once: enough to be quick, few enough for any listen queue. */
const CONNECTING_AT_ONCE = 64;
/** One address of the loopback network for so many of them, so that no range of ports runs out. */
const WORKSTATIONS_PER_ADDRESS = 5_000;
const MAX_KEPT_LATENCIES = 2_000_000;

type Connect = Extract<ToWorkstations, { type: 'connect' }>;

const latenciesMs: number[] = [];
let unanswered = 0;
let framesReceived = 0;
let measuring = false;

/** One of them: introduces itself, starts a session, and polls as main/link does, a ping before each poll. */
class Workstation {
  readonly #index: number;
  readonly #options: Connect;
  readonly #socket: WebSocket;
  #stream: Socket | null = null;
  readonly #polling = Promise.withResolvers<void>();
  #phase: 'hello' | 'start' | 'polling' = 'hello';
  #sessionId = '';
  #seq = 0;
  #askedAt: number | null = null;

  constructor(index: number, options: Connect) {
    this.#index = index;
    this.#options = options;
    this.#socket = new WebSocket(`ws://127.0.0.1:${options.port}/`, {
      perMessageDeflate: false,
      localAddress: `127.0.0.${1 + Math.floor(index / WORKSTATIONS_PER_ADDRESS)}`,
    });
    this.#socket.on('upgrade', (response) => {
      this.#stream = response.socket;
    });
    this.#socket.on('open', () => this.#socket.send(workstationFrames.hello(index)));
    this.#socket.on('message', (data) => this.#hear(String(data)));
    this.#socket.on('error', (fault) => this.#polling.reject(fault));
    this.#socket.on('close', (code) => {
      this.#polling.reject(new Error(`the server closed a connection with ${code}`));
      if (this.#phase === 'polling') process.stderr.write(`a connection was lost (${code})\n`);
    });
  }

  /** Resolves when its session is active and it polls. */
  get polling(): Promise<void> {
    return this.#polling.promise;
  }

  #hear(text: string): void {
    framesReceived += 1;
    if (this.#phase === 'polling') {
      if (this.#askedAt !== null && measuring && latenciesMs.length < MAX_KEPT_LATENCIES) {
        latenciesMs.push(performance.now() - this.#askedAt);
      }
      this.#askedAt = null;
      return;
    }
    if (this.#phase === 'hello') {
      this.#phase = 'start';
      this.#socket.send(workstationFrames.start(this.#index));
      return;
    }
    this.#takeSession(text);
    this.#phase = 'polling';
    // Each at its own moment of the interval, as people unlock.
    setTimeout(() => this.#poll(), Math.random() * this.#options.pollIntervalMs);
    this.#polling.resolve();
  }

  #takeSession(text: string): void {
    if (this.#options.server === 'echo') {
      // As long as the gateway's own ids.
      this.#sessionId = `${this.#index}`.padStart(32, '0');
      this.#seq = 1;
      return;
    }
    const decoded = decodeGatewayFrame(text);
    if (!decoded.ok || decoded.value.type !== 'session.state' || decoded.value.status !== 'active') {
      this.#polling.reject(new Error(`a session did not become active: ${text.slice(0, 200)}`));
      return;
    }
    this.#sessionId = decoded.value.sessionId;
    this.#seq = decoded.value.seq;
  }

  #poll(): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (this.#askedAt !== null && measuring) unanswered += 1;
    // In one packet, as main/link/web-socket-transport.ts sends them.
    this.#stream?.cork();
    this.#socket.ping('1');
    this.#askedAt = performance.now();
    this.#socket.send(workstationFrames.poll(this.#sessionId, this.#seq));
    this.#stream?.uncork();
    setTimeout(() => this.#poll(), this.#options.pollIntervalMs);
  }
}

async function connectAll(options: Connect): Promise<number> {
  const began = performance.now();
  let next = 0;
  const connectInTurn = async (): Promise<void> => {
    while (next < options.count) {
      const workstation = new Workstation(next, options);
      next += 1;
      await workstation.polling;
    }
  };
  await Promise.all(Array.from({ length: CONNECTING_AT_ONCE }, connectInTurn));
  return performance.now() - began;
}

async function measure(forMs: number): Promise<unknown> {
  latenciesMs.length = 0;
  unanswered = 0;
  framesReceived = 0;
  measuring = true;
  await new Promise((resolve) => setTimeout(resolve, forMs));
  measuring = false;
  return { type: 'measured', latenciesMs, unanswered, framesReceived };
}

async function handle(message: ToWorkstations): Promise<void> {
  if (message.type === 'stop') process.exit(0);
  if (message.type === 'connect') say({ type: 'polling', connectedInMs: await connectAll(message) });
  else say(await measure(message.forMs));
}

function say(message: unknown): void {
  if (process.send === undefined) throw new Error('this is a part of npm run bench and not started by itself');
  process.send(message);
}

process.on('disconnect', () => process.exit(0));
process.on('message', (claimed) => {
  handle(ToWorkstationsSchema.parse(claimed)).catch((fault: unknown) => {
    process.stderr.write(`workstations: ${z.instanceof(Error).parse(fault).message}\n`);
    process.exit(1);
  });
});
