import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type {
  AssertionOptions,
  CreatedPasskey,
  CreationOptions,
  PasskeyAssertion,
} from '../../../protocol/approver-passkey.ts';

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const BACKUP_ELIGIBLE = 0x08;
const BACKED_UP = 0x10;
const HAS_CREDENTIAL = 0x40;

/** What an honest authenticator and browser would fill in by themselves, for a test to falsify. */
export interface Falsified {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  readonly type?: string;
  readonly userVerified?: boolean;
  readonly counter?: number;
  readonly backedUp?: boolean;
  /** A `packed` attestation, signed by a maker's key with this certificate (DER). */
  readonly maker?: { readonly certificate: Buffer; readonly privateKey: KeyObject };
}

/** A phone's authenticator and browser in software (WebAuthn Level 3, §6 and §8.7): one P-256 passkey, attestation `none`. */
export class SoftwareAuthenticator {
  readonly credentialId = randomBytes(16).toString('base64url');
  readonly #origin: string;
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;
  #userHandle = '';
  #counter = 0;

  constructor(origin: string) {
    this.#origin = origin;
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#privateKey = privateKey;
    this.#publicKey = publicKey;
  }

  create(options: CreationOptions, falsified: Falsified = {}): CreatedPasskey {
    this.#userHandle = options.user.id;
    const clientData = this.#clientData('webauthn.create', options.challenge, falsified);
    const id = Buffer.from(this.credentialId, 'base64url');
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    const credential = Buffer.concat([Buffer.alloc(16), length, id, this.#coseKey()]);
    const data = Buffer.concat([this.#authenticatorData(options.rp.id, HAS_CREDENTIAL, falsified), credential]);
    const { maker } = falsified;
    const attestation: Cbor =
      maker === undefined
        ? new Map<string, Cbor>([
            ['fmt', 'none'],
            ['attStmt', new Map()],
            ['authData', data],
          ])
        : new Map<string, Cbor>([
            ['fmt', 'packed'],
            [
              'attStmt',
              new Map<string, Cbor>([
                ['alg', -7],
                ['sig', signed(data, clientData, maker.privateKey)],
                ['x5c', [maker.certificate]],
              ]),
            ],
            ['authData', data],
          ]);
    return {
      id: this.credentialId,
      rawId: this.credentialId,
      type: 'public-key',
      authenticatorAttachment: 'platform',
      clientExtensionResults: { credProps: { rk: true } },
      response: {
        clientDataJSON: clientData.toString('base64url'),
        attestationObject: cbor(attestation).toString('base64url'),
        transports: ['internal', 'hybrid'],
      },
    };
  }

  assert(options: AssertionOptions, falsified: Falsified = {}): PasskeyAssertion {
    const clientData = this.#clientData('webauthn.get', options.challenge, falsified);
    const data = this.#authenticatorData(options.rpId, 0, falsified);
    return {
      id: this.credentialId,
      rawId: this.credentialId,
      type: 'public-key',
      authenticatorAttachment: 'platform',
      clientExtensionResults: {},
      response: {
        clientDataJSON: clientData.toString('base64url'),
        authenticatorData: data.toString('base64url'),
        signature: signed(data, clientData, this.#privateKey).toString('base64url'),
        userHandle: this.#userHandle,
      },
    };
  }

  #clientData(type: string, challenge: string, falsified: Falsified): Buffer {
    const client = {
      type: falsified.type ?? type,
      challenge: falsified.challenge ?? challenge,
      origin: falsified.origin ?? this.#origin,
      crossOrigin: false,
    };
    return Buffer.from(JSON.stringify(client));
  }

  #authenticatorData(rpId: string, moreFlags: number, falsified: Falsified): Buffer {
    this.#counter = falsified.counter ?? this.#counter + 1;
    const { userVerified = true, backedUp = false } = falsified;
    const backup = backedUp ? BACKUP_ELIGIBLE | BACKED_UP : 0;
    const flags = USER_PRESENT | (userVerified ? USER_VERIFIED : 0) | backup | moreFlags;
    const tail = Buffer.alloc(5);
    tail.writeUInt8(flags);
    tail.writeUInt32BE(this.#counter, 1);
    return Buffer.concat([sha256(Buffer.from(falsified.rpId ?? rpId)), tail]);
  }

  /** RFC 9053: EC2, ES256, P-256. */
  #coseKey(): Buffer {
    const { x = '', y = '' } = this.#publicKey.export({ format: 'jwk' });
    return cbor(
      new Map<number, Cbor>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, Buffer.from(x, 'base64url')],
        [-3, Buffer.from(y, 'base64url')],
      ]),
    );
  }
}

type Cbor = number | string | Buffer | readonly Cbor[] | Map<string, Cbor> | Map<number, Cbor>;

/** RFC 8949, as much as an attestation needs. */
function cbor(value: Cbor): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (value instanceof Map) {
    const entries = [...value].flatMap(([key, entry]) => [cbor(key), cbor(entry)]);
    return Buffer.concat([head(5, value.size), ...entries]);
  }
  return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
}

function head(major: number, count: number): Buffer {
  const type = major << 5;
  if (count < 24) return Buffer.from([type | count]);
  if (count < 0x100) return Buffer.from([type | 24, count]);
  return Buffer.from([type | 25, count >> 8, count & 0xff]);
}

function signed(data: Buffer, clientData: Buffer, privateKey: KeyObject): Buffer {
  return sign('sha256', Buffer.concat([data, sha256(clientData)]), privateKey);
}

const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();
