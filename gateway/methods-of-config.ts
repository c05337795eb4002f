import { DEFAULT_POLICY } from '../protocol/policy.ts';
import { createAuditLog } from './audit-log.ts';
import type { GatewayClock } from './clock.ts';
import type { GatewayConfig } from './config.ts';
import { ConfigurationError } from './configuration-error.ts';
import type { GatewayLogger } from './logger.ts';
import { signInBy } from './methods/person-tokens.ts';
import { servedMethods } from './methods/registry.ts';
import { createMethodsService, type MethodsService } from './methods/service.ts';
import type { Database } from './store/database.ts';

/** Our own confirmation methods, where the configuration has them; null where not. @throws ConfigurationError */
export function methodsOfConfig(
  { methods, policy, listen }: GatewayConfig,
  ports: { readonly database: Database; readonly clock: GatewayClock; readonly logger: GatewayLogger },
): MethodsService | null {
  if (methods === undefined) return null;
  const people = methods.people.map(({ userId, sha256 }) => ({ userId, sha256: Buffer.from(sha256, 'hex') }));
  const services = methods.services.map(({ name, sha256 }) => ({ name, sha256: Buffer.from(sha256, 'hex') }));
  const hashes = [...people, ...services].map(({ sha256 }) => sha256.toString('hex'));
  // One token for two people would let each into what the other set up.
  if (new Set(hashes).size !== hashes.length) throw new ConfigurationError('methods', 'tokens that differ');
  const permitSeconds = methods.permitSeconds ?? policy?.maxSessionSeconds ?? DEFAULT_POLICY.maxSessionSeconds;
  return createMethodsService({
    registry: servedMethods({ issuer: methods.issuer }),
    ...ports,
    audit: createAuditLog(ports.logger),
    signIn: signInBy(people, services),
    permitMs: permitSeconds * 1_000,
    prefix: methods.prefix,
    allowedOrigins: 'socketPath' in listen ? [] : listen.allowedOrigins,
  });
}
