import { accessSync, constants } from 'node:fs';
import { parseArgs } from 'node:util';

export interface CommandLine {
  readonly appDirectory: string;
  readonly chromiumPath: string;
  readonly userData: string | null;
  readonly controlSocket: string | null;
  readonly trayWindow: boolean;
  /** Everything after the host's own options, for the app. */
  readonly appArguments: readonly string[];
}

export const USAGE =
  'usage: node chromium-host/index.ts [--app DIR] [--chromium PATH] [--user-data DIR] [--control SOCKET] [--no-tray-window] [app arguments…]';

const OPTIONS = {
  app: { type: 'string' },
  chromium: { type: 'string' },
  'user-data': { type: 'string' },
  control: { type: 'string' },
  'no-tray-window': { type: 'boolean' },
} as const;

/** The host's options come first; from the first argument that is none of them on (or after `--`), all belong to the app. */
export function readCommandLine(argv: readonly string[]): CommandLine {
  let own = 0;
  while (own < argv.length) {
    const name = argv[own]?.split('=')[0]?.replace(/^--/, '') ?? '';
    if (!argv[own]?.startsWith('--') || !Object.hasOwn(OPTIONS, name)) break;
    own += name === 'no-tray-window' || argv[own]?.includes('=') === true ? 1 : 2;
  }
  const { values } = parseArgs({ args: argv.slice(0, own), options: OPTIONS, strict: true });
  const rest = argv.slice(own);
  return {
    appDirectory: values.app ?? '.',
    chromiumPath: values.chromium ?? '/usr/bin/chromium',
    userData: values['user-data'] ?? null,
    controlSocket: values.control ?? null,
    trayWindow: values['no-tray-window'] !== true,
    appArguments: rest[0] === '--' ? rest.slice(1) : rest,
  };
}

/** The host's own options again, to be followed by the folder of the app and its arguments. */
export function optionsAgain(commandLine: CommandLine): readonly string[] {
  const { chromiumPath, userData, controlSocket, trayWindow } = commandLine;
  return [
    ...['--chromium', chromiumPath],
    ...(userData === null ? [] : ['--user-data', userData]),
    ...(controlSocket === null ? [] : ['--control', controlSocket]),
    ...(trayWindow ? [] : ['--no-tray-window']),
    '--app',
  ];
}

/** @returns why the host cannot run here, as one sentence for the person; null when it can. */
export function whyNotHere(commandLine: CommandLine, env: NodeJS.ProcessEnv): string | null {
  const display = env['DISPLAY'] ?? '';
  if (display === '') {
    const wayland = (env['WAYLAND_DISPLAY'] ?? '') === '' ? '' : ' (Wayland alone is not enough, Xwayland is needed)';
    return `There is no X display to show windows on${wayland}: run it with \`xvfb-run\`, or see the whole story with \`npm run demo\`.`;
  }
  try {
    accessSync(commandLine.chromiumPath, constants.X_OK);
  } catch {
    return `There is no Chromium at ${commandLine.chromiumPath}: install it (Debian: \`apt-get install chromium\`) or name another with --chromium; \`xvfb-run\` and \`npm run demo\` need it too.`;
  }
  return null;
}
