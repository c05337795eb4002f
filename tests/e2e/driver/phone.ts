import { z } from 'zod';

const ACTION_TIMEOUT_MS = 10_000;
export type PhoneAction = 'register' | 'approve' | 'deny' | 'ignore' | 'leave' | 'return' | 'close';
const StateSchema = z.looseObject({});

/** The simulated phone, operated over HTTP as its page does. */
export class Phone {
  readonly page: string;

  /** @param page `<simulator>/phone/<userId>` */
  constructor(page: string) {
    this.page = page;
  }

  /** @throws with the simulator's sentence when the action makes no sense now. @returns wall time just before it was sent. */
  async act(action: PhoneAction): Promise<number> {
    const at = Date.now();
    const response = await fetch(`${this.page}/${action}`, {
      method: 'POST',
      signal: AbortSignal.timeout(ACTION_TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`phone ${action}: ${response.status} ${(await response.text()).slice(0, 200)}`);
    return at;
  }

  async state(): Promise<Readonly<Record<string, unknown>>> {
    const response = await fetch(`${this.page}/state`, { signal: AbortSignal.timeout(ACTION_TIMEOUT_MS) });
    return StateSchema.parse(await response.json());
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
