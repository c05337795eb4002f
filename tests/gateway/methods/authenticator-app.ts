import { createHmac } from 'node:crypto';

const STEP_MS = 30_000;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** An authenticator app of a test, written from RFC 6238 and not with the library that the gateway uses. */
export class AuthenticatorApp {
  readonly link: string;
  readonly #secret: Buffer;
  readonly #algorithm: string;
  readonly #digits: number;
  readonly #nowMs: () => number;
  #lastStep = Number.NEGATIVE_INFINITY;

  /** @param link `otpauth://totp/…`, as scanned */
  constructor(link: string, nowMs: () => number) {
    this.link = link;
    const { searchParams } = new URL(link);
    this.#secret = fromBase32(searchParams.get('secret') ?? '');
    this.#algorithm = searchParams.get('algorithm') ?? 'SHA1';
    this.#digits = Number(searchParams.get('digits') ?? '6');
    this.#nowMs = nowMs;
  }

  /** What it shows `steps` from now. */
  shown(steps = 0): string {
    return this.#codeOf(Math.floor(this.#nowMs() / STEP_MS) + steps);
  }

  /** One that it has not given before and that counts now: the gateway takes each once, and one step around the present. */
  fresh(): string {
    const step = Math.floor(this.#nowMs() / STEP_MS);
    this.#lastStep = Math.max(this.#lastStep + 1, step - 1);
    if (this.#lastStep > step + 1) throw new Error('all codes that count now were given: time must pass');
    return this.#codeOf(this.#lastStep);
  }

  #codeOf(step: number): string {
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(step));
    const hash = createHmac(this.#algorithm, this.#secret).update(counter).digest();
    const offset = hash.readUInt8(hash.length - 1) & 0x0f;
    return String((hash.readUInt32BE(offset) & 0x7fff_ffff) % 10 ** this.#digits).padStart(this.#digits, '0');
  }
}

function fromBase32(text: string): Buffer {
  const bits = [...text].map((character) => BASE32.indexOf(character).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
