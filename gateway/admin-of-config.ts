import { dirname, join } from 'node:path';
import type { Administered } from './admin/administered.ts';
import { createAdminServer } from './admin/door.ts';
import type { AuditLog } from './audit-log.ts';
import type { GatewayConfig } from './config.ts';
import { ConfigurationError } from './configuration-error.ts';
import { listenOnPrivateSocket } from './listen-address.ts';
import type { GatewayLogger } from './logger.ts';
import { openPrivateDirectory } from './store/private-directory.ts';

const KEY = 'admin.socketPath';
const DEFAULT_NAME = 'admin.sock';
/** What the system says of a path that does not fit into a socket's address. */
const TOO_LONG: readonly string[] = ['EINVAL', 'ENAMETOOLONG'];

export interface AdminSocket {
  /** No more calls; those under way are cut. */
  close(): void;
}

/** Where the administrator's command finds the gateway; `null` on Windows, where it is not served. */
export function adminSocketPathOf({ admin, database }: Pick<GatewayConfig, 'admin' | 'database'>): string | null {
  if (process.platform === 'win32') return null;
  return admin?.socketPath ?? join(dirname(database.file), DEFAULT_NAME);
}

/**
 * Opens the administrator's socket. One that nobody asked for by name and that cannot be had is said in the log: people are let in all the same.
 *
 * @returns `null` where it is not served. @throws ConfigurationError for a path of the configuration that cannot be used
 */
export async function openAdminSocket(
  config: GatewayConfig,
  ports: { readonly administered: Administered; readonly audit: AuditLog; readonly logger: GatewayLogger },
): Promise<AdminSocket | null> {
  const path = adminSocketPathOf(config);
  const stated = config.admin !== undefined;
  if (path === null) {
    if (stated) throw new ConfigurationError('admin', 'nothing: the administrator’s socket is not served on Windows');
    return null;
  }
  const server = createAdminServer(ports);
  try {
    await openPrivateDirectory(dirname(path), KEY);
    await listenOnPrivateSocket(server, path, KEY);
  } catch (fault) {
    const cause = explained(fault);
    if (stated || !(cause instanceof ConfigurationError)) throw cause;
    ports.logger.warn({ fault: cause.message }, 'the administrator’s socket is not served');
    return null;
  }
  return {
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function explained(fault: unknown): unknown {
  const code = fault instanceof Error && 'code' in fault ? String(fault.code) : '';
  return TOO_LONG.includes(code) ? new ConfigurationError(KEY, 'a shorter path: about 100 bytes') : fault;
}
