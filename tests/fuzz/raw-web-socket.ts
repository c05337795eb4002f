import { createConnection, type Socket } from 'node:net';

/** A WebSocket client made by hand, because a library refuses to send what a hostile peer would. */
export class RawWebSocket {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #upgraded = false;
  #wake: (() => void) | null = null;
  /** Text frames that came in, oldest first. */
  readonly texts: string[] = [];
  /** HTTP status of the answer to the upgrade, or null. */
  httpStatus: number | null = null;
  closeCode: number | null = null;
  gone = false;
  pongs = 0;
  /** Something that a server must not send: a masked frame, a reserved bit, an unknown opcode. */
  malformed: string | null = null;
  /** Hears the body of an answer that is no upgrade. */
  onPlain: (text: string) => void = () => undefined;

  constructor(socketPath: string) {
    this.#socket = createConnection(socketPath);
    this.#socket.on('data', (chunk) => this.#receive(chunk));
    this.#socket.on('error', () => this.#end());
    this.#socket.on('close', () => this.#end());
  }

  send(bytes: Buffer | string): void {
    if (!this.gone) this.#socket.write(bytes);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** @returns whether it became true in time. */
  async until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
    const deadline = performance.now() + timeoutMs;
    while (!condition()) {
      const left = deadline - performance.now();
      if (left <= 0) return false;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return true;
  }

  #end(): void {
    this.gone = true;
    this.#wake?.();
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    if (this.httpStatus === null) this.#readUpgrade();
    else if (!this.#upgraded) this.onPlain(chunk.toString('utf8'));
    while (this.#upgraded && this.#readFrame()) {
      // each turn took one frame off the front
    }
    this.#wake?.();
  }

  #readUpgrade(): void {
    const end = this.#received.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = this.#received.toString('latin1', 0, end);
    this.httpStatus = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);
    this.#received = this.#received.subarray(end + 4);
    this.#upgraded = this.httpStatus === 101;
    if (!this.#upgraded) this.onPlain(this.#received.toString('utf8'));
  }

  #readFrame(): boolean {
    const bytes = this.#received;
    if (bytes.length < 2) return false;
    const first = bytes.readUInt8(0);
    const short = bytes.readUInt8(1) & 0x7f;
    if ((bytes.readUInt8(1) & 0x80) !== 0) this.malformed = 'masked';
    if ((first & 0x70) !== 0) this.malformed = 'reserved bits';
    const header = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (bytes.length < header) return false;
    const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
    if (bytes.length < header + length) return false;
    const payload = bytes.subarray(header, header + length);
    this.#received = bytes.subarray(header + length);
    const opcode = first & 0x0f;
    if (opcode === 0x1) this.texts.push(payload.toString('utf8'));
    else if (opcode === 0x8) this.closeCode = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
    else if (opcode === 0xa) this.pongs += 1;
    else if (opcode !== 0x9) this.malformed = `opcode ${opcode}`;
    return true;
  }
}

export const UPGRADE =
  'GET /v1 HTTP/1.1\r\nHost: gateway\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n';

export interface FrameShape {
  readonly opcode: number;
  readonly fin: boolean;
  readonly masked: boolean;
  /** Bits 0x40, 0x20, 0x10 of the first byte. */
  readonly reserved: number;
  /** The length the header claims beyond the true one. */
  readonly lengthOff: number;
  readonly lengthForm: 'shortest' | 'two-bytes' | 'eight-bytes';
}

export const TEXT_FRAME: FrameShape = {
  opcode: 1,
  fin: true,
  masked: true,
  reserved: 0,
  lengthOff: 0,
  lengthForm: 'shortest',
};

export function frameBytes(payload: Buffer, shape: FrameShape): Buffer {
  const claimed = Math.max(0, payload.length + shape.lengthOff);
  const form =
    shape.lengthForm === 'shortest'
      ? claimed < 126
        ? 'one-byte'
        : claimed < 65_536
          ? 'two-bytes'
          : 'eight-bytes'
      : shape.lengthForm;
  const header = Buffer.alloc(form === 'one-byte' ? 2 : form === 'two-bytes' ? 4 : 10);
  header.writeUInt8((shape.fin ? 0x80 : 0) | (shape.reserved & 0x70) | (shape.opcode & 0x0f), 0);
  const maskBit = shape.masked ? 0x80 : 0;
  if (form === 'one-byte') header.writeUInt8(maskBit | claimed, 1);
  else if (form === 'two-bytes') {
    header.writeUInt8(maskBit | 126, 1);
    header.writeUInt16BE(claimed & 0xffff, 2);
  } else {
    header.writeUInt8(maskBit | 127, 1);
    header.writeBigUInt64BE(BigInt(claimed), 2);
  }
  // A mask of zeros is a mask: the payload stays readable in a printed input.
  return Buffer.concat([header, shape.masked ? Buffer.alloc(4) : Buffer.alloc(0), payload]);
}
