import { z } from 'zod';

/** Ends the meaning of a signature here: the same key could sign nothing else that reads like this. */
const CONTEXT = 'presence-locker device proof';

/** Base64url of so many bytes, written in the one way there is: bits beyond the last byte are 0. */
const base64url = (characters: number, lastCharacter: string) =>
  z.string().regex(new RegExp(`^[A-Za-z0-9_-]{${characters - 1}}[${lastCharacter}]$`));

/** Raw Ed25519 public key, 32 bytes. */
export const DeviceKeySchema = base64url(43, 'AEIMQUYcgkosw048');
/** 256 random bits. */
export const NonceSchema = base64url(43, 'AEIMQUYcgkosw048');
/** Ed25519 signature, 64 bytes. */
export const SignatureSchema = base64url(86, 'AQgw');

/**
 * What a workstation signs (ASCII, Ed25519) to prove that it holds its device key: five lines, the last without an end. No part can hold a line
 * break, so no two things read the same.
 */
export function deviceProofText(about: {
  /** Of the protocol. */
  readonly version: number;
  readonly nonce: string;
  readonly deviceId: string;
  readonly deviceKey: string;
}): string {
  return [CONTEXT, about.version, about.nonce, about.deviceId, about.deviceKey].join('\n');
}
