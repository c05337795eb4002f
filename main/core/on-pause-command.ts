import type { LockEvent, Machine, Transition } from './lock-types.ts';
import { become, endSessions, type Moment, stay, withdrawNotices } from './step.ts';
import { proofFromSession } from './unlock-proof.ts';

/**
 * The phone granted a pause that nobody asked for here. It lengthens what is open and opens nothing: heeded only while somebody is
 * present on that very session with a lease that still runs, so never beneath a cover, during a grace or a lock, and never twice — the
 * session ends with it. How long is this workstation's policy to say, not the gateway's.
 */
export function onPauseCommand(
  machine: Machine,
  claimed: Extract<LockEvent, { type: 'gateway.pauseCommand' }>,
  { now, policy }: Moment,
): Transition {
  const { state } = machine;
  if (state.name !== 'present' || state.presence.kind !== 'session') return stay(machine);
  const { session } = state.presence;
  if (session.sessionId !== claimed.sessionId) return stay(machine);
  if (proofFromSession(session, machine.context, now) === null) return stay(machine);
  const minutes = Math.min(claimed.minutes, policy.maxPauseMinutes);
  if (!(minutes > 0)) return stay(machine);
  return become(machine, { name: 'paused', since: now, until: now + minutes * 60_000 }, [
    ...withdrawNotices(state),
    ...endSessions(state, 'paused'),
    { type: 'notify', notification: { kind: 'paused', minutes } },
    { type: 'audit', entry: { what: 'paused', minutes, grantedFrom: 'phone' } },
  ]);
}
