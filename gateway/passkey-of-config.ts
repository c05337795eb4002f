import { z } from 'zod';
import { createApproverDoor } from './approver/door.ts';
import { readStaticFiles } from './approver/static-files.ts';
import type { GatewayClock } from './clock.ts';
import type { GatewayConfig } from './config.ts';
import { ConfigurationError } from './configuration-error.ts';
import type { HttpDoor } from './http-door.ts';
import type { GatewayLogger } from './logger.ts';
import type { PasskeyConfig } from './providers/passkey/account.ts';
import { createPasskeyProvider } from './providers/passkey/provider.ts';
import type { Provider } from './providers/provider.ts';
import { SEALING_KEY_BYTES } from './sealing.ts';
import { resolveSecret } from './secret-ref.ts';
import { openDatabase } from './store/database.ts';

export interface PasskeyParts {
  readonly provider: Provider;
  readonly door: HttpDoor;
  /** Call once nothing asks any more. */
  close(): void;
}

/** Provider, door and database of a gateway that is itself the service. @throws ConfigurationError */
export async function passkeyOfConfig(
  account: PasskeyConfig,
  stated: GatewayConfig['database'],
  ports: { readonly clock: GatewayClock; readonly logger: GatewayLogger },
): Promise<PasskeyParts> {
  if (stated === undefined) throw new ConfigurationError('database', 'a file and a key, for the phones to be kept in');
  const { publicUrl, title, webDirectory, behindProxy, pushContact, simulated } = account;
  const files = webDirectory === undefined ? new Map() : await readStaticFiles(webDirectory);
  if (webDirectory === undefined)
    ports.logger.warn({}, 'no provider.webDirectory: the phones’ page is not served here');
  const database = await openDatabase({ file: stated.file, key: await keyOf(stated) });
  try {
    const provider = createPasskeyProvider({ publicUrl, title, simulated, database, ...ports });
    const { service } = provider;
    const contact = pushContact ?? `mailto:presence-locker@${service.site.rpId}`;
    const door = createApproverDoor({ service, files, behindProxy, pushContact: contact });
    return { provider, door, close: () => database.close() };
  } catch (fault) {
    database.close();
    throw fault;
  }
}

async function keyOf({ key }: NonNullable<GatewayConfig['database']>): Promise<Buffer> {
  const encoded = z.base64().safeParse(await resolveSecret(key, 'database.key'));
  const bytes = Buffer.from(encoded.success ? encoded.data : '', 'base64');
  if (bytes.length !== SEALING_KEY_BYTES) {
    throw new ConfigurationError('database.key', `${SEALING_KEY_BYTES} bytes in base64`);
  }
  return bytes;
}
