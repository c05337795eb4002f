import { afterEach, describe, expect, it, vi } from 'vitest';
import { SecretStoreFailed } from '../../main/core/ports.ts';
import {
  createKeychain,
  KEYCHAIN_TIMEOUT_MS,
  type KeychainEntry,
  type OpenKeychainEntry,
} from '../../main/secrets/keychain.ts';

const SECRET = 'tr0ub4dor-and-3';

function entry(overrides: Partial<KeychainEntry> = {}): KeychainEntry {
  return {
    getPassword: async () => null,
    setPassword: async () => undefined,
    deletePassword: async () => false,
    ...overrides,
  };
}
const keychainOf = (overrides: Partial<KeychainEntry>) => createKeychain({ openEntry: async () => entry(overrides) });

describe('the keychain', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('keeps each account under the one service name', async () => {
    const opened = vi.fn<OpenKeychainEntry>(async () => entry({ getPassword: async () => SECRET }));
    expect(await createKeychain({ openEntry: opened }).get('application-secret')).toBe(SECRET);
    expect(opened).toHaveBeenCalledWith('presence-locker', 'application-secret');
  });

  it('gives up on a keychain that waits for its password, and cancels the request', async () => {
    vi.useFakeTimers();
    let cancelled = false;
    const keychain = keychainOf({
      getPassword: (signal) =>
        new Promise(() =>
          signal?.addEventListener('abort', () => {
            cancelled = true;
          }),
        ),
    });
    const failure = keychain.get('a').catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(KEYCHAIN_TIMEOUT_MS);
    expect(await failure).toMatchObject({ name: 'SecretStoreFailed', code: 'timeout' });
    expect(cancelled).toBe(true);
  });

  it.each([
    ['no binding for this platform', 'unavailable', 'Platform secure storage failure: zbus error'],
    ['a locked collection', 'locked', 'Couldn’t access platform secure storage: the collection is locked'],
    ['words it does not know', 'unavailable', 'something new'],
  ])('tells apart %s', async (_what, code, message) => {
    const keychain = keychainOf({ setPassword: async () => Promise.reject(new Error(message)) });
    await expect(keychain.set('a', SECRET)).rejects.toMatchObject({ code });
  });

  it('says `unavailable` where the native part cannot be loaded', async () => {
    const keychain = createKeychain({ openEntry: async () => Promise.reject(new Error('Cannot find native binding')) });
    await expect(keychain.get('a')).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('never repeats a secret that the library quotes in its error', async () => {
    const keychain = keychainOf({
      setPassword: async (secret) => Promise.reject(new Error(`bad encoding of ${secret}`)),
    });
    const failure = await keychain.set('a', SECRET).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SecretStoreFailed);
    if (!(failure instanceof SecretStoreFailed)) throw new Error('unreachable');
    expect(`${failure.message} ${failure.stack} ${String(failure.cause)} ${JSON.stringify(failure)}`).not.toContain(
      SECRET,
    );
  });

  it('does not report a secret as stored when it was not', async () => {
    const keychain = keychainOf({ setPassword: async () => Promise.reject(new Error('prompt dismissed')) });
    await expect(keychain.set('a', SECRET)).rejects.toMatchObject({ code: 'locked' });
  });

  it('takes deleting what is not there for done', async () => {
    await expect(keychainOf({ deletePassword: async () => false }).delete('a')).resolves.toBeUndefined();
  });

  it('does not report a secret as deleted when it was not', async () => {
    const keychain = keychainOf({ deletePassword: async () => Promise.reject(new Error('the collection is locked')) });
    await expect(keychain.delete('a')).rejects.toMatchObject({ code: 'locked' });
  });
});
