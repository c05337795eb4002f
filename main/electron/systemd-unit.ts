import { lstat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';

/** build/linux/presence-locker.service */
export const UNIT_NAME = 'presence-locker.service';
/** What the unit is wanted by; enabling makes a link there (systemd.unit, "[Install]"). */
const WANTED_IN = 'graphical-session.target.wants';

/** Where `systemctl --user enable` and an administrator's `--global enable` leave their link. */
function links(env: { readonly XDG_CONFIG_HOME?: string | undefined }, homeDirectory: string): readonly string[] {
  const configured = env.XDG_CONFIG_HOME;
  const config = configured !== undefined && isAbsolute(configured) ? configured : join(homeDirectory, '.config');
  return [join(config, 'systemd/user'), '/etc/systemd/user'].map((folder) => join(folder, WANTED_IN, UNIT_NAME));
}

/** Whether systemd starts the app with the desktop. Looks at the link and asks nobody: there may be no systemd. */
export async function isStartedBySystemd(
  env: { readonly XDG_CONFIG_HOME?: string | undefined },
  homeDirectory: string,
): Promise<boolean> {
  const found = await Promise.all(
    links(env, homeDirectory).map((link) =>
      lstat(link).then(
        (entry) => entry.isSymbolicLink(),
        () => false, // not there, or not to be looked at: not enabled as far as this user goes
      ),
    ),
  );
  return found.includes(true);
}
