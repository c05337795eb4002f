import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

const WAIT_MS = 10_000;
export const ROOT = join(import.meta.dirname, '..', '..');

/** A process of this test: what it prints, and how it ends. */
export class RunningProcess {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  exitCode: number | null = null;
  ended = false;

  constructor(args: readonly string[], options: { readonly ipc?: boolean } = {}) {
    this.child = spawn(process.execPath, args, {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe', ...(options.ipc === true ? (['ipc'] as const) : [])],
    });
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.stdout += String(chunk);
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += String(chunk);
    });
    // `close` waits for all that was printed, but never comes once the IPC channel was closed from this side.
    this.child.on(options.ipc === true ? 'exit' : 'close', (code) => {
      this.exitCode = code;
      this.ended = true;
    });
  }

  async until(condition: () => boolean, what: string): Promise<void> {
    const deadline = Date.now() + WAIT_MS;
    while (!condition()) {
      if (Date.now() > deadline)
        throw new Error(`waited in vain for ${what}; stdout ${this.stdout} stderr ${this.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async end(): Promise<number | null> {
    await this.until(() => this.ended, 'the end of the process');
    return this.exitCode;
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    if (!this.ended) this.child.kill(signal);
  }
}
