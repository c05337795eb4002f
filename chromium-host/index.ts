import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { type CommandLine, optionsAgain, readCommandLine, USAGE, whyNotHere } from './command-line.ts';
import { ControlServer } from './control/control-server.ts';
import { appItself } from './electron/app.ts';
import { screenItself } from './electron/screen.ts';
import { trayWindow } from './electron/tray-window.ts';
import { webContentsShowing } from './electron/web-contents.ts';
import { installElectronHooks } from './electron-hooks.ts';
import { Host, setHost } from './host.ts';
import { XDisplay } from './x11/display.ts';

/** Runs an unmodified Electron app on Node and a system Chromium. A development tool; see README.md for what differs. */
async function main(argv: readonly string[]): Promise<void> {
  const commandLine = readCommandLine(argv);
  const obstacle = whyNotHere(commandLine, process.env);
  if (obstacle !== null) return giveUp(obstacle);

  const appDirectory = resolve(commandLine.appDirectory);
  const entry = join(appDirectory, readEntry(appDirectory));
  if (!existsSync(entry))
    return giveUp(`There is nothing to run at ${entry}: build the app first (\`npm run build\`).`);

  const displayName = process.env['DISPLAY'] ?? '';
  const display = await XDisplay.open(displayName, process.env);
  const host = new Host({ ...commandLine, appDirectory, displayName }, display, '');
  setHost(host);
  appItself.configure(appDirectory, commandLine.userData);
  host.userDataDirectory = () => appItself.getPath('userData');
  screenItself.follow(display);
  pretendToBeElectron(appDirectory, commandLine);
  display.x.once('closed', () => giveUp('The X display went away.'));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) appItself.quit(); // Otherwise the app decides.
    });
  }
  host.whenLaunched((browser) => {
    browser.onForeignPage((page) => {
      // It was taken off the screen before it was visible; its opener may say what it thinks of it, and it is closed.
      void page.opener().then((opener) => {
        if (opener !== null) webContentsShowing(opener)?.openedBy(page.url());
        return page.close();
      });
    });
    trayWindow.open(browser).catch((error: unknown) => {
      if (browser.alive) console.error(`chromium-host: no tray window: ${String(error)}`);
    });
  });

  installElectronHooks(new URL('./electron-module.ts', import.meta.url).href);
  await import(pathToFileURL(entry).href);
  // Not before: a process of the app that never gets ready (its entry module is still being evaluated) has nothing to control, and
  // must not take the socket from the one that has.
  if (commandLine.controlSocket !== null) await ControlServer.listen(commandLine.controlSocket, host);
  appItself.becomeReady();
}

function readEntry(appDirectory: string): string {
  const Manifest = z.object({ main: z.string() });
  return Manifest.parse(JSON.parse(readFileSync(join(appDirectory, 'package.json'), 'utf8'))).main;
}

/** What apps look at to see that they run in Electron. */
function pretendToBeElectron(appDirectory: string, commandLine: CommandLine): void {
  const Manifest = z.object({ version: z.string() });
  const manifest = new URL('../node_modules/electron/package.json', import.meta.url);
  const version = existsSync(manifest) ? Manifest.parse(JSON.parse(readFileSync(manifest, 'utf8'))).version : '0.0.0';
  Object.defineProperty(process.versions, 'electron', { value: `${version}-chromium-host`, enumerable: true });
  Object.defineProperty(process, 'resourcesPath', { value: join(appDirectory, 'build'), enumerable: true });
  Reflect.set(process, 'type', 'browser');
  Reflect.set(process, 'defaultApp', true);
  // What an app repeats to start itself again is `execPath`, `execArgv` and `argv`: here Node, this host with its options, the app.
  Reflect.set(process, 'execArgv', [...process.execArgv, process.argv[1] ?? '', ...optionsAgain(commandLine)]);
  process.argv = [process.execPath, appDirectory, ...commandLine.appArguments];
}

function giveUp(sentence: string): void {
  console.error(sentence);
  process.exit(1);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))
    giveUp(`${error.message}\n${USAGE}`);
  else {
    console.error(error);
    process.exit(1);
  }
}
