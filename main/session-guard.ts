import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { logStep } from './app-log.ts';
import type { RecordFile } from './audit/record-file.ts';
import type { AuditEntry } from './core/audit-entry.ts';
import type { Clock } from './core/ports.ts';
import type { Shell } from './electron/shell.electron.ts';
import { createGatewayLink } from './link/gateway-link.ts';
import type { PresenceGatewayLink } from './link/presence-gateway-link.ts';
import { createOsAdapter } from './os/create-os-adapter.ts';
import { SYSTEM_BUS } from './os/linux/linux-adapter.ts';
import { createNetworkName } from './os/network-name/create-network-name.ts';
import type { PolicyInForce } from './policy-in-force.ts';
import { RecordKeeping } from './record-keeping.ts';
import { createGuard, type Guard } from './runtime/guard.ts';
import { createWakeUp, NODE_TIMERS } from './runtime/wake-up.ts';
import { startWatchdog } from './runtime/watchdog.ts';
import { SESSION_SERVICE_AWAY, watchOsSession } from './session-signals.ts';
import type { StandingProblems } from './standing-problems.ts';
import { describeWorkstation, lookAtNetworkAfter } from './workstation-description.ts';

/** The guard of this OS session: the rules on the system's own ports. */
export interface SessionGuard {
  readonly guard: Guard;
  readonly link: PresenceGatewayLink;
  readonly keeping: RecordKeeping;
  /** Observes the session and the passing of time, and tells the guard. @returns a function that stops that. */
  observe(): Promise<() => Promise<void>>;
  /** Gives up what the ports hold of the system. Only after the lock was seen: nothing can be locked any more. */
  close(): Promise<void>;
}

/** Joins guard, lock ladder, curtain, link and record. Connects to nothing and observes nothing by itself. */
export function createSessionGuard(options: {
  readonly shell: Pick<Shell, 'curtain' | 'notifier' | 'alarmBell' | 'powerMonitor'>;
  readonly policy: PolicyInForce['policy'];
  readonly record: RecordFile;
  readonly problems: StandingProblems;
  readonly deviceId: string;
  readonly appVersion: string;
  /** What the person calls it. Asked at each start of a session. */
  readonly workstationName: () => string;
  /** Recorded beside the machine: shows it too. */
  readonly onTold: (entry: AuditEntry) => void;
  readonly clock: Clock;
  readonly log: Logger;
}): SessionGuard {
  const { shell, policy, record, problems, clock, log } = options;
  const system = createOsAdapter(process.platform, {
    env: process.env,
    powerMonitor: shell.powerMonitor,
    onTrouble: (source, reason) => {
      log.warn({ source, reason }, 'not observed');
      if (source === SYSTEM_BUS) problems.set('service', SESSION_SERVICE_AWAY);
    },
    onSessionServiceBack: () => problems.set('service', null),
  });
  const networkName = createNetworkName(process.platform, process.env, (reason) =>
    log.info({ reason }, 'the name of the network is not known'),
  );
  const made: { link: PresenceGatewayLink | null } = { link: null };
  const guard = createGuard({
    runId: randomBytes(8).toString('hex'),
    policy,
    ports: (dispatch) => {
      made.link = createGatewayLink({
        connect: null,
        deviceId: options.deviceId,
        appVersion: options.appVersion,
        platform: platformName(),
        workstation: () => describeWorkstation(options.workstationName(), networkName, policy()),
        clock,
        dispatch,
        logger: log,
      });
      return {
        ladder: system.ladder,
        curtain: shell.curtain,
        link: made.link,
        notifier: shell.notifier,
        audit: record,
        alarm: shell.alarmBell,
        wakeUp: createWakeUp(clock, NODE_TIMERS),
        clock,
      };
    },
    onFault: (error) => {
      log.error({ err: error }, 'a rule failed; locking');
      keeping.ruleFailed();
    },
  });
  const { link } = made;
  if (link === null) throw new Error('no link was made');
  const keeping = new RecordKeeping({ record, guard, clock, log, onTold: options.onTold });

  let before = guard.current().state.name;
  guard.subscribe((step) => {
    logStep(log, step, before);
    if (step.event.type === 'os.locked') shell.alarmBell.silence();
    before = step.machine.state.name;
  });
  guard.subscribe(({ event }) => lookAtNetworkAfter(event, networkName));
  link.onReady(() => networkName.refresh());

  return {
    guard,
    link,
    keeping,
    async observe() {
      const stopWatching = await watchOsSession({
        guard,
        watch: system.watch,
        link,
        clock,
        log,
        onProblem: (problem) => problems.set('session', problem),
      });
      const stopWatchdog = startWatchdog({
        clock,
        timers: NODE_TIMERS,
        onTick: () => guard.dispatch({ type: 'timer.fired', at: clock.monotonicNow() }),
        onSlept: (gapMs) => {
          log.warn({ gapMs }, 'slept unannounced');
          link.reconnectNow();
          guard.dispatch({ type: 'os.resumed', at: clock.monotonicNow() });
        },
      });
      return async () => {
        await stopWatching();
        stopWatchdog();
      };
    },
    async close() {
      await link.close();
      await networkName.close();
      await system.ladder.dispose();
    },
  };
}

function platformName(): 'linux' | 'win32' | 'darwin' {
  const { platform } = process;
  if (platform === 'linux' || platform === 'win32' || platform === 'darwin') return platform;
  throw new Error(`sessions on ${platform} cannot be guarded`);
}
