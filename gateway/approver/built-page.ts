import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigurationError } from '../configuration-error.ts';

/** From here as a source (gateway/approver/) and from the built gateway (out/gateway/): both lie two folders below the root. */
const BUILT_PAGE = join(import.meta.dirname, '../../out/approver');

/** The phones' page that belongs to this gateway. @throws ConfigurationError when it was not built */
export async function builtPageDirectory(directory = BUILT_PAGE): Promise<string> {
  await access(join(directory, 'index.html')).catch(() => {
    throw new ConfigurationError(
      'provider.webDirectory',
      `the phones’ page in ${directory}: \`npm run build\` makes it there`,
    );
  });
  return directory;
}
