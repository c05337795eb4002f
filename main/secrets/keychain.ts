import { type SecretStore, SecretStoreFailed } from '../core/ports.ts';

/** Name under which every secret of this application is kept (DESIGN §7). */
export const KEYCHAIN_SERVICE = 'presence-locker';
/** A locked keychain may wait for a password that nobody types. Long enough for a person to unlock it, and an end. */
export const KEYCHAIN_TIMEOUT_MS = 30_000;

const SENTENCES = {
  unavailable:
    'No keychain is available, so secrets can be neither read nor stored. On Linux start a Secret Service (gnome-keyring, KWallet).',
  locked: 'The keychain is locked. Unlock it and try again.',
  timeout: 'The keychain did not answer in time. It may be waiting for its password.',
  refused: 'The keychain refused for a reason it does not name.',
} as const;

/** One secret in the OS keychain, as the keytar package (an alias of @napi-rs/keyring) offers it. */
export interface KeychainEntry {
  getPassword(signal?: AbortSignal): Promise<string | null>;
  setPassword(secret: string, signal?: AbortSignal): Promise<void>;
  deletePassword(signal?: AbortSignal): Promise<boolean>;
}

/** @throws when the platform has no keychain binding. */
export type OpenKeychainEntry = (service: string, account: string) => Promise<KeychainEntry>;

/**
 * Loaded on first use: where the native part is missing, the application runs and says `unavailable`. On Linux the Secret Service is
 * pinned, because the library would fall back to the kernel keyring, which forgets at reboot.
 */
export const openSystemEntry: OpenKeychainEntry = async (service, account) => {
  const { AsyncEntry } = await import('keytar');
  return new AsyncEntry(service, account, { linux: { store: 'secret-service' } });
};

/** The only secret store of production: without a keychain nothing is stored, and there is no file to fall back to. */
export function createKeychain(
  options: { readonly openEntry?: OpenKeychainEntry; readonly timeoutMs?: number } = {},
): SecretStore {
  const openEntry = options.openEntry ?? openSystemEntry;
  const timeoutMs = options.timeoutMs ?? KEYCHAIN_TIMEOUT_MS;

  async function use<T>(account: string, act: (entry: KeychainEntry, signal: AbortSignal) => Promise<T>): Promise<T> {
    const abort = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new SecretStoreFailed('timeout', SENTENCES.timeout));
        abort.abort();
      }, timeoutMs);
    });
    try {
      const acting = openEntry(KEYCHAIN_SERVICE, account).then((entry) => act(entry, abort.signal));
      return await Promise.race([acting, tooLate]);
    } catch (error) {
      throw error instanceof SecretStoreFailed ? error : failureOf(error);
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    get: async (account) => await use(account, (entry, signal) => entry.getPassword(signal)),
    set: async (account, secret) => await use(account, (entry, signal) => entry.setPassword(secret, signal)),
    delete: async (account) => void (await use(account, (entry, signal) => entry.deletePassword(signal))),
  };
}

/**
 * The library tells its failures apart in words only; a word it changes becomes `refused` and never a success. Its own error is not
 * attached as the cause: it may quote the secret.
 */
function failureOf(error: unknown): SecretStoreFailed {
  const words = error instanceof Error ? error.message.toLowerCase() : '';
  // D-Bus's own words, which speak of a reply that a "policy blocked".
  if (/did not receive a reply|no ?reply|timed out/.test(words))
    return new SecretStoreFailed('timeout', SENTENCES.timeout);
  if (/\blocked|prompt|dismissed|access denied|no access|interaction is not allowed/.test(words)) {
    return new SecretStoreFailed('locked', SENTENCES.locked);
  }
  const missing =
    /platform|d-?bus|zbus|secret service|no such file|cannot find|connect|serviceunknown|no default store/;
  return new SecretStoreFailed('unavailable', missing.test(words) ? SENTENCES.unavailable : SENTENCES.refused);
}
