import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { DeviceSigner } from '../core/ports.ts';

/** @returns a fresh Ed25519 key as it is kept in the keychain: PKCS #8, DER, base64. Never to be kept anywhere else. */
export function makeDeviceKey(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  return privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64');
}

/** @returns null for what is no such key */
export function openDeviceKey(secret: string): DeviceSigner | null {
  const key = privateKeyOf(secret);
  if (key === null) return null;
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  if (x === undefined) return null;
  // The key stays in here: what is handed on can sign and show nothing.
  return { publicKey: x, sign: (text) => sign(null, Buffer.from(text, 'ascii'), key).toString('base64url') };
}

function privateKeyOf(secret: string): KeyObject | null {
  try {
    const key = createPrivateKey({ key: Buffer.from(secret, 'base64'), format: 'der', type: 'pkcs8' });
    return key.asymmetricKeyType === 'ed25519' ? key : null;
  } catch {
    // OpenSSL's words could quote the key, and nobody could do more with them than with this.
    return null;
  }
}
