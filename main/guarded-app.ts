import { chmod, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import type { Logger } from 'pino';
import { createRecordFile } from './audit/record-file.ts';
import type { Clock } from './core/ports.ts';
import type { Shell, ShellBeginning } from './electron/shell.electron.ts';
import { lockFirst } from './lock-first.ts';
import { readDeviceId } from './os/device-id.ts';
import { pageHandlers } from './page-handlers.ts';
import { PersonalNames } from './personal-names.ts';
import { PolicyInForce } from './policy-in-force.ts';
import { exportRecord } from './record-export.ts';
import { RECORD_NOT_WRITTEN } from './record-keeping.ts';
import type { Guard } from './runtime/guard.ts';
import type { SentinelKeeper } from './sentinel/sentinel-keeper.ts';
import { createSessionGuard } from './session-guard.ts';
import { createDeathNotes } from './settings/death-notes.ts';
import { createFallbackDeviceId } from './settings/fallback-device-id.ts';
import { createGuardingSwitch } from './settings/guarding-switch.ts';
import { machinePolicyFile, recordFile } from './settings/places.ts';
import { administratorOf, createPolicyFiles } from './settings/policy-files.ts';
import { StandingProblems } from './standing-problems.ts';
import { joinSentinel } from './watched-guard.ts';
import { joinPages } from './what-is-shown.ts';
import { joinEnrollment } from './who-is-guarded.ts';

const owner = process.getuid === undefined ? null : { uid: process.getuid() };

/** What main/index.ts runs: everything that guards, joined. */
export interface GuardedApp {
  readonly guard: Guard;
  /** Observes the session and guards whoever is enrolled. */
  begin(): Promise<void>;
  /** Locks first. @throws when the lock is not seen; the app then goes on. */
  quit(): Promise<void>;
}

/**
 * Reads what lies on the disk, then makes every part and joins it to what it needs; no rule is here. Nothing is observed or guarded
 * before `begin`.
 */
export async function assemble({
  beginning,
  shell,
  sentinel,
  clock,
  log,
  keychainModule,
}: {
  readonly beginning: ShellBeginning;
  readonly shell: Shell;
  readonly sentinel: SentinelKeeper;
  readonly clock: Clock;
  readonly log: Logger;
  /** Built entry of the keychain's thread: out/main/keychain-worker.js. */
  readonly keychainModule: string;
}): Promise<GuardedApp> {
  const { lifecycle, installation } = beginning;
  const { userDataDirectory } = installation;
  // Readable by its owner only: the embedded gateway's socket may lie here, and who can reach it could ask for approvals.
  await mkdir(userDataDirectory, { recursive: true, mode: 0o700 });
  await chmod(userDataDirectory, 0o700);
  const policyFiles = createPolicyFiles({
    userDataDirectory,
    machinePolicyFile: machinePolicyFile(process.platform),
    user: owner,
    administrator: administratorOf(process.platform),
  });
  const inForce = await PolicyInForce.read(policyFiles, log);
  const { policy } = inForce;
  const deviceId = await readDeviceId(createFallbackDeviceId(userDataDirectory, owner));
  const names = new PersonalNames(deviceId, homedir());
  const problems = new StandingProblems();
  const record = createRecordFile(recordFile(userDataDirectory), {
    personal: () => names.data(),
    onWritable: (writable) => problems.set('record', writable ? null : RECORD_NOT_WRITTEN),
  });
  const guardingSwitch = createGuardingSwitch(userDataDirectory, owner);
  const switchFound = await guardingSwitch.read();
  const recorded = await record.recent().catch((error: unknown) => {
    log.error({ err: error }, 'the record could not be read');
    return [];
  });

  const session = createSessionGuard({
    shell,
    policy,
    record,
    problems,
    deviceId,
    appVersion: installation.version,
    workstationName: () => who.workstationName(),
    onTold: (entry) => shown.views.told(entry),
    clock,
    log,
  });
  const { guard, link, keeping } = session;
  const isHere = (): boolean => ['present', 'unenrolled'].includes(guard.current().state.name);
  const who = joinEnrollment({
    session,
    inForce,
    names,
    deviceId,
    shell,
    userDataDirectory,
    owner,
    keychainModule,
    switchFound,
    onSwitched: (disabledSinceWall) => shown.views.update({ disabledSinceWall }),
    onStuck: () => {
      log.error('disabled from a console, but no lock was seen; the app ends');
      const stopped = keeping.stopped('disabled from a console, and no lock was seen');
      void stopped
        .then(() => shell.close())
        .finally(() => sentinel.dismiss())
        .finally(() => lifecycle.exit(0));
    },
    mayChangeEnrollment: isHere,
    clock,
    log,
  });
  const { enrollment, gate } = who;
  const shown = joinPages({ shell, session, who, inForce, problems, recorded, clock, log });
  const { views } = shown;
  const watched = joinSentinel({
    sentinel,
    guard,
    clock,
    notes: createDeathNotes(userDataDirectory, owner),
    keeping,
    log,
    onProblem: (problem) => problems.set('sentinel', problem),
  });
  void keeping.started(installation.version, inForce.reading, recorded);
  if (gate.offSinceWall !== null) void keeping.switched(gate.offSinceWall, 'found so at the start');

  shell.open({
    handlers: pageHandlers({
      guard,
      clock,
      view: () => views.view(),
      enrollment,
      link,
      codeDoor: who.codeDoor,
      policyFiles,
      policy: () => inForce.reading,
      loginItem: shell.loginItem,
      copyText: (text) => shell.links.copy(text),
      exportRecord: () =>
        exportRecord({
          record,
          keeping,
          ask: (suggestedName) => shell.saveDialog.ask(suggestedName),
          state: () => guard.current().state.name,
          wallNow: () => clock.wallNow(),
        }),
      mayChangeSettings: isHere,
      reloadPolicy: () => inForce.reload(),
    }),
    trayActions: {
      lockNow: () => guard.dispatch({ type: 'user.lockNow', from: 'tray', at: clock.monotonicNow() }),
      pause: (minutes) => guard.dispatch({ type: 'user.pause', minutes, at: clock.monotonicNow() }),
      askAgain: () => guard.dispatch({ type: 'user.retry', at: clock.monotonicNow() }),
      openTrialPhone: () => void enrollment.openPhonePage(),
    },
  });
  shell.publish.view(views.view());

  const stops: (() => void | Promise<void>)[] = [];
  return {
    guard,
    async begin() {
      const stopFollowing = await inForce.follow(guard, clock, (before, now) => {
        void keeping.policyChanged(before, now);
        shown.settingsChanged();
      });
      stops.push(stopFollowing);
      stops.push(await guardingSwitch.watch((marker) => void gate.follow(marker)));
      stops.push(await session.observe());
      await enrollment.resume();
      await watched.begin();
      if (enrollment.record() === null) shell.windows.open('enrollment');
    },
    async quit() {
      if (!(await lockFirst(guard, 'quit', { clock, policy }))) throw new Error('the lock was not seen');
      for (const stop of stops) await stop();
      await session.close();
      await enrollment.close();
      await keeping.stopped('asked to quit');
      await shell.close();
      await sentinel.dismiss();
      lifecycle.exit(0);
    },
  };
}
