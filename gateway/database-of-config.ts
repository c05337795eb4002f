import { z } from 'zod';
import type { GatewayConfig } from './config.ts';
import { ConfigurationError } from './configuration-error.ts';
import { SEALING_KEY_BYTES } from './sealing.ts';
import { resolveSecret } from './secret-ref.ts';
import { type Database, openDatabase } from './store/database.ts';

/** @param keeps what it is for, e.g. "the phones", for the message. @throws ConfigurationError, also when none is stated */
export async function databaseOfConfig(stated: GatewayConfig['database'], keeps: string): Promise<Database> {
  if (stated === undefined) throw new ConfigurationError('database', `a file and a key, for ${keeps} to be kept in`);
  const encoded = z.base64().safeParse(await resolveSecret(stated.key, 'database.key'));
  const key = Buffer.from(encoded.success ? encoded.data : '', 'base64');
  if (key.length !== SEALING_KEY_BYTES) {
    throw new ConfigurationError('database.key', `${SEALING_KEY_BYTES} bytes in base64`);
  }
  return openDatabase({ file: stated.file, key });
}
