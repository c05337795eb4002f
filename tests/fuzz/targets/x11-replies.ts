import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { threadId } from 'node:worker_threads';
import * as fc from 'fast-check';
import { findX11Cookie } from '../../../main/os/linux/x11-connection.ts';
import { X11Screen } from '../../../main/os/linux/x11-screen.ts';
import { editedBytes, mutatedBytes, type Recipe, recipes } from '../mutation.ts';
import { type FuzzTarget, FuzzViolation } from '../target.ts';

interface Replies {
  readonly setup: Recipe;
  /** In the order of the questions; the last one again for all that come after. */
  readonly replies: readonly Recipe[];
  readonly authority: Recipe;
  readonly ends: 'never' | 'after-setup' | 'after-first-reply';
}

const replies: fc.Arbitrary<Replies> = fc.record({
  setup: fc.oneof(fc.constant({ example: 0, ofValue: [], ofText: [], noise: null }), recipes),
  replies: fc.array(recipes, { minLength: 1, maxLength: 6 }),
  authority: recipes,
  ends: fc
    .integer({ min: 0, max: 9 })
    .map((roll) => (roll === 0 ? 'after-setup' : roll === 1 ? 'after-first-reply' : 'never')),
});

const SOCKET_FOLDER = '/tmp/.X11-unix';
const ROOT_WINDOW = 0x1e3;
/** A connection that was let go is seen gone within this, in milliseconds. */
const GONE_WITHIN_MS = 5_000;
const INPUTS_PER_LOOK = 100;
/** An answer that is torn makes the client wait for the rest; the server ends it instead, or every such input would take a second. */
const REST_WITHIN_MS = 5;

const SETUP = ((): Buffer => {
  const setup = Buffer.alloc(8 + 32 + 8 + 8 + 40);
  setup.writeUInt8(1, 0);
  setup.writeUInt16LE(11, 2);
  setup.writeUInt16LE((setup.length - 8) / 4, 6);
  setup.writeUInt16LE(6, 24);
  setup.writeUInt8(1, 28);
  setup.writeUInt8(1, 29);
  setup.writeUInt32LE(ROOT_WINDOW, 40 + 8 + 8);
  return setup;
})();

/** Accepted; accepted without a word of content; refused. */
const SETUPS: readonly Buffer[] = [
  SETUP,
  Buffer.from([1, 0, 11, 0, 0, 0, 0, 0]),
  Buffer.from([0, 0, 11, 0, 0, 0, 0, 0]),
];

function reply(extraWords: number, fill: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(32 + 4 * extraWords);
  bytes.writeUInt8(1, 0);
  bytes.writeUInt32LE(extraWords, 4);
  fill(bytes);
  return bytes;
}

const REPLIES: readonly Buffer[] = [
  // QueryExtension: present, major opcode 140.
  reply(0, (bytes) => void bytes.writeUInt16LE(0x8c01, 8)),
  // GetGeometry: 800 × 600.
  reply(0, (bytes) => {
    bytes.writeUInt16LE(800, 16);
    bytes.writeUInt16LE(600, 18);
  }),
  // QueryTree: two children.
  reply(2, (bytes) => {
    bytes.writeUInt16LE(2, 16);
    bytes.writeUInt32LE(0x400001, 32);
    bytes.writeUInt32LE(0x400002, 36);
  }),
  // GetWindowAttributes: viewable, override-redirect.
  reply(3, (bytes) => {
    bytes.writeUInt8(2, 26);
    bytes.writeUInt8(1, 27);
  }),
  // An error, and an event.
  Buffer.concat([Buffer.from([0, 3]), Buffer.alloc(30)]),
  Buffer.concat([Buffer.from([12]), Buffer.alloc(31)]),
];

const AUTHORITY = Buffer.concat([
  Buffer.from([1, 0]),
  ...['host', '0', 'MIT-MAGIC-COOKIE-1', '0123456789abcdef'].map((field) =>
    Buffer.concat([Buffer.from([0, field.length]), Buffer.from(field)]),
  ),
]);

/** An X server that answers anything: whether a locker covers the screen is asked of it, and must never end the process. */
export function x11RepliesTarget(): FuzzTarget<Replies> {
  return {
    name: 'x11-replies',
    inputs: replies,
    async open() {
      const server = await HostileXServer.start();
      return { feed: (input) => server.feed(input), close: () => server.close() };
    },
  };
}

class HostileXServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #display = 0;
  #input: Replies | null = null;
  #fed = 0;
  /** While somebody waits for an answer. What is still connected afterwards was forgotten by the client, and nobody ends it. */
  #asking = false;

  private constructor() {
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async start(): Promise<HostileXServer> {
    const server = new HostileXServer();
    if (!existsSync(SOCKET_FOLDER)) mkdirSync(SOCKET_FOLDER, { mode: 0o1777 });
    // Far from the numbers that real servers take, and of our own.
    for (let display = 50_000 + ((process.pid * 8 + threadId) % 40_000); server.#display === 0; display += 1) {
      if (existsSync(`${SOCKET_FOLDER}/X${display}`)) continue;
      await new Promise<void>((resolve) => server.#server.listen(`${SOCKET_FOLDER}/X${display}`, resolve));
      server.#display = display;
    }
    return server;
  }

  async feed(input: Replies): Promise<string> {
    findX11Cookie(mutatedBytes(input.authority, [AUTHORITY]), 0);
    this.#input = input;
    this.#fed += 1;
    this.#asking = true;
    const screen = new X11Screen({ DISPLAY: `:${this.#display}` });
    const cover = await screen.cover();
    const idleMs = await screen.idleMs();
    screen.close();
    this.#asking = false;
    if (idleMs !== null && !(idleMs >= 0)) throw new FuzzViolation(`idle for ${idleMs}`);
    if (this.#fed % INPUTS_PER_LOOK === 0) await this.#mustBeGone();
    return cover;
  }

  async close(): Promise<void> {
    await this.#mustBeGone();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(`${SOCKET_FOLDER}/X${this.#display}`, { force: true });
  }

  /** The watch asks several times a second for as long as the machine runs: a connection left behind each time would be the end of it. */
  async #mustBeGone(): Promise<void> {
    const deadline = performance.now() + GONE_WITHIN_MS;
    while (this.#sockets.size > 0) {
      if (performance.now() > deadline) throw new FuzzViolation(`${this.#sockets.size} connections are left`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  #serve(socket: Socket): void {
    const input = this.#input;
    if (input === null) return;
    this.#sockets.add(socket);
    let answered = 0;
    let rest: NodeJS.Timeout | undefined;
    socket.on('close', () => {
      clearTimeout(rest);
      this.#sockets.delete(socket);
    });
    socket.on('error', () => socket.destroy());
    socket.on('data', () => {
      clearTimeout(rest);
      if (answered === 0) socket.write(mutatedBytes(input.setup, SETUPS));
      else {
        const recipe = input.replies[Math.min(answered - 1, input.replies.length - 1)];
        const right = REPLIES[Math.min(answered - 1, 3)] ?? Buffer.alloc(0);
        if (recipe === undefined) return;
        // Mostly the reply that fits the question; sometimes another.
        const example = recipe.example % 3 === 0 ? mutatedBytes(recipe, REPLIES) : editedBytes(right, recipe.ofText);
        socket.write(example);
      }
      answered += 1;
      if (answered === (input.ends === 'after-setup' ? 1 : input.ends === 'after-first-reply' ? 2 : -1)) socket.end();
      rest = setTimeout(() => {
        if (this.#asking && this.#input === input) socket.end();
      }, REST_WITHIN_MS);
    });
  }
}
