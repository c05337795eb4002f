import { createHmac, timingSafeEqual } from 'node:crypto';
import { encodeBase32, RFC4648_ALPHABET } from '../../protocol/base32.ts';

/** TOTP (RFC 6238) with what every authenticator app understands: HMAC-SHA-1, six digits, 30 seconds. */
export const TOTP_STEP_MS = 30_000;
export const TOTP_DIGITS = 6;
/** RFC 4226 §4 R6 recommends 160 bits. */
export const TOTP_SECRET_BYTES = 20;
/** Steps before and after the present one that count: clocks of phones are a little off, and typing takes time. */
export const TOTP_DRIFT_STEPS = 1;

/** @param wallMs Unix ms. */
export const totpStepAt = (wallMs: number): number => Math.floor(wallMs / TOTP_STEP_MS);

/** HOTP of RFC 4226 §5.3 with the step as its counter. @param step not negative. */
export function totpCode(secret: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = mac.readUInt8(mac.length - 1) & 0xf;
  const number = (mac.readUInt32BE(offset) & 0x7fff_ffff) % 10 ** TOTP_DIGITS;
  return String(number).padStart(TOTP_DIGITS, '0');
}

/**
 * @param typed six digits.
 * @param wallMs Unix ms, as this machine believes it.
 * @returns the newest step that the digits belong to, or null. All steps are always looked at: time tells nothing.
 */
export function matchingTotpStep(secret: Uint8Array, typed: string, wallMs: number): number | null {
  const now = totpStepAt(wallMs);
  const claimed = Buffer.from(typed, 'utf8');
  let matching: number | null = null;
  for (let step = Math.max(0, now - TOTP_DRIFT_STEPS); step <= now + TOTP_DRIFT_STEPS; step += 1) {
    const expected = Buffer.from(totpCode(secret, step), 'utf8');
    if (claimed.length === expected.length && timingSafeEqual(claimed, expected)) matching = step;
  }
  return matching;
}

const ISSUER = 'Presence Locker';

/** What an authenticator app scans. @param account names the workstation; shown in the app. */
export function otpauthLink(secret: Uint8Array, account: string): string {
  const query = new URLSearchParams({
    secret: encodeBase32(secret, RFC4648_ALPHABET),
    issuer: ISSUER,
    algorithm: 'SHA1',
    digits: String(TOTP_DIGITS),
    period: String(TOTP_STEP_MS / 1_000),
  });
  // Apps read %20 for a space everywhere, `+` only some.
  const label = `${encodeURIComponent(ISSUER)}:${encodeURIComponent(account.toWellFormed())}`;
  return `otpauth://totp/${label}?${query.toString().replaceAll('+', '%20')}`;
}
