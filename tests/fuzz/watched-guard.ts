import type { LockEvent, TransitionFunction } from '../../main/core/lock-types.ts';
import type { GatewayLink } from '../../main/core/ports.ts';
import { createGuard, type Guard } from '../../main/runtime/guard.ts';
import { createWakeUp } from '../../main/runtime/wake-up.ts';
import { DEFAULT_POLICY, type Policy } from '../../protocol/policy.ts';
import { HandMovedTime } from '../fakes/hand-moved-time.ts';
import { FuzzViolation } from './target.ts';

export const WHO = { userId: 'user-1', deviceId: 'device-1' } as const;

type Draft = LockEvent extends infer E ? (E extends LockEvent ? Omit<E, 'at'> : never) : never;

/** The real rules and the real guard, covering a workstation whose every opening is counted. */
export interface WatchedGuard {
  readonly guard: Guard;
  readonly time: HandMovedTime;
  tell(event: Draft): void;
  /** Times that the curtain was asked to come down or the session to be unlocked. */
  opened(): number;
  /** @throws FuzzViolation when it opened, or a rule threw. */
  mustBeShut(because: string): void;
}

const NO_LINK: GatewayLink = { startSession: done, endSession: done, setPolling: () => undefined };

async function done(): Promise<void> {
  // what it stands for would take effect elsewhere
}

/** Enrolled, unlocked by password, covered: where a way in would be worth the most. */
export function watchedGuard(
  options: {
    readonly policy?: Partial<Policy>;
    readonly link?: (dispatch: (event: LockEvent) => void) => GatewayLink;
    readonly time?: HandMovedTime;
    readonly rules?: TransitionFunction | undefined;
  } = {},
): WatchedGuard {
  const time = options.time ?? new HandMovedTime();
  const policy: Policy = { ...DEFAULT_POLICY, ...options.policy };
  let opened = 0;
  let fault: unknown = null;
  const open = async (): Promise<void> => {
    opened += 1;
  };
  const guard = createGuard({
    runId: 'fuzz',
    policy: () => policy,
    ports: (dispatch) => ({
      ladder: {
        rungs: ['only'],
        canUnlock: true,
        requestLock: done,
        requestUnlock: open,
        terminateSession: done,
        dispose: done,
      },
      curtain: { raise: done, lower: open, discard: done },
      link: options.link?.(dispatch) ?? NO_LINK,
      notifier: { notify: done, withdraw: done },
      audit: { append: done },
      alarm: { raise: done },
      wakeUp: createWakeUp(time, time),
      clock: time,
    }),
    onFault: (error) => {
      fault = error;
    },
    ...(options.rules === undefined ? {} : { rules: options.rules }),
  });
  const tell = (event: Draft): void => guard.dispatch({ ...event, at: time.monotonicNow() });
  tell({ type: 'os.unlocked', evidence: 'fuzz' });
  tell({ type: 'enrollment.changed', enrollment: WHO });
  return {
    guard,
    time,
    tell,
    opened: () => opened,
    mustBeShut(because) {
      if (fault !== null) throw new FuzzViolation('a rule threw', { cause: fault });
      if (opened > 0) throw new FuzzViolation(`it opened ${because}`);
    },
  };
}
