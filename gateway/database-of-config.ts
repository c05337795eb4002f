import { z } from 'zod';
import type { GatewayConfig } from './config.ts';
import { ConfigurationError } from './configuration-error.ts';
import { SEALING_KEY_BYTES } from './sealing.ts';
import { resolveSecret } from './secret-ref.ts';
import { type Database, openDatabase } from './store/database.ts';

/** Opened once, for everything that is kept in it. @throws ConfigurationError */
export async function databaseOfConfig(stated: GatewayConfig['database']): Promise<Database> {
  const encoded = z.base64().safeParse(await resolveSecret(stated.key, 'database.key'));
  const key = Buffer.from(encoded.success ? encoded.data : '', 'base64');
  if (key.length !== SEALING_KEY_BYTES) {
    throw new ConfigurationError('database.key', `${SEALING_KEY_BYTES} bytes in base64`);
  }
  return openDatabase({ file: stated.file, key });
}
