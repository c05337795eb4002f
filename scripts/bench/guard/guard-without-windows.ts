import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { HandHeldGateway } from './hand-held-gateway.ts';

const TOLD_TIMEOUT_MS = 20_000;
const PROCESS = fileURLToPath(new URL('guard-process.ts', import.meta.url));
export const StateSchema = z.strictObject({ state: z.string() });

/** A process of its own with main's guard, link, watchdog and session watch, kept present by a gateway in this process. */
export class GuardWithoutWindows {
  readonly #child: ChildProcess;
  readonly #gateway: HandHeldGateway;
  readonly #folder: string;

  private constructor(child: ChildProcess, gateway: HandHeldGateway, folder: string) {
    this.#child = child;
    this.#gateway = gateway;
    this.#folder = folder;
  }

  /** @param env of the desktop whose session it watches. */
  static async start(env: Readonly<Record<string, string>>): Promise<GuardWithoutWindows> {
    const folder = await mkdtemp(join(tmpdir(), 'presence-locker-bench-'));
    const gateway = await HandHeldGateway.listen(join(folder, 'gateway.sock'));
    const child = spawn(process.execPath, [PROCESS, folder], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const alone = new GuardWithoutWindows(child, gateway, folder);
    try {
      await alone.#told('present');
      return alone;
    } catch (error) {
      await alone.stop();
      throw error;
    }
  }

  get processId(): number {
    if (this.#child.pid === undefined) throw new Error('the guard could not be started');
    return this.#child.pid;
  }

  /** @throws Error when it is not */
  async stillPresent(): Promise<void> {
    const told = this.#told('present');
    this.#child.send('state');
    await told;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = new Promise((resolve) => this.#child.once('exit', resolve));
      this.#child.kill('SIGKILL');
      await gone;
    }
    this.#gateway.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #told(expected: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void): void => {
        clearTimeout(timer);
        this.#child.off('message', onMessage);
        this.#child.off('exit', onExit);
        finish();
      };
      const onMessage = (claimed: unknown): void => {
        const { state } = StateSchema.parse(claimed);
        settle(state === expected ? resolve : () => reject(new Error(`the guard is ${state}`)));
      };
      const onExit = (): void => settle(() => reject(new Error('the guard ended')));
      const timer = setTimeout(() => settle(() => reject(new Error('the guard said nothing'))), TOLD_TIMEOUT_MS);
      this.#child.on('message', onMessage);
      this.#child.on('exit', onExit);
    });
  }
}
