import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Desktop } from '../../system/desktop/desktop.ts';
import { runToEnd } from '../../system/desktop/managed-process.ts';
import type { AppHost } from './app-control.ts';
import { SOON_MS } from './patience.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Programs that a person, or the system, runs beside the app. */
export class ProgramsBeside {
  readonly #desktop: Desktop;
  readonly #host: AppHost;
  readonly #userData: string;

  constructor(desktop: Desktop, host: AppHost, userData: string) {
    this.#desktop = desktop;
    this.#host = host;
    this.#userData = userData;
  }

  /** `presence-locker …` as from an SSH login: no display, no bus. @returns its exit code. */
  console(command: 'disable' | 'enable' | 'status'): Promise<number | null> {
    const { PATH = '', HOME = '' } = this.#desktop.env;
    const args = [join(ROOT, 'command/presence-locker.ts'), command, `--user-data-dir=${this.#userData}`];
    return exitCodeOf({ file: process.execPath, args }, { PATH, HOME });
  }

  /** Starts the app again while it runs. @returns the exit code of the second one. */
  startSecondInstance(): Promise<number | null> {
    return exitCodeOf(this.#host.plainStart(this.#userData), this.#desktop.env);
  }

  /** What the systemd unit runs when the app ended (ExecStopPost). @returns its exit code. */
  afterDeath(serviceResult: 'success' | 'signal'): Promise<number | null> {
    const { file, args } = this.#host.plainStart(this.#userData);
    const env = { ...this.#desktop.env, SERVICE_RESULT: serviceResult };
    return exitCodeOf({ file, args: [...args, '--sentinel', '--after-death'] }, env);
  }

  /** What the app keeps in the keychain, read by another program. */
  async keychainSecrets(): Promise<readonly string[]> {
    const found = await runToEnd(['secret-tool', 'search', '--all', 'service', 'presence-locker'], this.#desktop.env, {
      timeoutMs: SOON_MS,
    });
    return [...found.matchAll(/^secret = (.+)$/gm)].flatMap(([, secret]) => secret ?? []);
  }
}

async function exitCodeOf(
  { file, args }: { readonly file: string; readonly args: readonly string[] },
  env: Readonly<Record<string, string>>,
): Promise<number | null> {
  const child = spawn(file, args, {
    cwd: ROOT,
    env,
    stdio: 'ignore',
    timeout: SOON_MS,
    killSignal: 'SIGKILL',
  });
  await once(child, 'exit');
  return child.exitCode;
}
