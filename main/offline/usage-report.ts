import type { LockEvent, Machine } from '../core/lock-types.ts';
import type { Clock, Dispatch } from '../core/ports.ts';
import type { OfflineCodes } from './offline-codes.ts';

/** A keychain that does not answer is not asked again with every poll. */
const RETRY_AFTER_MS = 60_000;

/**
 * Watches for the service's first answer after codes were used, and has the person told what happened without the phone. What has
 * to be told is kept with the codes, so that a restart in between loses nothing.
 * @returns what to call at each step of the machine.
 */
export function createUsageReport(options: {
  readonly codes: Pick<OfflineCodes, 'report'>;
  readonly clock: Clock;
  readonly dispatch: Dispatch;
  readonly onFailed: () => void;
}): (step: { readonly event: LockEvent; readonly machine: Machine }) => void {
  const { codes, clock, dispatch, onFailed } = options;
  let notBefore = 0;
  let underWay = false;
  return ({ event, machine }) => {
    const { enrollment, lastHeardAt } = machine.context;
    if (event.type !== 'session.status' || lastHeardAt !== event.at || enrollment === null) return;
    if (underWay || event.at < notBefore) return;
    underWay = true;
    const tell: Parameters<typeof codes.report>[1] = (untold) =>
      dispatch({
        type: 'offlineCode.noted',
        at: clock.monotonicNow(),
        note: { what: 'offline-codes-reported', ...untold },
      });
    codes
      .report(enrollment.userId, tell)
      .catch(() => {
        notBefore = clock.monotonicNow() + RETRY_AFTER_MS;
        onFailed();
      })
      .finally(() => {
        underWay = false;
      });
  };
}
