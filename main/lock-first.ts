import type { Policy } from '../protocol/policy.ts';
import type { Clock } from './core/ports.ts';
import type { Guard } from './runtime/guard.ts';

/** Longest wait for the lock before quitting: two climbs of the longest ladder at the default `lockConfirmMs`. */
export const LOCK_BEFORE_QUIT_TIMEOUT_MS = 20_000;

/**
 * Locks before guarding ends. Resolves once the OS lock is seen, nothing is guarded, or policy lets one leave unlocked from a
 * proven state.
 * @returns whether the workstation is left as it should be; false when no lock could be seen in time.
 */
export function lockFirst(
  guard: Guard,
  from: 'quit' | 'disable',
  options: { readonly clock: Clock; readonly policy: () => Policy; readonly timeoutMs?: number },
): Promise<boolean> {
  const settled = (): boolean => ['locked', 'unenrolled'].includes(guard.current().state.name);
  const mayLeaveUnlocked = (): boolean =>
    from === 'quit' && options.policy().allowQuitUnlocked && ['present', 'paused'].includes(guard.current().state.name);
  if (settled() || mayLeaveUnlocked()) return Promise.resolve(true);
  return new Promise((resolve) => {
    const end = (locked: boolean): void => {
      clearTimeout(timer);
      stopListening();
      resolve(locked);
    };
    const timer = setTimeout(() => end(false), options.timeoutMs ?? LOCK_BEFORE_QUIT_TIMEOUT_MS);
    const stopListening = guard.subscribe(() => {
      if (settled()) end(true);
    });
    guard.dispatch({ type: 'user.lockNow', from, at: options.clock.monotonicNow() });
  });
}
