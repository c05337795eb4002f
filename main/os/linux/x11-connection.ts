import { createConnection, type Socket } from 'node:net';

/**
 * Just enough of the X11 core protocol to ask three questions without a library or a tool: which windows are on the root, where
 * and how are they mapped, how long has nobody touched an input. Written in Node because Xlib ends the process when the server goes.
 * Source: "X Window System Protocol", X.Org; numbers below are opcodes and offsets from there.
 */

/** How long any one question may take, connecting included. */
export const X11_ANSWER_TIMEOUT_MS = 1_000;
/** No answer we ask for is larger: 64 KiB hold the ids of 16 000 windows. */
const MAX_REPLY_BYTES = 65_536;

const HEADER_BYTES = 32;
const SETUP_HEADER_BYTES = 8;
const REPLY = 1;
const ERROR = 0;
const GENERIC_EVENT = 35;

/** The MIT-MAGIC-COOKIE-1 for a display, or empty when the server asks for none. Never logged. */
export interface X11Cookie {
  readonly name: string;
  readonly data: Buffer;
}

interface Waiting {
  readonly resolve: (reply: Buffer) => void;
  readonly reject: (error: Error) => void;
}

/** `:7`, `:7.0`, `unix:7` → 7; anything else (a remote display) → null. */
export function localDisplayNumber(display: string): number | null {
  const match = display.match(/^(?:unix)?:([0-9]{1,5})(?:\.[0-9]+)?$/);
  return match?.[1] === undefined ? null : Number(match[1]);
}

/** Finds the cookie for a display in the contents of an .Xauthority file; null when there is none. */
export function findX11Cookie(authority: Buffer, displayNumber: number): X11Cookie | null {
  let at = 2;
  const field = (): Buffer | null => {
    if (at + 2 > authority.length) return null;
    const length = authority.readUInt16BE(at);
    const value = authority.subarray(at + 2, at + 2 + length);
    at += 2 + length;
    return value.length === length ? value : null;
  };
  while (at < authority.length) {
    const address = field();
    const number = field();
    const name = field();
    const data = field();
    if (address === null || number === null || name === null || data === null) return null;
    const matches = number.length === 0 || number.toString('latin1') === String(displayNumber);
    if (matches && name.toString('latin1') === 'MIT-MAGIC-COOKIE-1') return { name: 'MIT-MAGIC-COOKIE-1', data };
    at += 2;
  }
  return null;
}

const padded = (length: number): number => (length + 3) & ~3;

function setupRequest(cookie: X11Cookie | null): Buffer {
  const name = Buffer.from(cookie?.name ?? '', 'latin1');
  const data = cookie?.data ?? Buffer.alloc(0);
  const request = Buffer.alloc(12 + padded(name.length) + padded(data.length));
  request.write('l', 0, 'latin1');
  request.writeUInt16LE(11, 2);
  request.writeUInt16LE(name.length, 6);
  request.writeUInt16LE(data.length, 8);
  name.copy(request, 12);
  data.copy(request, 12 + padded(name.length));
  return request;
}

export class X11Connection {
  readonly #socket: Socket;
  readonly #waiting: Waiting[] = [];
  #received: Buffer = Buffer.alloc(0);
  #setup: Waiting | null = null;
  #root = 0;
  #dead: Error | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', (error) => this.#die(error));
    socket.on('close', () => this.#die(new Error('the X server closed the connection')));
    socket.unref();
  }

  /** @throws when the server cannot be reached or refuses us. */
  static async open(displayNumber: number, cookie: X11Cookie | null): Promise<X11Connection> {
    const connection = new X11Connection(createConnection(`/tmp/.X11-unix/X${displayNumber}`));
    const setup = connection.#bounded(
      new Promise<Buffer>((resolve, reject) => {
        connection.#setup = { resolve, reject };
      }),
    );
    connection.#socket.write(setupRequest(cookie));
    const answer = await setup;
    try {
      // Fixed part 40 bytes, then vendor name, pixmap formats (8 each), and the first screen whose first field is its root.
      const screenAt = 40 + padded(answer.readUInt16LE(24)) + 8 * answer.readUInt8(29);
      connection.#root = answer.readUInt32LE(screenAt);
    } catch (error) {
      // Asked again several times a second: each connection that was only forgotten would stay.
      connection.close();
      throw error;
    }
    return connection;
  }

  get root(): number {
    return this.#root;
  }

  get closed(): boolean {
    return this.#dead !== null;
  }

  close(): void {
    this.#die(new Error('closed'));
  }

  /** Sends one request with a window or drawable as its only argument. @returns the whole reply. @throws on an X error or time-out. */
  async ask(opcode: number, minor: number, window: number): Promise<Buffer> {
    const request = Buffer.alloc(8);
    request.writeUInt8(opcode, 0);
    request.writeUInt8(minor, 1);
    request.writeUInt16LE(2, 2);
    request.writeUInt32LE(window, 4);
    return await this.#send(request);
  }

  /** @returns the major opcode of an extension, or null where the server lacks it. */
  async extension(name: string): Promise<number | null> {
    const request = Buffer.alloc(8 + padded(name.length));
    request.writeUInt8(98, 0);
    request.writeUInt16LE(request.length / 4, 2);
    request.writeUInt16LE(name.length, 4);
    request.write(name, 8, 'latin1');
    const reply = await this.#send(request);
    return reply.readUInt8(8) === 1 ? reply.readUInt8(9) : null;
  }

  #send(request: Buffer): Promise<Buffer> {
    if (this.#dead !== null) return Promise.reject(this.#dead);
    const answer = new Promise<Buffer>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    this.#socket.write(request);
    return this.#bounded(answer);
  }

  async #bounded(answer: Promise<Buffer>): Promise<Buffer> {
    const timer = setTimeout(() => this.#die(new Error('the X server does not answer')), X11_ANSWER_TIMEOUT_MS);
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
    }
  }

  #die(error: Error): void {
    if (this.#dead !== null) return;
    this.#dead = error;
    this.#socket.destroy();
    this.#setup?.reject(error);
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    while (this.#dead === null && this.#next()) {
      // each turn took one message off the front
    }
  }

  /** Takes one whole message off the buffer. @returns whether there was one. */
  #next(): boolean {
    const inSetup = this.#setup !== null;
    const header = inSetup ? SETUP_HEADER_BYTES : HEADER_BYTES;
    if (this.#received.length < header) return false;
    const kind = this.#received.readUInt8(0);
    const extra = inSetup
      ? this.#received.readUInt16LE(6) * 4
      : kind === REPLY || (kind & 0x7f) === GENERIC_EVENT
        ? this.#received.readUInt32LE(4) * 4
        : 0;
    if (header + extra > MAX_REPLY_BYTES) {
      this.#die(new Error('the X server sent too much'));
      return false;
    }
    if (this.#received.length < header + extra) return false;
    const message = this.#received.subarray(0, header + extra);
    this.#received = this.#received.subarray(header + extra);
    if (inSetup) this.#settleSetup(kind, message);
    else if (kind === REPLY) this.#waiting.shift()?.resolve(message);
    else if (kind === ERROR) this.#waiting.shift()?.reject(new Error(`X error ${message.readUInt8(1)}`));
    return true;
  }

  #settleSetup(kind: number, message: Buffer): void {
    const setup = this.#setup;
    this.#setup = null;
    if (kind === 1) setup?.resolve(message);
    else {
      setup?.reject(new Error('the X server refused the connection'));
      this.#die(new Error('refused'));
    }
  }
}
