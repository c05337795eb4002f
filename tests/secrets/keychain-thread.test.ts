import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createKeychain, type OpenKeychainEntry } from '../../main/secrets/keychain.ts';
import { keychainOnAThread } from '../../main/secrets/keychain-thread.ts';

/** A thread in the place of the built one: it answers by the account's name, and can hold itself up as the real library does. */
const THREAD = `
import { parentPort } from 'node:worker_threads';
const kept = new Map();
parentPort.on('message', ({ id, operation, account, secret }) => {
  if (account === 'dies') process.exit(1);
  if (account === 'says nothing') return;
  if (account === 'holds up') for (const end = Date.now() + 400; Date.now() < end; );
  if (account === 'refused') return parentPort.postMessage({ id, ok: false, words: 'DBus error: Did not receive a reply. The policy blocked the reply.' });
  if (operation === 'set') kept.set(account, secret);
  const value = operation === 'get' ? (kept.get(account) ?? null) : operation === 'delete' ? kept.delete(account) : null;
  parentPort.postMessage({ id, ok: true, value });
});
parentPort.postMessage({ ready: true });
`;
const nowhere: OpenKeychainEntry = async () => Promise.reject(new Error('the thread was to be used'));

describe('the keychain on a thread of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pl-keychain-'));
  const modulePath = join(folder, 'thread.mjs');
  writeFileSync(modulePath, THREAD);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const keychain = (timeoutMs = 5_000) =>
    createKeychain({
      openEntry: keychainOnAThread({ modulePath, otherwise: nowhere, onNoThread: () => undefined }),
      timeoutMs,
    });

  it('keeps, gives and forgets', async () => {
    const store = keychain();
    expect(await store.get('a')).toBe(null);
    await store.set('a', 'secret');
    expect(await store.get('a')).toBe('secret');
    await store.delete('a');
    expect(await store.get('a')).toBe(null);
  });

  it('holds up no timer of main while the thread waits', async () => {
    const store = keychain();
    await store.get('a');
    let ticks = 0;
    const timer = setInterval(() => {
      ticks += 1;
    }, 10);
    await store.get('holds up');
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(10);
  });

  it('calls a Secret Service that gives no reply silent, not locked', async () => {
    await expect(keychain().get('refused')).rejects.toMatchObject({ code: 'timeout' });
  });

  it('is there again after a request was given up, and after the thread died', async () => {
    const store = keychain(1_000);
    await expect(store.get('says nothing')).rejects.toMatchObject({ code: 'timeout' });
    await expect(store.get('dies')).rejects.toMatchObject({ name: 'SecretStoreFailed' });
    expect(await store.get('a')).toBe(null);
  });

  it('falls back to main’s own thread, and says so once, where none can be had', async () => {
    const reasons: string[] = [];
    const entry = {
      getPassword: async () => 'from main',
      setPassword: async () => undefined,
      deletePassword: async () => true,
    };
    const store = createKeychain({
      openEntry: keychainOnAThread({
        modulePath: join(folder, 'missing.mjs'),
        otherwise: async () => entry,
        onNoThread: (reason) => reasons.push(reason),
      }),
    });
    expect(await store.get('a')).toBe('from main');
    expect(await store.get('b')).toBe('from main');
    expect(reasons).toEqual(['MODULE_NOT_FOUND']);
  });
});
