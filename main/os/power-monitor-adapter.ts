import type { PowerMonitorSource } from '../core/ports.ts';
import { LadderOfRungs, type LockRung } from './ladder-of-rungs.ts';
import type { LockSource } from './lock-source.ts';
import type { OsAdapter, OsAdapterOptions } from './os-adapter.ts';
import { PowerMonitorLockSource } from './power-monitor-lock-source.ts';
import { SessionWatchOfSources } from './session-watch-of-sources.ts';
import { UserActivitySource } from './user-activity-source.ts';

/** What Windows and macOS have in common: Electron observes, nobody but the person can unlock (OS-NOTES). */
export function createPowerMonitorAdapter(
  power: PowerMonitorSource,
  platform: { readonly source: LockSource; readonly rungs: readonly LockRung[] },
  options: Pick<OsAdapterOptions, 'onTrouble'>,
): OsAdapter {
  const now = (): number => performance.now();
  const activity = new UserActivitySource([async () => power.getSystemIdleTime() * 1_000], now);
  const watch = new SessionWatchOfSources([new PowerMonitorLockSource(power, now), platform.source, activity], {
    onSignal: (signal) => {
      if (signal.type === 'os.locked') activity.lockStateChanged('locked');
      if (signal.type === 'os.unlocked') activity.lockStateChanged('unlocked');
    },
    ...(options.onTrouble === undefined ? {} : { onSourceUnavailable: options.onTrouble }),
  });
  return {
    ladder: new LadderOfRungs({ rungs: platform.rungs, unlock: null, watch }),
    watch: {
      start: (listener) => watch.start(listener),
      stop: () => watch.stop(),
      expectChange: (expected) => watch.expectChange(expected),
      sleepHandled: () => undefined,
    },
  };
}
