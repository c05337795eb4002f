import { destination, type Logger, pino } from 'pino';
import type { GuardStep } from './runtime/guard.ts';

/**
 * The app's log: JSON lines on stderr. It names states, events, effects and causes; never a token, a user id, a session id, a
 * phone number or anything a page or a service sent as text.
 */
export function createAppLog(): Logger {
  const toStandardError = destination({ dest: 2, sync: true });
  // Whoever read it is gone (a closed terminal): guarding goes on, and there is nowhere left to say so.
  toStandardError.on('error', () => undefined);
  return pino({ name: 'presence-locker', base: {} }, toStandardError);
}

/** One line for each step that changed the state or acted; quiet polls are left out. */
export function logStep(log: Logger, { event, machine, effects }: GuardStep, before: string): void {
  const { state } = machine;
  const acted = effects.map(({ type }) => type).filter((type) => type !== 'schedule');
  if (state.name === before && acted.length === 0) return;
  const cause = 'cause' in state ? { cause: state.cause } : {};
  const evidence = 'evidence' in event ? { evidence: event.evidence } : {};
  const status =
    event.type === 'session.status' ? { status: typeof event.status === 'string' ? event.status : 'unknown' } : {};
  const failed = event.type === 'effect.failed' ? { effect: event.effect, reason: event.reason } : {};
  log.info(
    { step: event.type, state: state.name, ...cause, effects: acted, ...evidence, ...status, ...failed },
    'step',
  );
}
