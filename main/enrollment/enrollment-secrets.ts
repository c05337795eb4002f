import { randomBytes } from 'node:crypto';
import { err, ok, type Result } from '../../protocol/result.ts';
import { type DeviceSigner, type SecretStore, SecretStoreFailed } from '../core/ports.ts';
import { makeDeviceKey, openDeviceKey } from './device-key.ts';
import { type EnrollmentProblem, problemOf } from './problems.ts';

/** AES-256: key of what the embedded gateway stores. */
const STORE_KEY_BYTES = 32;

/**
 * Names in the keychain. Each enrollment has names of its own, so that beginning a new one never overwrites the secrets that
 * the present one still needs.
 */
export const secretAccounts = (userId: string) => ({
  /** Application secret of the service, or of the simulated one in a trial. */
  accountSecret: `account-secret:${userId}`,
  /** Of a shared gateway, until the first contact. */
  gatewayToken: `gateway-token:${userId}`,
  /** By which a shared gateway knows this workstation (device-key.ts). */
  deviceKey: `device-key:${userId}`,
  storeKey: `store-key:${userId}`,
});

/** `token`: null once the gateway knows the key. */
export interface GatewayIdentity {
  readonly device: DeviceSigner;
  readonly token: string | null;
}

export interface EnrollmentSecrets {
  get(account: string): Promise<Result<string | null, EnrollmentProblem>>;
  set(account: string, secret: string): Promise<Result<null, EnrollmentProblem>>;
  /** The store key of an enrollment, made at first use. */
  storeKey(userId: string): Promise<Result<string, EnrollmentProblem>>;
  /** Keeps the token and a key made just now. */
  makeIdentity(userId: string, token: string): Promise<Result<GatewayIdentity, EnrollmentProblem>>;
  /** By what a shared gateway knows this workstation, or is to get to know it. An enrollment of an earlier version gets its key here. */
  identity(userId: string): Promise<Result<GatewayIdentity, EnrollmentProblem>>;
  /** The gateway knows the key: a token that is not there cannot be stolen. */
  forgetToken(userId: string): Promise<Result<null, EnrollmentProblem>>;
  /** Tries all of them, also after one failed. */
  forget(userId: string): Promise<Result<null, EnrollmentProblem>>;
}

export function problemOfKeychain(cause: unknown): EnrollmentProblem {
  if (!(cause instanceof SecretStoreFailed)) return problemOf('keychain-unavailable');
  switch (cause.code) {
    case 'locked':
      return problemOf('keychain-locked');
    case 'timeout':
      return problemOf('keychain-silent');
    case 'unavailable':
      return problemOf('keychain-unavailable');
  }
}

async function attempted<T>(action: Promise<T>): Promise<Result<T, EnrollmentProblem>> {
  try {
    return ok(await action);
  } catch (cause) {
    return err(problemOfKeychain(cause));
  }
}

export function createEnrollmentSecrets(store: SecretStore): EnrollmentSecrets {
  const set = async (account: string, secret: string): Promise<Result<null, EnrollmentProblem>> => {
    const stored = await attempted(store.set(account, secret));
    return stored.ok ? ok(null) : stored;
  };
  async function makeKey(userId: string, token: string): Promise<Result<GatewayIdentity, EnrollmentProblem>> {
    const made = makeDeviceKey();
    const device = openDeviceKey(made);
    if (device === null) return err(problemOf('unexpected'));
    const stored = await set(secretAccounts(userId).deviceKey, made);
    return stored.ok ? ok({ device, token }) : stored;
  }

  return {
    get: (account) => attempted(store.get(account)),
    set,
    async storeKey(userId) {
      const account = secretAccounts(userId).storeKey;
      const known = await attempted(store.get(account));
      if (!known.ok) return known;
      if (known.value !== null) return ok(known.value);
      const made = randomBytes(STORE_KEY_BYTES).toString('base64');
      const stored = await set(account, made);
      return stored.ok ? ok(made) : stored;
    },
    async makeIdentity(userId, token) {
      const stored = await set(secretAccounts(userId).gatewayToken, token);
      return stored.ok ? makeKey(userId, token) : stored;
    },
    async identity(userId) {
      const { deviceKey, gatewayToken } = secretAccounts(userId);
      const key = await attempted(store.get(deviceKey));
      if (!key.ok) return key;
      // Both are there after a crash between the first contact and forgetting the token: the gateway does not look at it then.
      const token = await attempted(store.get(gatewayToken));
      if (!token.ok) return token;
      if (key.value === null && token.value !== null) return makeKey(userId, token.value);
      const device = key.value === null ? null : openDeviceKey(key.value);
      return device === null ? err(problemOf('device-key-missing')) : ok({ device, token: token.value });
    },
    async forgetToken(userId) {
      const deleted = await attempted(store.delete(secretAccounts(userId).gatewayToken));
      return deleted.ok ? ok(null) : deleted;
    },
    async forget(userId) {
      let outcome: Result<null, EnrollmentProblem> = ok(null);
      for (const account of Object.values(secretAccounts(userId))) {
        const deleted = await attempted(store.delete(account));
        if (!deleted.ok) outcome = deleted;
      }
      return outcome;
    },
  };
}

/** A sentence from outside this process, without anything that must not be shown. */
export function withoutSecrets(sentence: string, secrets: readonly string[]): string {
  return secrets.reduce((text, secret) => (secret === '' ? text : text.replaceAll(secret, '…')), sentence);
}
