import { lstat, mkdir } from 'node:fs/promises';
import { ConfigurationError } from '../configuration-error.ts';

const WRITABLE_BY_OTHERS = 0o022;

/**
 * Makes a folder that only this user may enter. One that is there must be this user's, and nobody else may write into it: others must not
 * be able to take records away or put old ones back. It is left as it is, for it may hold more than ours: closing it could shut a whole
 * machine out of its /tmp. What lies in it is closed file by file. Windows has no such bits: the folder lies in the user's profile.
 *
 * @throws ConfigurationError naming `key`
 */
export async function openPrivateDirectory(directory: string, key: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch((fault: NodeJS.ErrnoException) => {
    throw new ConfigurationError(key, `a folder that can be made (${fault.code ?? 'unknown fault'})`);
  });
  const found = await lstat(directory);
  if (!found.isDirectory()) throw new ConfigurationError(key, 'a folder');
  if (process.platform === 'win32') return;
  if (found.uid !== process.geteuid?.()) throw new ConfigurationError(key, 'a folder of this user');
  if ((found.mode & WRITABLE_BY_OTHERS) !== 0)
    throw new ConfigurationError(key, 'a folder that only its owner may write into');
}
