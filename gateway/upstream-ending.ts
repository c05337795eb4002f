import type { CancelTask, GatewayClock } from './clock.ts';
import { END_AT_SHUTDOWN_MS, END_ATTEMPTS, END_RETRY_FIRST_MS, END_RETRY_LONGEST_MS } from './limits.ts';
import type { GatewayLogger } from './logger.ts';
import type { SessionHandle } from './providers/provider.ts';
import type { Upstream } from './upstream.ts';

/** A session being ended at the service. */
export interface UpstreamEnding {
  /** No further attempts; resolves when the one under way is done or had its time. */
  stop(): Promise<void>;
}

/**
 * Ends a session at the service: best effort, repeated with back-off, bounded (the service closes a session by itself when the phone falls silent).
 * `onDone` is called when the service knows or every attempt failed — not after `stop`, so that a stored session is ended in the next run.
 */
export function endAtService(
  handle: SessionHandle,
  reason: string | undefined,
  ports: {
    readonly clock: GatewayClock;
    readonly upstream: Upstream;
    readonly logger: GatewayLogger;
    readonly random: () => number;
  },
  onDone: () => void,
): UpstreamEnding {
  const { clock, upstream, logger, random } = ports;
  let stopped = false;
  let cancelWait: CancelTask | null = null;
  let attempts = 0;
  let underWay: Promise<void> = attempt();

  async function attempt(): Promise<void> {
    attempts += 1;
    const ended = await upstream.call('end', (provider, signal) => provider.endSession(handle, signal, reason));
    if (ended.ok || attempts >= END_ATTEMPTS) {
      if (!ended.ok)
        logger.warn({ code: ended.error.code, attempts }, 'the service could not be told that a session is over');
      if (ended.ok || !stopped) onDone();
      return;
    }
    if (stopped) return;
    const waitMs = Math.min(END_RETRY_FIRST_MS * 2 ** (attempts - 1), END_RETRY_LONGEST_MS);
    cancelWait = clock.schedule(Math.max(waitMs * (0.5 + random() / 2), ended.error.retryAfterMs ?? 0), () => {
      underWay = attempt();
    });
  }

  return {
    async stop() {
      stopped = true;
      cancelWait?.();
      let cancel: CancelTask = () => undefined;
      const patience = new Promise<void>((resolve) => {
        cancel = clock.schedule(END_AT_SHUTDOWN_MS, resolve);
      });
      await Promise.race([underWay, patience]);
      cancel();
    },
  };
}
