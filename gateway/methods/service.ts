import type { AuditLog } from '../audit-log.ts';
import type { GatewayClock } from '../clock.ts';
import type { HttpDoor } from '../http-door.ts';
import { CONFIRM_WITHIN_MS } from '../limits.ts';
import type { GatewayLogger } from '../logger.ts';
import type { Database } from '../store/database.ts';
import { ConfigTable } from './config-table.ts';
import { ConfirmationTable } from './confirmation-table.ts';
import { Confirmations } from './confirmations.ts';
import type { SignIn } from './person-tokens.ts';
import type { MethodRegistry } from './registry.ts';
import { createMethodsDoor } from './rest.ts';
import { UserConfigs } from './user-configs.ts';

export interface MethodsServiceOptions {
  readonly registry: MethodRegistry;
  readonly database: Database;
  readonly clock: GatewayClock;
  readonly audit: AuditLog;
  readonly logger: GatewayLogger;
  readonly signIn: SignIn;
  /** How long a confirmed confirmation counts if nobody uses it up: at least the longest session that lives on it. */
  readonly permitMs: number;
  /** Default that of the vendor. */
  readonly prefix?: string | undefined;
  /** Origins whose pages may call and read. Default none. */
  readonly allowedOrigins?: readonly string[] | undefined;
}

/** Our own confirmation methods as a service. */
export interface MethodsService {
  readonly userConfigs: UserConfigs;
  readonly confirmations: Confirmations;
  readonly door: HttpDoor;
}

export function createMethodsService(options: MethodsServiceOptions): MethodsService {
  const { registry, database, clock, audit, logger, signIn, permitMs, prefix, allowedOrigins } = options;
  const configs = new ConfigTable(database, registry);
  const table = new ConfirmationTable(database);
  const store = { database, configs, confirmations: table, clock, audit, confirmWithinMs: CONFIRM_WITHIN_MS, permitMs };
  const userConfigs = new UserConfigs(store);
  const confirmations = new Confirmations(store);
  const door = createMethodsDoor({
    signIn,
    methods: configs,
    userConfigs,
    confirmations,
    clock,
    audit,
    logger,
    prefix,
    allowedOrigins,
  });
  return { userConfigs, confirmations, door };
}
