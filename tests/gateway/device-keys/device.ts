import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { HELLO, TOKEN } from '../gateway-under-test.ts';
import { Workstation } from '../workstation-in-memory.ts';

/** What is signed, written out: the test must notice when the product signs something else. */
const textFor = (nonce: string, deviceId: string, publicKey: string) =>
  `presence-locker device proof\n1\n${nonce}\n${deviceId}\n${publicKey}`;

/** A workstation's key in the hands of a test. */
export class Device {
  readonly deviceId: string;
  readonly publicKey: string;
  readonly #privateKey: KeyObject;

  constructor(deviceId: string = HELLO.deviceId) {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    this.deviceId = deviceId;
    this.publicKey = String(publicKey.export({ format: 'jwk' }).x);
    this.#privateKey = privateKey;
  }

  hello(token: string | null = TOKEN) {
    const { token: _, ...hello } = { ...HELLO, deviceId: this.deviceId, deviceKey: this.publicKey };
    return token === null ? hello : { ...hello, token };
  }

  signs(nonce: string, about: { deviceId?: string; publicKey?: string } = {}): string {
    const text = textFor(nonce, about.deviceId ?? this.deviceId, about.publicKey ?? this.publicKey);
    return sign(null, Buffer.from(text), this.#privateKey).toString('base64url');
  }

  proof(nonce: string, about: { deviceId?: string; publicKey?: string } = {}) {
    return { v: 1, type: 'hello.proof', signature: this.signs(nonce, about) };
  }

  /** As far as the gateway lets it. @param token null: none is sent */
  async connects(gateway: ConstructorParameters<typeof Workstation>[0], token: string | null = TOKEN) {
    const workstation = new Workstation(gateway);
    await workstation.says(this.hello(token));
    await workstation.says(this.proof(workstation.last('challenge').nonce));
    return workstation;
  }
}
