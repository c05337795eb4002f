import { EventEmitter } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type DisplayAddress, parseDisplay, readCookie } from './authority.ts';

/** An X server that does not finish the handshake in this time counts as absent. */
const HANDSHAKE_TIMEOUT_MS = 5_000;
const FIRST_TCP_PORT = 6_000;
const HEADER_BYTES = 32;

/** The X server refused one request (typically: the window is gone by now). */
export class XRequestFailed extends Error {
  override readonly name = 'XRequestFailed';
  readonly code: number;
  constructor(code: number, majorOpcode: number) {
    super(`the X server refused request ${majorOpcode} with error ${code}`);
    this.code = code;
  }
}

export interface XScreen {
  readonly root: number;
  readonly rootVisual: number;
  readonly rootDepth: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

interface Waiting {
  readonly resolve: (reply: Buffer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A small client of the X11 wire protocol. The host needs what no command-line tool offers fast enough: to take a browser window
 * off the screen in the moment between its creation and its first mapping, and to be told of changes instead of asking for them.
 * Events: `event` (32 bytes, as they came), `closed`.
 */
export class XConnection extends EventEmitter<{ event: [Buffer]; closed: [] }> {
  readonly screen: XScreen;
  private readonly socket: Socket;
  private readonly resourceBase: number;
  private readonly waiting = new Map<number, Waiting>();
  private readonly atoms = new Map<string, Promise<number>>();
  private sequence = 0;
  private nextResource = 1;
  private received: Buffer = Buffer.alloc(0);

  /** @throws when there is no X server at `display` or it does not let us in. */
  static async open(display: string, env: NodeJS.ProcessEnv): Promise<XConnection> {
    const address = parseDisplay(display);
    if (address === null) throw new Error(`DISPLAY=${display} names no X display`);
    const socket = await connectSocket(address);
    try {
      return new XConnection(socket, await handshake(socket, address, env));
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  private constructor(socket: Socket, setup: Buffer) {
    super();
    this.socket = socket;
    this.resourceBase = setup.readUInt32LE(12);
    const vendorLength = setup.readUInt16LE(24);
    const formats = setup.readUInt8(29);
    const screenAt = 40 + ((vendorLength + 3) & ~3) + formats * 8;
    this.screen = {
      root: setup.readUInt32LE(screenAt),
      widthPx: setup.readUInt16LE(screenAt + 20),
      heightPx: setup.readUInt16LE(screenAt + 22),
      rootVisual: setup.readUInt32LE(screenAt + 32),
      rootDepth: setup.readUInt8(screenAt + 38),
    };
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      for (const { reject } of this.waiting.values()) reject(new Error('the X server went away'));
      this.waiting.clear();
      this.emit('closed');
    });
  }

  newResource(): number {
    return this.resourceBase + this.nextResource++;
  }

  /** Sends a request that has no reply. A refusal is dropped: it means that the window is gone, which an event tells as well. */
  send(opcode: number, detail: number, body: Buffer): void {
    this.write(opcode, detail, body);
  }

  /** Sends a request and waits for its reply. @throws XRequestFailed */
  ask(opcode: number, detail: number, body: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.waiting.set(this.write(opcode, detail, body), { resolve, reject });
    });
  }

  atom(name: string): Promise<number> {
    const known = this.atoms.get(name);
    if (known !== undefined) return known;
    const text = Buffer.from(name, 'latin1');
    const body = Buffer.alloc(4 + text.length);
    body.writeUInt16LE(text.length, 0);
    text.copy(body, 4);
    const asked = this.ask(16, 0, body).then((reply) => reply.readUInt32LE(8));
    this.atoms.set(name, asked);
    return asked;
  }

  /** @returns the major opcode and first event code of an extension, or null when the server lacks it. */
  async extension(name: string): Promise<{ opcode: number; firstEvent: number } | null> {
    const text = Buffer.from(name, 'latin1');
    const body = Buffer.alloc(4 + text.length);
    body.writeUInt16LE(text.length, 0);
    text.copy(body, 4);
    const reply = await this.ask(98, 0, body);
    return reply.readUInt8(8) === 0 ? null : { opcode: reply.readUInt8(9), firstEvent: reply.readUInt8(10) };
  }

  close(): void {
    this.socket.destroy();
  }

  private write(opcode: number, detail: number, body: Buffer): number {
    const padded = (body.length + 3) & ~3;
    const request = Buffer.alloc(4 + padded);
    request.writeUInt8(opcode, 0);
    request.writeUInt8(detail, 1);
    request.writeUInt16LE(request.length / 4, 2);
    body.copy(request, 4);
    this.socket.write(request);
    this.sequence = (this.sequence + 1) & 0xffff;
    return this.sequence;
  }

  private receive(chunk: Buffer): void {
    this.received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk]);
    while (this.received.length >= HEADER_BYTES) {
      const kind = this.received.readUInt8(0);
      // Only replies and generic events (35) are longer than 32 bytes.
      const extra = kind === 1 || (kind & 0x7f) === 35 ? this.received.readUInt32LE(4) * 4 : 0;
      if (this.received.length < HEADER_BYTES + extra) return;
      const message = this.received.subarray(0, HEADER_BYTES + extra);
      this.received = this.received.subarray(HEADER_BYTES + extra);
      if (kind > 1) this.emit('event', message);
      else this.settle(kind, message);
    }
  }

  private settle(kind: number, message: Buffer): void {
    const sequence = message.readUInt16LE(2);
    const waiting = this.waiting.get(sequence);
    this.waiting.delete(sequence);
    if (kind === 1) waiting?.resolve(message);
    else waiting?.reject(new XRequestFailed(message.readUInt8(1), message.readUInt8(10)));
  }
}

function connectSocket(address: DisplayAddress): Promise<Socket> {
  const socket =
    address.host === ''
      ? connect(`/tmp/.X11-unix/X${address.number}`)
      : connect({ host: address.host, port: FIRST_TCP_PORT + address.number });
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}

function handshake(socket: Socket, address: DisplayAddress, env: NodeJS.ProcessEnv): Promise<Buffer> {
  const cookie = readCookie(address, env);
  const pad = (length: number): number => (length + 3) & ~3;
  const hello = Buffer.alloc(12 + pad(cookie.name.length) + pad(cookie.data.length));
  hello.write('l', 0, 'latin1');
  hello.writeUInt16LE(11, 2);
  hello.writeUInt16LE(cookie.name.length, 6);
  hello.writeUInt16LE(cookie.data.length, 8);
  hello.write(cookie.name, 12, 'latin1');
  cookie.data.copy(hello, 12 + pad(cookie.name.length));
  socket.write(hello);
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const done = (act: () => void): void => {
      clearTimeout(timer);
      socket.off('data', onData);
      socket.off('error', onError);
      socket.off('close', onClose);
      act();
    };
    const timer = setTimeout(() => done(() => reject(new Error('the X server did not answer'))), HANDSHAKE_TIMEOUT_MS);
    const onError = (error: Error): void => done(() => reject(error));
    const onClose = (): void => done(() => reject(new Error('the X server closed the connection')));
    const onData = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 8 || received.length < 8 + received.readUInt16LE(6) * 4) return;
      const accepted = received.readUInt8(0) === 1;
      const reason = received
        .subarray(8, 8 + received.readUInt8(1))
        .toString('latin1')
        .trim();
      done(() => (accepted ? resolve(received) : reject(new Error(`the X server refused: ${reason}`))));
    };
    socket.on('data', onData);
    socket.once('error', onError);
    socket.once('close', onClose);
  });
}
