import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { deviceProofText } from '../../protocol/device-proof.ts';
import { PROTOCOL_VERSION } from '../../protocol/frames.ts';

/** RFC 8410 §7: what stands before the 32 bytes of an Ed25519 private key in PKCS #8. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A workstation's key that is the same in every run, so that a seed replays. */
export class FuzzedDevice {
  readonly deviceId: string;
  readonly publicKey: string;
  readonly #privateKey: KeyObject;

  constructor(number: number) {
    this.deviceId = `device-${number}`;
    const der = Buffer.concat([PKCS8_HEAD, Buffer.alloc(32, number + 1)]);
    this.#privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    this.publicKey = String(createPublicKey(this.#privateKey).export({ format: 'jwk' }).x);
  }

  signs(nonce: string): string {
    const { deviceId, publicKey: deviceKey } = this;
    const text = deviceProofText({ version: PROTOCOL_VERSION, nonce, deviceId, deviceKey });
    return sign(null, Buffer.from(text), this.#privateKey).toString('base64url');
  }
}
