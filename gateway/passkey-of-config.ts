import { builtPageDirectory } from './approver/built-page.ts';
import { createApproverDoor } from './approver/door.ts';
import { readStaticFiles } from './approver/static-files.ts';
import type { GatewayClock } from './clock.ts';
import type { HttpDoor } from './http-door.ts';
import type { GatewayLogger } from './logger.ts';
import type { PasskeyConfig } from './providers/passkey/account.ts';
import { createPasskeyProvider, type PasskeyService } from './providers/passkey/provider.ts';
import type { Provider } from './providers/provider.ts';
import type { Database } from './store/database.ts';

export interface PasskeyParts {
  readonly provider: Provider;
  readonly door: HttpDoor;
  readonly service: PasskeyService;
}

/** Provider and door of a gateway that is itself the service. @throws ConfigurationError */
export async function passkeyOfConfig(
  account: PasskeyConfig,
  options: {
    readonly database: Database;
    readonly clock: GatewayClock;
    readonly logger: GatewayLogger;
    /** See `isBehindProxy`. */
    readonly behindProxy: boolean;
  },
): Promise<PasskeyParts> {
  const { publicUrl, title, webDirectory, pushContact, simulated } = account;
  const { behindProxy, ...ports } = options;
  const files = await readStaticFiles(webDirectory ?? (await builtPageDirectory()));
  const provider = createPasskeyProvider({ publicUrl, title, simulated, ...ports });
  const { service } = provider;
  const contact = pushContact ?? `mailto:presence-locker@${service.site.rpId}`;
  return { provider, service, door: createApproverDoor({ service, files, behindProxy, pushContact: contact }) };
}
