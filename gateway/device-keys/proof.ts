import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { deviceProofText } from '../../protocol/device-proof.ts';
import { PROTOCOL_VERSION } from '../../protocol/frames.ts';

const NONCE_BYTES = 32;

/** 256 random bits, base64url: nobody can have had it signed before. */
export const freshNonce = (): string => randomBytes(NONCE_BYTES).toString('base64url');

/** What is proven, all of it claimed by the other side but the nonce. */
export interface ClaimedProof {
  readonly expectedNonce: string;
  readonly deviceId: string;
  /** DeviceKeySchema. */
  readonly publicKey: string;
  /** SignatureSchema. */
  readonly signature: string;
}

/** Whether the holder of `publicKey` signed this nonce for this workstation. Never throws: 32 bytes that are no key prove nothing. */
export function isProven({ expectedNonce, deviceId, publicKey, signature }: ClaimedProof): boolean {
  const text = deviceProofText({ version: PROTOCOL_VERSION, nonce: expectedNonce, deviceId, deviceKey: publicKey });
  try {
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
    return verify(null, Buffer.from(text, 'ascii'), key, Buffer.from(signature, 'base64url'));
  } catch {
    // OpenSSL refuses some values as keys; its words would only repeat that.
    return false;
  }
}
