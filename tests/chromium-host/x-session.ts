import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { XDisplay } from '../../chromium-host/x11/display.ts';

const START_TIMEOUT_MS = 10_000;
const LOOK_AGAIN_MS = 20;

/** A display of our own with a window manager, for one test file. */
export interface XSession {
  readonly display: string;
  /** Our own view of it, to see what the person would see. */
  readonly x: XDisplay;
  stop(): Promise<void>;
}

/** @returns the tools of `names` that this machine lacks. */
export function missingTools(names: readonly string[]): string[] {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return names.filter((name) => !folders.some((folder) => isExecutable(join(folder, name))));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export async function startXSession(): Promise<XSession> {
  // The server picks a free number itself and writes it to descriptor 3.
  const server = spawn(
    'Xvfb',
    ['-displayfd', '3', '-screen', '0', '1280x720x24', '+extension', 'RANDR', '-nolisten', 'tcp'],
    {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    },
  );
  const display = `:${await firstLine(server)}`;
  const manager = spawn('openbox', [], { env: { ...process.env, DISPLAY: display }, stdio: 'ignore' });
  const x = await XDisplay.open(display, process.env);
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!x.hasWindowManager) {
    if (performance.now() > deadline) throw new Error('openbox did not come up');
    await delay(LOOK_AGAIN_MS);
  }
  return {
    display,
    x,
    async stop() {
      x.close();
      await end(manager);
      await end(server);
    },
  };
}

async function firstLine(server: ChildProcess): Promise<string> {
  const pipe = server.stdio[3];
  if (pipe === null || pipe === undefined || !('setEncoding' in pipe)) throw new Error('Xvfb has no descriptor 3');
  const [line]: unknown[] = await once(pipe, 'data', { signal: AbortSignal.timeout(START_TIMEOUT_MS) });
  return String(line).trim();
}

export async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit', { signal: AbortSignal.timeout(START_TIMEOUT_MS) });
  child.kill(signal);
  await exited;
}
