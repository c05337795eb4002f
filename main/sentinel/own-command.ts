/** Command-line words by which this program starts itself. They come last, so that no host takes them for its own. */
export const ROLE_FLAGS = {
  /** Be the sentinel of whoever holds the other end of the wire. */
  sentinel: '--sentinel',
  /** Only with `--sentinel`: main died and the service manager says so (ExecStopPost); lock, and end. */
  afterDeath: '--after-death',
  /** Be main; a sentinel holds the other end of the wire. */
  watched: '--watched',
  /** Be main; the service manager starts it again when it dies, so the sentinel must not. Passed on to the sentinel. */
  restartedBySystemd: '--restarted-by=systemd',
} as const;

/** Chromium's own, for a process that shows nothing (build/linux/presence-locker.sh). */
export const NO_DISPLAY_SWITCHES: readonly string[] = ['--ozone-platform=headless', '--disable-gpu'];

export interface OwnProcess {
  readonly platform: NodeJS.Platform;
  readonly execPath: string;
  readonly execArgv: readonly string[];
  readonly argv: readonly string[];
  readonly env: { readonly APPIMAGE?: string | undefined };
  /** Whether Electron runs the app from its sources. */
  readonly fromSources: boolean;
}

/**
 * What starts this program again in a role, with the switches it was started with itself (`--user-data-dir` among them). RunAsNode is
 * fused off in a package, so the program is the app's own and not a Node. An AppImage's mount vanishes with its process: the file itself
 * is started.
 */
export function ownCommand(
  own: OwnProcess,
  role: 'sentinel' | 'watched',
): { readonly program: string; readonly args: readonly string[] } {
  const { APPIMAGE } = own.env;
  const notPassedOn: readonly string[] = [
    ...NO_DISPLAY_SWITCHES,
    ROLE_FLAGS.sentinel,
    ROLE_FLAGS.watched,
    ROLE_FLAGS.afterDeath,
  ];
  const kept = own.argv.slice(1).filter((word) => !notPassedOn.includes(word));
  const quiet = role === 'sentinel' && own.platform === 'linux' ? NO_DISPLAY_SWITCHES : [];
  return {
    program: APPIMAGE === undefined || APPIMAGE === '' || own.fromSources ? own.execPath : APPIMAGE,
    args: [...own.execArgv, ...kept, ROLE_FLAGS[role], ...quiet],
  };
}
