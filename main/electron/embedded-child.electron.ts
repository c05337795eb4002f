import { type UtilityProcess, utilityProcess } from 'electron';
import type { z } from 'zod';
import { EMBEDDED_KILL_TIMEOUT_MS, EMBEDDED_START_TIMEOUT_MS, EMBEDDED_STOP_TIMEOUT_MS } from './limits.ts';
import type { ShellLog } from './shell-log.ts';

/** What a message of a child means for its start. */
export type StartReport<T> =
  | { readonly kind: 'started'; readonly value: T }
  | { readonly kind: 'failed'; readonly sentence: string }
  | { readonly kind: 'other' };

export interface EmbeddedChildOptions<To, From, Started> {
  /** Words for the person and the log: "The gateway". */
  readonly title: string;
  readonly modulePath: string;
  readonly env: Readonly<Record<string, string>>;
  readonly outgoing: z.ZodType<To>;
  readonly incoming: z.ZodType<From>;
  /** Every decoded message passes here, before and after the start. */
  readonly read: (message: From) => StartReport<Started>;
  readonly stopMessage: To;
  /** It ended without having been told to, after it had started. */
  readonly onGone: (reason: string) => void;
  readonly log: ShellLog;
}

/**
 * One process that main starts itself. Configuration and secrets go over the process's own message port: argv and environment can be
 * read by others. It is not trusted more than any other input: what it says is decoded strictly or dropped.
 */
export class EmbeddedChild<To, From, Started> {
  readonly #options: EmbeddedChildOptions<To, From, Started>;
  #running: { readonly child: UtilityProcess; readonly ended: Promise<void>; stopping: boolean } | null = null;
  /** Starting and stopping happen one after the other, whoever asks. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: EmbeddedChildOptions<To, From, Started>) {
    this.#options = options;
  }

  start(message: To): Promise<Started> {
    return this.#inTurn(async () => {
      await this.#end();
      return this.#launch(message);
    });
  }

  stop(): Promise<void> {
    return this.#inTurn(() => this.#end());
  }

  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(step, step);
    // The failure belongs to whoever asked; the next in line only waits for the end.
    this.#queue = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }

  #launch(startMessage: To): Promise<Started> {
    const { title, modulePath, env, outgoing, incoming, read, onGone, log } = this.#options;
    const encoded = outgoing.safeParse(startMessage);
    // The issue names the key only; the value may be a secret.
    if (!encoded.success) {
      const where = encoded.error.issues[0]?.path.map(String).join('.') ?? '';
      return Promise.reject(new Error(`${title} cannot be started with these settings (${where})`));
    }
    return new Promise((resolve, reject) => {
      const child = utilityProcess.fork(modulePath, [], {
        env: { ...env },
        stdio: 'ignore',
        serviceName: `Presence Locker: ${title}`,
      });
      let started = false;
      const ended = Promise.withResolvers<void>();
      const running = { child, ended: ended.promise, stopping: false };
      this.#running = running;
      const limit = setTimeout(
        () => giveUp(`${title} did not start within ${EMBEDDED_START_TIMEOUT_MS / 1000} seconds`),
        EMBEDDED_START_TIMEOUT_MS,
      );
      const giveUp = (sentence: string): void => {
        clearTimeout(limit);
        running.stopping = true;
        child.kill();
        reject(new Error(sentence));
      };
      child.on('exit', (code) => {
        ended.resolve();
        if (this.#running === running) this.#running = null;
        if (running.stopping) return;
        if (started) onGone(`${title} ended unexpectedly (code ${code})`);
        else giveUp(`${title} ended while it was starting (code ${code})`);
      });
      child.on('message', (claimedMessage: unknown) => {
        const decoded = incoming.safeParse(claimedMessage);
        if (!decoded.success) {
          log.warn(`${title} sent a message that was not understood`);
          return;
        }
        const report = read(decoded.data);
        if (started || running.stopping) return;
        if (report.kind === 'failed') giveUp(report.sentence);
        if (report.kind === 'started') {
          started = true;
          clearTimeout(limit);
          resolve(report.value);
        }
      });
      child.postMessage(encoded.data);
    });
  }

  async #end(): Promise<void> {
    const running = this.#running;
    if (running === null) return;
    running.stopping = true;
    running.child.postMessage(this.#options.stopMessage);
    if (!(await endsWithin(running.ended, EMBEDDED_STOP_TIMEOUT_MS))) {
      running.child.kill();
      if (!(await endsWithin(running.ended, EMBEDDED_KILL_TIMEOUT_MS))) {
        this.#options.log.error(`${this.#options.title} could not be ended`);
      }
    }
    if (this.#running === running) this.#running = null;
  }
}

function endsWithin(ended: Promise<void>, limitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const limit = setTimeout(() => resolve(false), limitMs);
    ended.then(() => {
      clearTimeout(limit);
      resolve(true);
    });
  });
}
