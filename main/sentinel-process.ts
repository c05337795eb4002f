import { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Clock, PowerMonitorSource } from './core/ports.ts';
import { beginSentinelShell, hideSentinel, type SentinelShell } from './electron/sentinel-shell.electron.ts';
import { createOsAdapter } from './os/create-os-adapter.ts';
import { koffiNativeCalls } from './os/native-calls.ts';
import { requestSessionNotifications } from './os/windows/session-notification.ts';
import { NODE_TIMERS } from './runtime/wake-up.ts';
import { displayIsGone } from './sentinel/display-socket.ts';
import { LOCK_BEFORE_LEAVING_MS, silentLooksUntilHung, WIRE_DESCRIPTOR } from './sentinel/limits.ts';
import { type LockPursuit, pursueLock } from './sentinel/lock-pursuit.ts';
import { ownCommand, ROLE_FLAGS } from './sentinel/own-command.ts';
import { watchOverMain } from './sentinel/sentinel.ts';
import { pause, type SentinelPorts, type WatchedMain } from './sentinel/sentinel-ports.ts';
import { type ProcessOnWire, startWithWire } from './sentinel/start-with-wire.ts';
import { wireOver } from './sentinel/wire.ts';
import { createDeathNotes } from './settings/death-notes.ts';
import { createEnrollmentRecordFile } from './settings/enrollment-record.ts';
import { createGuardingSwitch } from './settings/guarding-switch.ts';
import { machinePolicyFile } from './settings/places.ts';
import { administratorOf, createPolicyFiles } from './settings/policy-files.ts';

/** Exit codes of the sentinel; nobody but a service manager reads them. */
export const SENTINEL_EXIT_CODES = { done: 0, noWire: 2, notLocked: 3 } as const;

const owner = process.getuid === undefined ? null : { uid: process.getuid() };

/** The same program in one of its roles (main/sentinel/own-command.ts). */
export const commandOf = (role: 'sentinel' | 'watched') =>
  ownCommand({ ...processFacts(), fromSources: 'defaultApp' in process }, role);

function processFacts() {
  const { platform, execPath, execArgv, argv, env } = process;
  return { platform, execPath, execArgv, argv, env };
}

/** The wire that this process inherited. @throws when there is none: it was started by hand. */
export function inheritedWire(): ProcessOnWire {
  const parent = process.ppid;
  return {
    wire: wireOver(new Socket({ fd: WIRE_DESCRIPTOR, readable: true, writable: true })),
    processId: parent,
    kill: () => {
      // Windows never changes it; there the open wire says that the parent lives.
      if (process.ppid === parent) process.kill(parent, 'SIGKILL');
    },
  };
}

/**
 * The process that outlives main (ADR 0016). Linux: to be awaited while the entry module is evaluated, so that Electron never gets ready
 * and this stays small. Elsewhere it must not be, because the lock is observed through a ready Electron.
 * @returns the exit code. Never rejects.
 */
export async function runSentinel(clock: Clock, appLog: Logger): Promise<number> {
  const log = appLog.child({ role: 'sentinel' });
  try {
    const shell = beginSentinelShell({
      platform: process.platform,
      registerSessionNotification: (handle) =>
        requestSessionNotifications(handle, koffiNativeCalls, (source, reason) =>
          log.warn({ source, reason }, 'not observed'),
        ),
    });
    let powerMonitor: PowerMonitorSource | undefined;
    if (process.platform !== 'linux') {
      hideSentinel(shell);
      powerMonitor = await shell.whenReady();
    }
    const ports = sentinelPorts(shell, powerMonitor, clock, log);
    if (process.argv.includes(ROLE_FLAGS.afterDeath)) return await lockAfterDeath(ports);
    const inherited = inheritedWire();
    log.info({}, 'sentinel: watching');
    await watchOverMain(watched(inherited), ports);
    return SENTINEL_EXIT_CODES.done;
  } catch (error) {
    log.error({ err: error }, 'sentinel: cannot watch');
    return SENTINEL_EXIT_CODES.noWire;
  }
}

function watched({ wire, processId, kill }: ProcessOnWire): WatchedMain {
  return {
    wire,
    processId,
    kill: (claimedProcessId) => {
      if (claimedProcessId === null) kill();
      else process.kill(claimedProcessId, 'SIGKILL');
    },
  };
}

function sentinelPorts(
  { userDataDirectory }: SentinelShell,
  powerMonitor: PowerMonitorSource | undefined,
  clock: Clock,
  log: Logger,
): SentinelPorts {
  const enrollment = createEnrollmentRecordFile(userDataDirectory, owner);
  const guardingSwitch = createGuardingSwitch(userDataDirectory, owner);
  const policies = createPolicyFiles({
    userDataDirectory,
    machinePolicyFile: machinePolicyFile(process.platform),
    user: owner,
    administrator: administratorOf(process.platform),
  });
  const notes = createDeathNotes(userDataDirectory, owner);
  const makeAdapter = () =>
    createOsAdapter(process.platform, {
      env: process.env,
      ...(powerMonitor === undefined ? {} : { powerMonitor }),
      onTrouble: (source, reason) => log.warn({ source, reason }, 'not observed'),
    });
  return {
    clock,
    timers: NODE_TIMERS,
    log,
    async mustLock(said) {
      // Said by main: `disable` locks before it stops guarding, so a marker beside a main that guarded is no reason not to.
      if (said) return true;
      const kept = await enrollment.read();
      const enrolled = kept.kind === 'invalid' || (kept.kind === 'valid' && kept.value.registered);
      if (!enrolled) return false;
      const off = !(await guardingSwitch.read()).guarding;
      return !(off && (await policies.read()).policy.allowDisable);
    },
    pursueLock: () => pursueLock({ makeAdapter, timers: NODE_TIMERS, log }),
    startMain: async () => watched(await startWithWire(commandOf('watched'), process.env)),
    sessionIsOver: () => displayIsGone(process.env),
    leaveNote: (death) => notes.leave(death),
    silentLooksUntilHung: silentLooksUntilHung(process.platform),
    restartedBySystemd: process.argv.includes(ROLE_FLAGS.restartedBySystemd),
  };
}

/** systemd ran this because the service ended (ExecStopPost): the last net, for when main and sentinel died together. */
async function lockAfterDeath(ports: SentinelPorts): Promise<number> {
  // Set by systemd for ExecStopPost (systemd.exec); `success`: it ended as it was asked to.
  if (process.env['SERVICE_RESULT'] === 'success') return SENTINEL_EXIT_CODES.done;
  if (!(await ports.mustLock(false))) return SENTINEL_EXIT_CODES.done;
  const atWall = ports.clock.wallNow();
  const began = ports.clock.monotonicNow();
  const pursuit: LockPursuit = ports.pursueLock();
  const late = pause(ports.timers, LOCK_BEFORE_LEAVING_MS).then(() => null);
  const seen = await Promise.race([pursuit.locked, late]);
  await pursuit.stop();
  if (seen?.already === true) return SENTINEL_EXIT_CODES.done;
  const lockedAfterMs = seen === null ? null : Math.round(ports.clock.monotonicNow() - began);
  await ports.leaveNote({ how: 'ended', atWall, lock: seen === null ? 'not-seen' : 'seen', lockedAfterMs });
  return seen === null ? SENTINEL_EXIT_CODES.notLocked : SENTINEL_EXIT_CODES.done;
}
