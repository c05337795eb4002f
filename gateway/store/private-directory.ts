import { chmod, lstat, mkdir } from 'node:fs/promises';
import { ConfigurationError } from '../configuration-error.ts';

/**
 * Makes a folder that only this user may enter, or closes the one that is there: others must not be able to take records away or put old
 * ones back. Windows has no such bits: the folder lies in the user's profile.
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
  if ((found.mode & 0o077) !== 0) await chmod(directory, 0o700);
}
