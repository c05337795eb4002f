import { builtPageDirectory } from './approver/built-page.ts';
import { createApproverDoor } from './approver/door.ts';
import { readStaticFiles } from './approver/static-files.ts';
import type { GatewayClock } from './clock.ts';
import type { GatewayConfig } from './config.ts';
import { databaseOfConfig } from './database-of-config.ts';
import type { HttpDoor } from './http-door.ts';
import type { GatewayLogger } from './logger.ts';
import type { PasskeyConfig } from './providers/passkey/account.ts';
import { createPasskeyProvider } from './providers/passkey/provider.ts';
import type { Provider } from './providers/provider.ts';

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
  const { publicUrl, title, webDirectory, behindProxy, pushContact, simulated } = account;
  const files = await readStaticFiles(webDirectory ?? (await builtPageDirectory()));
  const database = await databaseOfConfig(stated, 'the phones');
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
