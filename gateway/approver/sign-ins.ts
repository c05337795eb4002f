import { randomBytes } from 'node:crypto';
import { FRESH_SIGN_IN_MS } from '../../protocol/approver.ts';
import type { GatewayClock } from '../clock.ts';
import {
  MAX_SIGN_INS,
  MAX_SIGN_INS_PER_PHONE,
  REPLACED_SIGN_IN_MS,
  SIGN_IN_IDLE_MS,
  SIGN_IN_LONGEST_MS,
} from '../providers/passkey/limits.ts';
import { hashToken } from '../tokens.ts';

const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** A page that a phone is signed in on. */
export interface SignIn {
  readonly phoneId: string;
  readonly userId: string;
  /** Elapsed time of the gateway's clock. */
  readonly openedAt: number;
  overAt: number;
  lastCallAt: number;
}

/** Signed-in pages: in memory only, by the hash of the cookie's token. A restart of the gateway signs everybody out. */
export class SignIns {
  readonly #clock: GatewayClock;
  readonly #byHash = new Map<string, SignIn>();

  constructor(clock: GatewayClock) {
    this.#clock = clock;
  }

  /** @returns the cookie's token; the oldest sign-in of the phone gives way when there are too many */
  open(phone: { readonly phoneId: string; readonly userId: string }): {
    readonly token: string;
    readonly signIn: SignIn;
  } {
    this.#sweep();
    const theirs = [...this.#byHash].filter(([, { phoneId }]) => phoneId === phone.phoneId);
    const tooMany = theirs.length - MAX_SIGN_INS_PER_PHONE + 1;
    for (const [hash] of theirs.slice(0, Math.max(0, tooMany))) this.#byHash.delete(hash);
    const oldest = this.#byHash.keys().next();
    if (this.#byHash.size >= MAX_SIGN_INS && oldest.done !== true) this.#byHash.delete(oldest.value);
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const now = this.#clock.elapsedMs();
    const { phoneId, userId } = phone;
    const signIn = { phoneId, userId, openedAt: now, overAt: now + SIGN_IN_LONGEST_MS, lastCallAt: now };
    this.#byHash.set(keyOf(token), signIn);
    return { token, signIn };
  }

  find(claimedToken: string): SignIn | null {
    if (!TOKEN.test(claimedToken)) return null;
    const signIn = this.#byHash.get(keyOf(claimedToken));
    return signIn !== undefined && this.isOpen(signIn) ? signIn : null;
  }

  /** A call of the page keeps it signed in; its live connection does not. */
  noteCall(signIn: SignIn): void {
    signIn.lastCallAt = this.#clock.elapsedMs();
  }

  /**
   * Counts from the sign-in, which makes a new cookie. An approval does not count: a stolen cookie would become fresh each time its owner
   * approves, and a link for the thief's phone is a fresh call.
   */
  isFresh(signIn: SignIn): boolean {
    return this.#clock.elapsedMs() - signIn.openedAt <= FRESH_SIGN_IN_MS;
  }

  /** Another sign-in took its place; calls that are on their way are still answered. */
  endSoon(signIn: SignIn): void {
    signIn.overAt = Math.min(signIn.overAt, this.#clock.elapsedMs() + REPLACED_SIGN_IN_MS);
  }

  isOpen(signIn: SignIn): boolean {
    return this.leftMs(signIn) > 0 && [...this.#byHash.values()].includes(signIn);
  }

  /** Until it is over, if no call comes. */
  leftMs(signIn: SignIn): number {
    return Math.min(signIn.overAt, signIn.lastCallAt + SIGN_IN_IDLE_MS) - this.#clock.elapsedMs();
  }

  close(signIn: SignIn): void {
    this.closeAll((other) => other === signIn);
  }

  closeAll(matches: (signIn: SignIn) => boolean): void {
    for (const [hash, signIn] of this.#byHash) if (matches(signIn)) this.#byHash.delete(hash);
  }

  #sweep(): void {
    this.closeAll((signIn) => this.leftMs(signIn) <= 0);
  }
}

/** The token has 256 random bits, so how long a look-up by its hash takes says nothing that could be used. */
const keyOf = (token: string): string => hashToken(token).toString('base64url');
