import { type ChildProcess, fork } from 'node:child_process';
import { z } from 'zod';

const FromGuard = z.union([z.strictObject({ ready: z.literal(true) }), z.strictObject({ window: z.int() })]);

/** The process that keeps new browser windows off the screen (see window-guard.process.ts), as seen from the host. */
export class WindowGuard {
  private readonly child: ChildProcess;
  private readonly taken = new Set<number>();
  private readonly ready: Promise<void>;
  private stopping = false;

  constructor(display: string, profileDirectory: string) {
    const module = new URL('./window-guard.process.ts', import.meta.url);
    this.child = fork(module, [display, profileDirectory], {
      // The host's own say how the app is started again (index.ts).
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    // It must not keep a host alive that has nothing else to do.
    this.child.unref();
    this.child.channel?.unref();
    this.ready = new Promise((resolve, reject) => {
      this.child.once('error', reject);
      this.child.once('exit', () => {
        if (!this.stopping) console.error('chromium-host: the window guard ended; new windows may flash');
        reject(new Error('the window guard ended'));
      });
      this.child.on('message', (raw: unknown) => {
        const message = FromGuard.parse(raw);
        if ('ready' in message) resolve();
        else this.taken.add(message.window);
      });
    });
  }

  /** Resolves once no new window of the browser can appear unseen. */
  whenReady(): Promise<void> {
    return this.ready;
  }

  /** Windows that were taken off the screen and belong to nobody yet. */
  unclaimed(): readonly number[] {
    return [...this.taken];
  }

  claim(window: number): void {
    this.taken.delete(window);
  }

  stop(): void {
    this.stopping = true;
    this.child.kill();
  }
}
