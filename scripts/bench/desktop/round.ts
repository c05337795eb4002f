import { setTimeout as delay } from 'node:timers/promises';
import type { GuardedDesktop } from '../../../tests/e2e/driver/guarded-desktop.ts';
import { SOON_MS } from '../../../tests/e2e/driver/patience.ts';

/** What one unlock, approval and closed session took. Milliseconds. */
export interface Round {
  readonly unlockToPaintedMs: number;
  readonly approvalToGoneMs: number;
  readonly closedToRequestedMs: number;
  readonly closedToLockedMs: number;
}

/** The person’s phone, or whatever stands for the service: does it and tells the wall time just before. */
export interface Service {
  approve(): Promise<number>;
  close(): Promise<number>;
}

/**
 * From a locked desktop to a locked one. What the app saw is told by the time of its own log lines, which are whole milliseconds.
 * @param displays that must be painted.
 * @param waits time before the phone approves, and time in `present` before the session is closed, both in milliseconds.
 */
export async function oneRound(
  guarded: GuardedDesktop,
  service: Service,
  displays: number,
  waits: { readonly approvalMs: number; readonly presentMs: number },
): Promise<Round> {
  const { app } = guarded;
  const from = app.mark;
  const unlockedAt = await guarded.unlockByHand();
  const painted = await app.until(({ msg }) => msg === 'curtain painted', 'the curtain is painted', SOON_MS, from);
  if (painted['windows'] !== displays)
    throw new Error(`${String(painted['windows'])} of ${displays} displays are covered`);
  await delay(waits.approvalMs);
  const approvedAt = await service.approve();
  await app.untilState('present', SOON_MS, from);
  await guarded.untilCovered(false);
  const goneAt = await guarded.lastHiddenAtWall();
  await delay(waits.presentMs);
  const closedAt = await service.close();
  const requested = await app.until(
    ({ effects }) => effects?.includes('requestLock') === true,
    'a lock is requested',
    SOON_MS,
    from,
  );
  const locked = await app.untilState('locked', SOON_MS, from);
  if (!(await guarded.lockerRuns())) throw new Error('the app says locked and no locker runs');
  return {
    unlockToPaintedMs: painted.time - unlockedAt,
    approvalToGoneMs: goneAt - approvedAt,
    closedToRequestedMs: requested.time - closedAt,
    closedToLockedMs: locked.time - closedAt,
  };
}
