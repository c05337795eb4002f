import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A workstation token that is accepted. Only its hash is kept: who reads the configuration or the memory cannot use it. */
export interface AcceptedToken {
  /** For logs, ownership of sessions and limits; stable over a change of the token itself. */
  readonly name: string;
  readonly sha256: Buffer;
  /** Workstations that may make their first contact with it. Default 1. */
  readonly devices?: number;
}

const FRESH_TOKEN_BYTES = 32;

export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token, 'utf8').digest();
}

/** 256 random bits: nothing to guess, so a plain hash is enough. */
export function freshToken(): string {
  return randomBytes(FRESH_TOKEN_BYTES).toString('base64url');
}

/** The accepted token's name, or null. Every hash is compared, each in constant time: how long it takes says nothing. */
export function nameOfToken(claimedToken: string, accepted: readonly AcceptedToken[]): string | null {
  const claimedHash = hashToken(claimedToken);
  let name: string | null = null;
  for (const token of accepted) {
    if (timingSafeEqual(claimedHash, token.sha256)) name = token.name;
  }
  return name;
}
