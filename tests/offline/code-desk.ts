import { randomBytes } from 'node:crypto';
import { createOfflineCodes, type OfflineCodes } from '../../main/offline/offline-codes.ts';
import { totpCode, totpStepAt } from '../../main/offline/one-time-password.ts';
import type { HashRecoveryCode } from '../../main/offline/recovery-code.ts';
import { HandMovedTime } from '../fakes/hand-moved-time.ts';
import { MemoryKeychain } from './memory-keychain.ts';
import { quickHash } from './quick-hash.ts';

export const USER = 'user-a';
export const HOUR_MS = 3_600_000;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** One person with a set of codes in force, and an authenticator app that scanned it. */
export class CodeDesk {
  readonly keychain: MemoryKeychain;
  time: HandMovedTime;
  codes: OfflineCodes;
  recovery: readonly string[] = [];
  #secret: Uint8Array = new Uint8Array();

  readonly #hash: HashRecoveryCode;

  private constructor(hash: HashRecoveryCode) {
    this.#hash = hash;
    this.keychain = new MemoryKeychain();
    this.time = new HandMovedTime();
    this.codes = this.#start();
  }

  static async withCodes(hash: HashRecoveryCode = quickHash): Promise<CodeDesk> {
    const desk = new CodeDesk(hash);
    await desk.renew();
    return desk;
  }

  async renew(): Promise<void> {
    const { recovery, totp } = this.codes.make(USER, 'DESK-0412');
    this.recovery = recovery;
    this.#secret = secretOf(totp.link);
    const outcome = await this.codes.prove(USER, this.code(0));
    if (outcome !== 'proven') throw new Error(`the new set was not proven: ${outcome}`);
  }

  /** What the paper says, by place. */
  code(place: number): string {
    const code = this.recovery[place];
    if (code === undefined) throw new Error(`no code at ${place}`);
    return code;
  }

  /** What the app shows, steps away from now. */
  app(steps = 0): string {
    return totpCode(this.#secret, totpStepAt(this.time.wallNow()) + steps);
  }

  /** Six digits that no step near now has. */
  wrongDigits(): string {
    const near = [-2, -1, 0, 1, 2].map((steps) => this.app(steps));
    const wrong = ['918273', '736455', '506172', '283940', '617283', '394857'].find((digits) => !near.includes(digits));
    if (wrong === undefined) throw new Error('all of them are right');
    return wrong;
  }

  check(typed: string): ReturnType<OfflineCodes['check']> {
    return this.codes.check(USER, typed);
  }

  async fail(times: number): Promise<void> {
    for (let time = 0; time < times; time += 1) {
      const outcome = await this.check('0000-0000-0000-0000');
      if (outcome.kind !== 'wrong') throw new Error(`not looked at: ${outcome.kind}`);
      this.time.pass(outcome.waitMs);
    }
  }

  /** The process ends and starts again; its monotonic clock has nothing to do with the one before. */
  async restart(changes: { readonly wallMs?: number } = {}): Promise<void> {
    const wall = this.time.wallNow() + (changes.wallMs ?? 0);
    this.time = new HandMovedTime();
    this.time.moveWallClock(wall - this.time.wallNow());
    this.codes = this.#start();
    await this.codes.left(USER);
  }

  #start(): OfflineCodes {
    return createOfflineCodes({ secrets: this.keychain, clock: this.time, randomBytes, hash: this.#hash });
  }
}

/** As an app reads the link, with a decoder of its own. */
export function secretOf(link: string): Uint8Array {
  const text = new URL(link).searchParams.get('secret') ?? '';
  const bits = [...text].map((symbol) => ALPHABET.indexOf(symbol).toString(2).padStart(5, '0')).join('');
  return Uint8Array.from(bits.match(/[01]{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}
