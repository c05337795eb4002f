import type { LockLadder, OsSessionWatch, OsSignal } from '../core/ports.ts';
import { LADDER_REST_MS, RUNG_CONFIRM_MS, WATCH_START_TIMEOUT_MS } from './limits.ts';
import { pause, type SentinelLog, type SentinelTimers } from './sentinel-ports.ts';

/** A lock that is asked for until it is seen (S3). */
export interface LockPursuit {
  /** Resolves once a lock is observed; `already`: before any was asked for. Never rejects; stays pending when stopped before. */
  readonly locked: Promise<{ readonly already: boolean }>;
  /** Whether a lock was observed, at any time since. */
  readonly seen: boolean;
  /** Resolves when the lock that was observed ended. */
  untilUnlocked(): Promise<void>;
  /** Asks for nothing more and releases the session watch; a locker that runs is left alone. Idempotent. */
  stop(): Promise<void>;
}

/** Begins at once. @param makeAdapter is called once; ladder and watch belong together. */
export function pursueLock(options: {
  readonly makeAdapter: () => { readonly watch: OsSessionWatch; readonly ladder: LockLadder };
  readonly timers: SentinelTimers;
  readonly log: SentinelLog;
}): LockPursuit {
  const { timers, log } = options;
  const { watch, ladder } = options.makeAdapter();
  const locked = Promise.withResolvers<{ readonly already: boolean }>();
  const unlocked = Promise.withResolvers<void>();
  const stopping = Promise.withResolvers<void>();
  let asked = false;
  let seen = false;
  let stopped = false;
  let stop: Promise<void> | null = null;

  const hear = (signal: OsSignal): void => {
    if (signal.type === 'os.locked' && !seen) {
      seen = true;
      log.info({ evidence: signal.evidence }, 'sentinel: lock observed');
      locked.resolve({ already: !asked });
    }
    if (signal.type === 'os.unlocked' && seen) unlocked.resolve();
  };

  const observing = watch.start(hear).then(
    () => undefined,
    (cause: unknown) => log.warn({ err: cause }, 'sentinel: the session cannot be observed'),
  );
  const over = Promise.race([locked.promise.then(() => undefined), stopping.promise]);

  async function climb(): Promise<void> {
    // A bus that does not answer must not hold up the lock.
    await Promise.race([observing, pause(timers, WATCH_START_TIMEOUT_MS)]);
    while (!seen && !stopped) {
      for (const [rung, name] of ladder.rungs.entries()) {
        if (seen || stopped) return;
        asked = true;
        const refused = Promise.withResolvers<void>();
        ladder.requestLock(rung).catch((cause: unknown) => {
          log.warn({ rung: name, reason: cause instanceof Error ? cause.message : 'unknown' }, 'sentinel: rung failed');
          refused.resolve();
        });
        await Promise.race([over, refused.promise, pause(timers, RUNG_CONFIRM_MS)]);
      }
      await Promise.race([over, pause(timers, LADDER_REST_MS)]);
    }
  }
  climb().catch((cause: unknown) => log.error({ err: cause }, 'sentinel: the lock could not be pursued'));

  return {
    locked: locked.promise,
    get seen() {
      return seen;
    },
    untilUnlocked: () => unlocked.promise,
    stop() {
      stopped = true;
      stopping.resolve();
      stop ??= observing.then(() => watch.stop());
      return stop;
    },
  };
}
