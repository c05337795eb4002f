import type { Capabilities } from '../../protocol/frames.ts';
import type { PolicyOverride } from '../../protocol/policy.ts';
import { err, type Result } from '../../protocol/result.ts';
import type { LinkFailure } from './down-reason.ts';
import type { PresenceGatewayLink } from './presence-gateway-link.ts';
import type { LinkTimers } from './timers.ts';

/** Whoever wants to hear of the gateway itself, and whoever waits for it. */
export interface GatewayNews extends Pick<PresenceGatewayLink, 'onReady' | 'onRefused' | 'onPolicy'> {
  ready(capabilities: Capabilities, policy: PolicyOverride | null): void;
  refused(why: LinkFailure): void;
  policy(policy: PolicyOverride): void;
  /** Resolves at the next `settle`, or with what `inVain` says when the time is over. Never rejects. */
  wait(timeoutMs: number, inVain: () => LinkFailure): Promise<Result<Capabilities, LinkFailure>>;
  settle(outcome: Result<Capabilities, LinkFailure>): void;
}

export function createGatewayNews(timers: LinkTimers): GatewayNews {
  const ready = createListeners<[Capabilities, PolicyOverride | null]>();
  const refused = createListeners<[LinkFailure]>();
  const policy = createListeners<[PolicyOverride]>();
  const waiting = new Set<(outcome: Result<Capabilities, LinkFailure>) => void>();
  return {
    onReady: ready.add,
    onRefused: refused.add,
    onPolicy: policy.add,
    ready: ready.tell,
    refused: refused.tell,
    policy: policy.tell,
    wait: (timeoutMs, inVain) =>
      new Promise((resolve) => {
        const settle = (outcome: Result<Capabilities, LinkFailure>) => {
          waiting.delete(settle);
          cancelTimeout();
          resolve(outcome);
        };
        const cancelTimeout = timers.after(timeoutMs, () => settle(err(inVain())));
        waiting.add(settle);
      }),
    settle(outcome) {
      for (const settle of [...waiting]) settle(outcome);
    },
  };
}

function createListeners<News extends readonly unknown[]>() {
  const listeners = new Set<(...news: News) => void>();
  return {
    /** @returns a function that stops listening. */
    add(listener: (...news: News) => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    tell(...news: News): void {
      for (const listener of listeners) listener(...news);
    },
  };
}
