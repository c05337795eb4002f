import { randomBytes } from 'node:crypto';
import { err, ok, type Result } from '../../protocol/result.ts';
import { type SecretStore, SecretStoreFailed } from '../core/ports.ts';
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
  gatewayToken: `gateway-token:${userId}`,
  storeKey: `store-key:${userId}`,
});

export interface EnrollmentSecrets {
  get(account: string): Promise<Result<string | null, EnrollmentProblem>>;
  set(account: string, secret: string): Promise<Result<null, EnrollmentProblem>>;
  /** The store key of an enrollment, made at first use. */
  storeKey(userId: string): Promise<Result<string, EnrollmentProblem>>;
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
