import type { ErrorCode } from '../../protocol/error-codes.ts';
import type { ClientFrameOf } from '../../protocol/frames.ts';
import { err, ok, type Result } from '../../protocol/result.ts';
import type { AuditLog } from '../audit-log.ts';
import type { GatewayClock } from '../clock.ts';
import { REFUSED_PROOFS_PER_MINUTE } from '../limits.ts';
import { SlidingWindow } from '../rate-limit.ts';
import type { Workstation } from '../session-registry.ts';
import { type AcceptedToken, nameOfToken } from '../tokens.ts';
import { freshNonce, isProven } from './proof.ts';
import type { DeviceKeys, NotAdded } from './registry.ts';

type Hello = ClientFrameOf<'hello'>;

/** `detail` is for the log and the close frame: which rule, never a value. */
export interface TurnedAway {
  readonly code: ErrorCode;
  readonly detail: string;
  /** Whose token it was, where it was one. */
  readonly tokenName?: string;
}

/** What a `hello` comes to. */
export type Meeting =
  | { readonly kind: 'admitted'; readonly workstation: Workstation }
  | { readonly kind: 'challenged'; readonly challenge: Challenge }
  | { readonly kind: 'turned-away'; readonly refusal: TurnedAway };

export interface Challenge {
  readonly nonce: string;
  /** To be called once. @throws Error when the database does not write */
  answer(signature: string): Result<Workstation, TurnedAway>;
}

export interface DoorkeeperPorts {
  readonly acceptedTokens: readonly AcceptedToken[];
  /** `null`: a token is enough. */
  readonly deviceKeys: DeviceKeys | null;
  readonly clock: GatewayClock;
  readonly audit: AuditLog;
}

const MINUTE_MS = 60_000;
/** Workstations that a token brings in where its entry does not say: then one that was stolen is worth nothing after the first contact. */
const DEFAULT_DEVICES_OF_A_TOKEN = 1;

/** Decides who is let in: by a token where there are no device keys, by the proof of one's own key where there are (docs/adr/0025). */
export class Doorkeeper {
  readonly #ports: DoorkeeperPorts;
  readonly #refusedProofs: SlidingWindow;

  constructor(ports: DoorkeeperPorts) {
    this.#ports = ports;
    this.#refusedProofs = new SlidingWindow([{ events: REFUSED_PROOFS_PER_MINUTE, windowMs: MINUTE_MS }], ports.clock);
  }

  /** @param peerAddress where the connection comes from, or '' */
  meet(hello: Hello, peerAddress: string): Meeting {
    const { deviceKeys } = this.#ports;
    const { deviceKey } = hello;
    if (deviceKeys !== null && deviceKey !== undefined)
      return this.#challenge(hello, deviceKey, deviceKeys, peerAddress);
    const tokenName = this.#tokenName(hello);
    if (tokenName === null) return turnedAway({ code: 'UNAUTHORIZED', detail: 'token: not known' });
    // Whether or not this workstation has a key already: a token that was seen once must not be a way round it.
    if (deviceKeys !== null)
      return turnedAway({ code: 'DEVICE_KEY_REQUIRED', detail: 'deviceKey: missing', tokenName });
    return { kind: 'admitted', workstation: { tokenName, deviceId: hello.deviceId } };
  }

  #challenge(hello: Hello, publicKey: string, deviceKeys: DeviceKeys, peerAddress: string): Meeting {
    // Of both: one who knows a device id cannot keep its workstation out from elsewhere, and an office behind one address is not one sender.
    const sender = JSON.stringify([peerAddress, hello.deviceId]);
    if (!this.#refusedProofs.hasRoom(sender)) {
      return turnedAway({ code: 'TOO_MANY_FRAMES', detail: 'too many refused proofs' });
    }
    const nonce = freshNonce();
    const challenge: Challenge = {
      nonce,
      answer: (signature) => {
        const { deviceId } = hello;
        const met = isProven({ expectedNonce: nonce, deviceId, publicKey, signature })
          ? this.#admit(hello, publicKey, deviceKeys)
          : err({ code: 'DEVICE_KEY_REFUSED', detail: 'signature: not of this key' } as const);
        if (!met.ok) this.#refusedProofs.take(sender);
        return met;
      },
    };
    return { kind: 'challenged', challenge };
  }

  /** It holds the key; whether it is one of ours. */
  #admit(hello: Hello, publicKey: string, deviceKeys: DeviceKeys): Result<Workstation, TurnedAway> {
    const now = Math.floor(this.#ports.clock.wallMs());
    const { deviceId } = hello;
    const known = deviceKeys.findByKey(publicKey);
    if (known === null) return this.#firstContact(hello, publicKey, deviceKeys, now);
    const { tokenName } = known;
    if (known.deviceId !== deviceId) {
      return err({ code: 'DEVICE_KEY_REFUSED', detail: 'deviceKey: of another workstation', tokenName });
    }
    // The token, if one was sent, is not looked at: it has done its work. But the entry that it was of must still be there.
    if (!this.#ports.acceptedTokens.some(({ name }) => name === tokenName)) {
      return err({ code: 'DEVICE_KEY_REFUSED', detail: 'its token entry was removed', tokenName });
    }
    deviceKeys.noteSeen(known, now);
    return ok({ tokenName, deviceId });
  }

  #firstContact(hello: Hello, publicKey: string, keys: DeviceKeys, now: number): Result<Workstation, TurnedAway> {
    if (hello.token === undefined) return err({ code: 'DEVICE_KEY_REFUSED', detail: 'deviceKey: not known' });
    const tokenName = this.#tokenName(hello);
    if (tokenName === null) return err({ code: 'UNAUTHORIZED', detail: 'token: not known' });
    const { deviceId } = hello;
    const devices = this.#ports.acceptedTokens.find(({ name }) => name === tokenName)?.devices;
    const notAdded = keys.add({ tokenName, deviceId }, publicKey, devices ?? DEFAULT_DEVICES_OF_A_TOKEN, now);
    if (notAdded !== null) return err({ ...REFUSAL_OF[notAdded], tokenName });
    this.#ports.audit.append({ event: 'workstation.key-added', tokenName, deviceId });
    return ok({ tokenName, deviceId });
  }

  #tokenName({ token }: Hello): string | null {
    return token === undefined ? null : nameOfToken(token, this.#ports.acceptedTokens);
  }
}

const REFUSAL_OF: Record<NotAdded, TurnedAway> = {
  'known-by-another-key': { code: 'DEVICE_KEY_REFUSED', detail: 'deviceKey: another one is known' },
  'key-of-another': { code: 'DEVICE_KEY_REFUSED', detail: 'deviceKey: of another workstation' },
  'token-spent': { code: 'TOKEN_SPENT', detail: 'token: spent' },
};

const turnedAway = (refusal: TurnedAway): Meeting => ({ kind: 'turned-away', refusal });
