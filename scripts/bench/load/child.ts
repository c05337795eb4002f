import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';

/** Each connection is one file descriptor on either side, and a few more for the process itself. */
const DESCRIPTORS_BESIDE_CONNECTIONS = 256;
const FORCE_END_MS = 5_000;

/** A process of the bench, asked and answering one message at a time. */
export class BenchChild<Answer extends { readonly type: string }> {
  readonly #child: ChildProcess;
  readonly #answers: z.ZodType<Answer>;

  /**
   * @param file beside this one.
   * @param connections that it will hold: the limit of open files is raised to that where the system lets us.
   * @param nodeOptions for its own Node, such as `--cpu-prof`.
   */
  constructor(
    file: string,
    answers: z.ZodType<Answer>,
    options: { readonly connections: number; readonly nodeOptions?: readonly string[] },
  ) {
    const path = fileURLToPath(new URL(file, import.meta.url));
    const wanted = options.connections + DESCRIPTORS_BESIDE_CONNECTIONS;
    const raise = `[ "$(ulimit -n)" = unlimited ] || [ "$(ulimit -n)" -ge ${wanted} ] || ulimit -n ${wanted}; exec "$0" "$@"`;
    const node = [process.execPath, '--expose-gc', ...(options.nodeOptions ?? []), path];
    this.#answers = answers;
    this.#child = spawn('bash', ['-c', raise, ...node], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  }

  get processId(): number {
    if (this.#child.pid === undefined) throw new Error('a process of the bench could not be started');
    return this.#child.pid;
  }

  /** The next thing it says. @throws Error when it ends instead, or says nothing in time */
  heard(timeoutMs: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void): void => {
        clearTimeout(timer);
        this.#child.off('message', onMessage);
        this.#child.off('exit', onExit);
        finish();
      };
      const onMessage = (claimed: unknown): void => settle(() => resolve(this.#answers.parse(claimed)));
      const onExit = (code: number | null): void =>
        settle(() => reject(new Error(`a process of the bench ended with ${code ?? 'a signal'}`)));
      const timer = setTimeout(
        () => settle(() => reject(new Error(`a process of the bench said nothing within ${timeoutMs} ms`))),
        timeoutMs,
      );
      this.#child.on('message', onMessage);
      this.#child.on('exit', onExit);
    });
  }

  ask(message: object, timeoutMs: number): Promise<Answer> {
    const answer = this.heard(timeoutMs);
    this.#child.send(message);
    return answer;
  }

  /** Resolves when it is gone. Idempotent. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    if (this.#child.connected) this.#child.send({ type: 'stop' });
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), FORCE_END_MS);
    await gone;
    clearTimeout(timer);
  }
}
