import { z } from 'zod';
import { assertNever } from '../protocol/result.ts';
import { type AdminSocket, openAdminSocket } from './admin-of-config.ts';
import { createAuditLog } from './audit-log.ts';
import { CertificateWatch } from './certificate-watch.ts';
import { createSystemClock, type GatewayClock } from './clock.ts';
import { type GatewayConfig, isBehindProxy } from './config.ts';
import { ConfigurationError } from './configuration-error.ts';
import { databaseOfConfig } from './database-of-config.ts';
import { DeviceKeys } from './device-keys/registry.ts';
import { createGateway, type Gateway } from './gateway.ts';
import type { HttpDoor } from './http-door.ts';
import type { ListenAddress } from './listen-address.ts';
import type { GatewayLogger } from './logger.ts';
import type { MethodsService } from './methods/service.ts';
import { methodsOfConfig } from './methods-of-config.ts';
import { passkeyOfConfig } from './passkey-of-config.ts';
import type { PasskeyService } from './providers/passkey/provider.ts';
import type { Provider } from './providers/provider.ts';
import { type ProviderAccount, providerOfAccount } from './providers/provider-of-account.ts';
import { SEALING_KEY_BYTES } from './sealing.ts';
import { resolveSecret, type SecretRef } from './secret-ref.ts';
import type { Database } from './store/database.ts';
import { openSealedFileStore } from './store/sealed-file-store.ts';
import { createMemorySessionStore, type SessionStore } from './store/session-store.ts';
import { type AcceptedToken, hashToken } from './tokens.ts';

const MIN_TOKEN_CHARACTERS = 16;
/** What is signed or sent as a secret is ASCII text; anything else is a file of another kind, or one with a second line. */
const PRINTABLE = /^[ -~]+$/;

export interface ConfiguredGateway extends Gateway {
  /** Serves the administrator's command too, where the configuration lets it. Call once. @throws ConfigurationError */
  listenForAdministrator(): Promise<void>;
}

/** Builds what the configuration describes: secrets fetched, database and store opened, not yet listening. @throws ConfigurationError */
export async function gatewayOfConfig(config: GatewayConfig, logger: GatewayLogger): Promise<ConfiguredGateway> {
  const database = await databaseOfConfig(config.database);
  try {
    return await gatewayOn(database, config, logger);
  } catch (fault) {
    database.close();
    throw fault;
  }
}

/** Closes the database when it is closed itself. */
async function gatewayOn(database: Database, config: GatewayConfig, logger: GatewayLogger): Promise<ConfiguredGateway> {
  const clock = createSystemClock();
  const audit = createAuditLog(logger);
  const deviceKeys = new DeviceKeys(database);
  const { provider, passkeys, methods, doors } = await partsOf(config, { database, clock, logger });
  const gateway = await createGateway({
    provider,
    doors,
    clock,
    logger,
    audit,
    acceptedTokens: await acceptedTokens(config),
    deviceKeys,
    store: await storeOf(config, provider.id),
    ...(config.lease === undefined ? {} : { leaseMs: config.lease.ms }),
    ...(config.policy === undefined ? {} : { policy: config.policy }),
    ...(config.limits === undefined ? {} : { limits: definedLimits(config.limits) }),
    allowedOrigins: 'socketPath' in config.listen ? [] : config.listen.allowedOrigins,
    behindProxy: isBehindProxy(config),
  });
  const administered = {
    clock,
    passkeys,
    methods: methods?.userConfigs ?? null,
    peopleWithToken: new Set(config.methods?.people.map(({ userId }) => userId)),
    workstations: { list: () => deviceKeys.list(), forget: gateway.forgetWorkstation },
    closeSessionsOfUser: gateway.closeSessionsOfUser,
  };
  let adminSocket: AdminSocket | null = null;
  return {
    ...gateway,
    async listenForAdministrator() {
      adminSocket = await openAdminSocket(config, { administered, audit, logger });
    },
    close() {
      adminSocket?.close();
      return gateway.close().finally(() => database.close());
    },
  };
}

interface GatewayParts {
  readonly provider: Provider;
  /** `null` where the service is elsewhere. */
  readonly passkeys: PasskeyService | null;
  /** `null` where they are not served. */
  readonly methods: MethodsService | null;
  readonly doors: readonly HttpDoor[];
}

