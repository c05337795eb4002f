import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import type { OpenKeychainEntry } from './keychain.ts';
import { type KeychainReply, KeychainReplySchema, type KeychainRequest } from './keychain-request.ts';

const passwordAnswer = z.string().nullable();
const deletedAnswer = z.boolean();

export interface KeychainThreadOptions {
  /** The built keychain-worker. */
  readonly modulePath: string;
  /** Used from then on where no thread can be had. */
  readonly otherwise: OpenKeychainEntry;
  /** Once, when no thread can be had. @param reason a code, never a secret. */
  readonly onNoThread: (reason: string) => void;
}

type Answer = Exclude<KeychainReply, { ready: true }>;

/**
 * The keychain on a thread of its own. The library waits for the Secret Service's answer on the thread that opens an entry, 2 s each time: a
 * keychain that hangs would hold up every timer of main, and with them the cover and the lock (S2).
 */
export function keychainOnAThread(options: KeychainThreadOptions): OpenKeychainEntry {
  let current: Promise<KeychainThread> | null = null;
  let hopeless = false;
  let nextId = 1;

  function thread(): Promise<KeychainThread> {
    current ??= KeychainThread.start(options.modulePath).then(
      (started) => {
        started.ended.then(() => {
          current = null;
        });
        return started;
      },
      (error: unknown) => {
        if (!hopeless) options.onNoThread(error instanceof Error && 'code' in error ? String(error.code) : 'no code');
        hopeless = true;
        throw error;
      },
    );
    return current;
  }

  return async (service, account) => {
    const running = hopeless ? null : await thread().catch(() => null);
    if (running === null) return await options.otherwise(service, account);
    const ask = async (operation: KeychainRequest['operation'], secret: string | null, signal?: AbortSignal) => {
      const answer = await running.ask({ id: nextId++, operation, service, account, secret }, signal);
      if (answer.ok) return answer.value;
      throw new Error(answer.words);
    };
    return {
      getPassword: async (signal) => passwordAnswer.parse(await ask('get', null, signal)),
      setPassword: async (secret, signal) => void (await ask('set', secret, signal)),
      deletePassword: async (signal) => deletedAnswer.parse(await ask('delete', null, signal)),
    };
  };
}

class KeychainThread {
  readonly ended: Promise<void>;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>();

  /** @throws when its code cannot be loaded. */
  static start(modulePath: string): Promise<KeychainThread> {
    const worker = new Worker(modulePath);
    return new Promise((resolve, reject) => {
      const ended = (code: number): void => reject(new Error(`the thread ended with ${code}`));
      worker.once('error', reject);
      worker.once('exit', ended);
      worker.once('message', () => {
        worker.off('error', reject);
        worker.off('exit', ended);
        resolve(new KeychainThread(worker));
      });
    });
  }

  private constructor(worker: Worker) {
    this.#worker = worker;
    // It must not keep an app alive that has nothing else to do.
    worker.unref();
    worker.on('message', (claimed: unknown) => {
      const reply = KeychainReplySchema.safeParse(claimed);
      if (!reply.success || 'ready' in reply.data) return;
      this.#waiting.get(reply.data.id)?.resolve(reply.data);
      this.#waiting.delete(reply.data.id);
    });
    this.ended = new Promise((resolve) => {
      const end = (): void => {
        for (const { reject } of this.#waiting.values()) reject(new Error('no connection to the keychain'));
        this.#waiting.clear();
        resolve();
      };
      worker.once('error', end);
      worker.once('exit', end);
    });
  }

  /** A request that is given up takes its thread along: what waits there for a keychain would be in the way of the next. */
  ask(request: KeychainRequest, signal?: AbortSignal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => void this.#worker.terminate();
      const settle = <T>(done: (outcome: T) => void) => {
        return (outcome: T): void => {
          signal?.removeEventListener('abort', giveUp);
          done(outcome);
        };
      };
      if (signal?.aborted === true) {
        reject(new Error('given up'));
        return;
      }
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#waiting.set(request.id, { resolve: settle(resolve), reject: settle(reject) });
      this.#worker.postMessage(request);
    });
  }
}
