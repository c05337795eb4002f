import { request } from 'node:http';
import { z } from 'zod';

const ACTION_TIMEOUT_MS = 10_000;
export type PhoneAction = 'register' | 'approve' | 'deny' | 'ignore' | 'leave' | 'return' | 'close' | 'block';
const StateSchema = z.looseObject({});

/** The simulated phone, operated over HTTP as its page does. */
export class Phone {
  readonly page: string;
  readonly #socketPath: string | undefined;

  /** @param page `<simulator>/phone/<userId>` @param socketPath a way to the simulator where its address cannot be reached from here. */
  constructor(page: string, socketPath?: string) {
    this.page = page;
    this.#socketPath = socketPath;
  }

  /** @throws with the simulator's sentence when the action makes no sense now. @returns wall time just before it was sent. */
  async act(action: PhoneAction): Promise<number> {
    const at = Date.now();
    const { status, text } = await this.#ask('POST', action);
    if (status < 200 || status > 299) throw new Error(`phone ${action}: ${status} ${text.slice(0, 200)}`);
    return at;
  }

  async state(): Promise<Readonly<Record<string, unknown>>> {
    return StateSchema.parse(JSON.parse((await this.#ask('GET', 'state')).text));
  }

  #ask(method: 'GET' | 'POST', what: string): Promise<{ readonly status: number; readonly text: string }> {
    const address = `${this.page}/${what}`;
    const way = this.#socketPath === undefined ? {} : { socketPath: this.#socketPath };
    return new Promise((resolve, reject) => {
      const asked = request(address, { method, ...way, signal: AbortSignal.timeout(ACTION_TIMEOUT_MS) }, (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.once('error', reject);
        answer.once('end', () =>
          resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') }),
        );
      });
      asked.once('error', reject);
      asked.end();
    });
  }

  /** Does it as soon as it makes sense: a request takes a moment from the gateway to the phone. */
  async actOnceAsked(action: 'approve' | 'deny' | 'ignore', timeoutMs = ACTION_TIMEOUT_MS): Promise<number> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      try {
        return await this.act(action);
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    }
  }
}