/** The provider, what comes with one whose service is this gateway, and our own methods where they are served. */
async function partsOf(
  config: GatewayConfig,
  ports: { readonly database: Database; readonly clock: GatewayClock; readonly logger: GatewayLogger },
): Promise<GatewayParts> {
  const { provider: account } = config;
  const { provider, service, door } =
    account.kind === 'passkey'
      ? await passkeyOfConfig(account, { ...ports, behindProxy: isBehindProxy(config) })
      : { provider: providerOfAccount(await accountOf(account), ports.clock), service: null, door: null };
  const methods = methodsOfConfig(config, ports);
  const doors = [door, methods?.door ?? null].filter((each) => each !== null);
  return { provider, passkeys: service, methods, doors };
}

/** @throws ConfigurationError */
export async function listenAddressOf(config: GatewayConfig, logger: GatewayLogger): Promise<ListenAddress> {
  const { listen } = config;
  if ('socketPath' in listen) return { kind: 'socket', path: listen.socketPath };
  const { host, port, tls } = listen;
  const certificate =
    tls === undefined ? null : await CertificateWatch.open(tls, { clock: createSystemClock(), logger });
  return { kind: 'tcp', host, port, tls: certificate };
}

async function accountOf(provider: Exclude<GatewayConfig['provider'], { kind: 'passkey' }>): Promise<ProviderAccount> {
  switch (provider.kind) {
    case 'activeconnect': {
      const { appSecret, baseUrl, ...account } = provider;
      return { ...account, baseUrl: baseUrl ?? null, appSecret: await secretOf(appSecret, 'provider.appSecret') };
    }
    case 'authsignal': {
      const { secret, apiUrl, ...account } = provider;
      return { ...account, apiUrl: apiUrl ?? null, secret: await secretOf(secret, 'provider.secret') };
    }
    case 'wcd-2factor':
      return { ...provider, token: await resolveSecret(provider.token, 'provider.token') };
    default:
      return assertNever(provider, 'provider of the configuration');
  }
}

async function secretOf(ref: SecretRef, key: string): Promise<string> {
  const secret = await resolveSecret(ref, key);
  if (!PRINTABLE.test(secret)) throw new ConfigurationError(key, 'one line of printable ASCII');
  return secret;
}

async function acceptedTokens(config: GatewayConfig): Promise<readonly AcceptedToken[]> {
  const accepted = await Promise.all(
    config.tokens.map(async (token, index) => {
      const { name } = token;
      const devices = token.devices === undefined ? {} : { devices: token.devices };
      if ('sha256' in token) return { name, sha256: Buffer.from(token.sha256, 'hex'), ...devices };
      const key = `tokens.${index}.token`;
      const secret = await resolveSecret(token.token, key);
      if (secret.length < MIN_TOKEN_CHARACTERS) {
        throw new ConfigurationError(key, `a token of at least ${MIN_TOKEN_CHARACTERS} characters`);
      }
      return { name, sha256: hashToken(secret), ...devices };
    }),
  );
  // A token in two entries would be two workstations that can end each other's sessions.
  if (new Set(accepted.map((token) => token.sha256.toString('hex'))).size !== accepted.length) {
    throw new ConfigurationError('tokens', 'tokens that differ');
  }
  return accepted;
}

async function storeOf(config: GatewayConfig, providerId: string): Promise<SessionStore> {
  if (config.store === undefined) return createMemorySessionStore();
  const encoded = z.base64().safeParse(await resolveSecret(config.store.key, 'store.key'));
  const key = Buffer.from(encoded.success ? encoded.data : '', 'base64');
  if (key.length !== SEALING_KEY_BYTES)
    throw new ConfigurationError('store.key', `${SEALING_KEY_BYTES} bytes in base64`);
  return openSealedFileStore({ directory: config.store.directory, key, providerId });
}

/** Keys that are present but undefined would hide the defaults. */
function definedLimits(limits: NonNullable<GatewayConfig['limits']>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(limits).filter((entry): entry is [string, number] => entry[1] !== undefined),
  );
}
