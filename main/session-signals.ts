import type { Logger } from 'pino';
import { assertNever } from '../protocol/result.ts';
import type { ViewModel } from '../protocol/view-model.ts';
import type { Clock, OsSignal } from './core/ports.ts';
import type { PresenceGatewayLink } from './link/presence-gateway-link.ts';
import type { SystemSessionWatch } from './os/os-adapter.ts';
import type { Guard } from './runtime/guard.ts';

const NOT_OBSERVED: NonNullable<ViewModel['problem']> = {
  code: 'SESSION_NOT_OBSERVED',
  title: 'This session cannot be watched',
  detail:
    'The system does not say whether the screen is locked, so no lock can be confirmed. Start Presence Locker again once the session service of this system runs.',
};

/** While the session service is away: nothing is less guarded, but one way of seeing locks and the warning before sleep are missing. */
export const SESSION_SERVICE_AWAY: NonNullable<ViewModel['problem']> = {
  code: 'SESSION_SERVICE_AWAY',
  title: 'The session service does not answer',
  detail:
    'Guarding goes on, and locks are asked for and looked for by other means. A lock before sleep may come too late. It is tried again by itself.',
};

/**
 * Carries what the OS reports to the guard. Sources that come and go are the watch's own business; where there is none at all the
 * person is told, and the session is verified like an unlocked one: guarding does not wait for it.
 * @returns a function that stops observing.
 */
export async function watchOsSession(options: {
  readonly guard: Guard;
  readonly watch: SystemSessionWatch;
  readonly link: Pick<PresenceGatewayLink, 'reconnectNow'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onProblem: (problem: NonNullable<ViewModel['problem']>) => void;
}): Promise<() => Promise<void>> {
  const { guard, watch, link, clock, log } = options;

  const tell = (signal: OsSignal): void => {
    // Before the rules see the wake-up: what the old socket still holds is old news (S6).
    if (signal.type === 'os.resumed') link.reconnectNow();
    guard.dispatch({ ...signal, at: clock.monotonicNow() });
    switch (signal.type) {
      case 'os.suspending':
        // Sleep waits until the lock is seen; where none was asked for there is nothing to wait for.
        if (guard.current().state.name !== 'locking') watch.sleepHandled();
        return;
      case 'os.locked':
      case 'os.unlocked':
      case 'os.resumed':
      case 'os.activity':
        return;
      default:
        assertNever(signal, 'OS signal');
    }
  };

  try {
    log.info({ found: await watch.start(tell) }, 'session observed');
  } catch (error) {
    log.error({ err: error }, 'the session cannot be observed');
    options.onProblem(NOT_OBSERVED);
  }
  return () => watch.stop();
}
