import type { Session } from 'electron';
import type { ShellLog } from './shell-log.ts';

/**
 * Denies everything a page could ask of the machine. Both handlers are needed: Electron grants requests *and* checks by default, and
 * some web APIs only ever check.
 */
export function denyAllPermissions(session: Session, log: ShellLog): void {
  const told = new Set<string>();
  session.setPermissionRequestHandler((_webContents, permission, decide) => {
    // Once each: a page must not be able to fill the log.
    if (!told.has(permission)) log.warn(`A page asked for the permission ${permission}; refused`);
    told.add(permission);
    decide(false);
  });
  session.setPermissionCheckHandler(() => false);
}
