import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { electronBinary } from './electron-binary.ts';
import { ROOT } from './run-steps.ts';

/** `npm start`: the built app on real Electron, or on the stand-in where Electron's binary cannot be had (DESIGN §8). */
const args = process.argv.slice(2);
const electron = electronBinary({ fetch: true });

if (electron.kind === 'installed') {
  console.error(`Running on Electron ${electron.version}.`);
  // Chromium refuses to start as root with its sandbox on.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  become(electron.executable, [ROOT, ...asRoot, ...args]);
} else {
  console.error(`Running on chromium-host, because Electron ${electron.version} is not here: ${electron.reason}.`);
  become(process.execPath, [join(ROOT, 'chromium-host/index.ts'), ...args]);
}

/** Same streams, signals and exit code as the app. */
function become(command: string, commandArgs: readonly string[]): void {
  const child = spawn(command, commandArgs, { cwd: ROOT, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`The app could not be started: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
}
