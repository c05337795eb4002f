import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { resolveSecret } from '../gateway/secret-ref.ts';
import { ConfigurationError, SEALING_KEY_BYTES } from '../library/activeconnect.ts';
import type { SecretStore } from '../main/core/ports.ts';
import { type Asked, type OptionName, UsageError } from './asked-options.ts';
import { CommandFailed, fileFault } from './session-file.ts';

export const KEY_OPTIONS: readonly OptionName[] = ['key-file', 'key-keychain'];
/** Not the app's own accounts: a session of the console is nothing that a workstation is unlocked with. */
const DEFAULT_KEY_ACCOUNT = 'command-session-key';

/**
 * The key that sealed sessions are kept under: in the keychain, or in a file of its owner's.
 * @param onAbsent `make`: a first session makes the key; whoever opens one needs the key it was sealed with
 * @throws UsageError, ConfigurationError, SecretStoreFailed, CommandFailed
 */
export async function sealingKey(asked: Asked, keychain: SecretStore, onAbsent: 'make' | 'refuse'): Promise<Buffer> {
  const file = asked.text('key-file');
  const account = asked.text('key-keychain');
  if (file !== undefined && account !== undefined)
    throw new UsageError('Say once where the key is: --key-file or --key-keychain.');
  if (file !== undefined) {
    if (onAbsent === 'make') await makeKeyFile(file);
    return decodeKey(await resolveSecret({ file }, '--key-file'), '--key-file');
  }
  const name = account ?? DEFAULT_KEY_ACCOUNT;
  const kept = await keychain.get(name);
  if (kept !== null) return decodeKey(kept, '--key-keychain');
  if (onAbsent === 'refuse')
    throw new ConfigurationError('--key-keychain', 'an account that the keychain has under “presence-locker”');
  const key = randomBytes(SEALING_KEY_BYTES);
  await keychain.set(name, key.toString('base64'));
  return key;
}

async function makeKeyFile(path: string): Promise<void> {
  try {
    await writeFile(path, `${randomBytes(SEALING_KEY_BYTES).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (fault) {
    if (fileFault(fault) !== 'EEXIST') throw new CommandFailed(`The key file could not be made (${fileFault(fault)}).`);
  }
}

function decodeKey(claimed: string, option: string): Buffer {
  const encoded = z.base64().safeParse(claimed);
  const key = Buffer.from(encoded.success ? encoded.data : '', 'base64');
  if (key.length === SEALING_KEY_BYTES) return key;
  throw new ConfigurationError(option, `${SEALING_KEY_BYTES} bytes in base64`);
}
