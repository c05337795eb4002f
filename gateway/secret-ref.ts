import { open } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { z } from 'zod';
import { ConfigurationError } from './configuration-error.ts';

/** Where a secret is: never the secret itself, so that configuration can be shown, copied and versioned. */
export const SecretRefSchema = z.union(
  [z.strictObject({ file: z.string().min(1).max(1_024) }), z.strictObject({ keychain: z.string().min(1).max(128) })],
  { error: '{"file": path} or {"keychain": account}' },
);
export type SecretRef = z.infer<typeof SecretRefSchema>;

const MAX_SECRET_BYTES = 4_096;
const KEYCHAIN_SERVICE = 'presence-locker';
/** Mounted for one service only by the container runtime, with permissions of its choosing. */
const CONTAINER_SECRETS_DIRECTORY = '/run/secrets';

/** @throws ConfigurationError naming `key`, never the secret */
export async function resolveSecret(ref: SecretRef, key: string): Promise<string> {
  const secret = 'file' in ref ? await secretOfFile(ref.file, key) : await secretOfKeychain(ref.keychain, key);
  if (secret === '') throw new ConfigurationError(key, 'a secret that is not empty');
  return secret;
}

/** A trailing newline is not part of the secret. Anyone but the owner being able to read the file refuses it, except in a credentials folder. */
async function secretOfFile(path: string, key: string): Promise<string> {
  const file = await open(path, 'r').catch((fault: NodeJS.ErrnoException) => {
    throw new ConfigurationError(key, `a file that can be read (${fault.code ?? 'unknown fault'})`);
  });
  try {
    const found = await file.stat();
    if (!found.isFile() || found.size > MAX_SECRET_BYTES) {
      throw new ConfigurationError(key, `a regular file of at most ${MAX_SECRET_BYTES} bytes`);
    }
    const readableByOthers = process.platform !== 'win32' && (found.mode & 0o077) !== 0;
    if (readableByOthers && !inCredentialsDirectory(path)) {
      throw new ConfigurationError(key, 'a file that only its owner can read (mode 0600)');
    }
    return (await file.readFile('utf8')).replace(/\r?\n$/, '');
  } finally {
    await file.close();
  }
}

function inCredentialsDirectory(path: string): boolean {
  // Set by systemd for LoadCredential=.
  const { CREDENTIALS_DIRECTORY } = process.env;
  const directories = [CONTAINER_SECRETS_DIRECTORY, CREDENTIALS_DIRECTORY];
  return directories.some((directory) => directory !== undefined && resolve(path).startsWith(resolve(directory) + sep));
}

async function secretOfKeychain(account: string, key: string): Promise<string> {
  try {
    // Loaded only here: a server without a keychain must not need its native part.
    const { AsyncEntry } = await import('keytar');
    // Pinned: the fallback, the kernel keyring, forgets at reboot (DESIGN §7).
    const options = process.platform === 'linux' ? { linux: { store: 'secret-service' as const } } : {};
    const secret = await new AsyncEntry(KEYCHAIN_SERVICE, account, options).getPassword();
    if (typeof secret === 'string') return secret;
  } catch (fault) {
    const why = fault instanceof Error ? fault.message : 'unknown fault';
    throw new ConfigurationError(key, `an account of a keychain that can be opened (${why})`);
  }
  throw new ConfigurationError(key, `an account that the keychain has under "${KEYCHAIN_SERVICE}"`);
}
