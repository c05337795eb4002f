import { randomBytes } from 'node:crypto';
import { chmod, mkdir } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { EnrollmentView, ViewModel } from '../protocol/view-model.ts';
import { logStep } from './app-log.ts';
import { createRecordFile } from './audit/record-file.ts';
import type { Clock } from './core/ports.ts';
import type { Shell, ShellBeginning } from './electron/shell.electron.ts';
import { createEnrollmentFlow } from './enrollment/enrollment-flow.ts';
import { GuardingGate } from './guarding-gate.ts';
import { createGatewayLink } from './link/gateway-link.ts';
import type { PresenceGatewayLink } from './link/presence-gateway-link.ts';
import { systemTimers } from './link/timers.ts';
import { lockFirst } from './lock-first.ts';
import { createCodeDoor } from './offline/code-door.ts';
import { createOfflineCodes } from './offline/offline-codes.ts';
import { scryptOfRecoveryCode } from './offline/recovery-code.ts';
import { createUsageReport } from './offline/usage-report.ts';
import { createOsAdapter } from './os/create-os-adapter.ts';
import { readDeviceId } from './os/device-id.ts';
import { SYSTEM_BUS } from './os/linux/linux-adapter.ts';
import { createNetworkName } from './os/network-name/create-network-name.ts';
import { pageHandlers } from './page-handlers.ts';
import { PersonalNames } from './personal-names.ts';
import { PolicyInForce } from './policy-in-force.ts';
import { exportRecord } from './record-export.ts';
import { RECORD_NOT_WRITTEN, RecordKeeping } from './record-keeping.ts';
import { createGuard, type Guard } from './runtime/guard.ts';
import { createWakeUp, NODE_TIMERS } from './runtime/wake-up.ts';
import { startWatchdog } from './runtime/watchdog.ts';
import { createKeychain, openSystemEntry } from './secrets/keychain.ts';
import { keychainOnAThread } from './secrets/keychain-thread.ts';
import type { SentinelKeeper } from './sentinel/sentinel-keeper.ts';
import { SESSION_SERVICE_AWAY, watchOsSession } from './session-signals.ts';
import { createDeathNotes } from './settings/death-notes.ts';
import { createEnrollmentRecordFile } from './settings/enrollment-record.ts';
import { createFallbackDeviceId } from './settings/fallback-device-id.ts';
import { createGuardingSwitch } from './settings/guarding-switch.ts';
import { embeddedGatewaySocket, machinePolicyFile, recordFile } from './settings/places.ts';
import { administratorOf, createPolicyFiles, type PolicyReading } from './settings/policy-files.ts';
import { settingsView } from './settings/settings-view.ts';
import { ViewPublisher } from './view-publisher.ts';
import { joinSentinel } from './watched-guard.ts';
import { describeWorkstation, lookAtNetworkAfter } from './workstation-description.ts';

const owner = process.getuid === undefined ? null : { uid: process.getuid() };

/** What main/index.ts runs: everything that guards, joined. */
export interface GuardedApp {
  readonly guard: Guard;
  /** Observes the session and guards whoever is enrolled. */
  begin(): Promise<void>;
  /** Locks first. @throws when the lock is not seen; the app then goes on. */
  quit(): Promise<void>;
}

/** Makes every part and joins it to what it needs; no rule is here. Nothing is observed or guarded before `begin`. */
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
  const files = {
    userDataDirectory,
    machinePolicyFile: machinePolicyFile(process.platform),
    user: owner,
    administrator: administratorOf(process.platform),
  };
  const policyFiles = createPolicyFiles(files);
  const inForce = await PolicyInForce.read(policyFiles, log);
  const { policy } = inForce;
  const deviceId = await readDeviceId(createFallbackDeviceId(userDataDirectory, owner));
  const names = new PersonalNames(deviceId, homedir());
  const problems: Record<'session' | 'service' | 'record' | 'sentinel', ViewModel['problem']> = {
    session: null,
    service: null,
    record: null,
    sentinel: null,
  };
  const showProblem = (kind: keyof typeof problems, problem: ViewModel['problem']): void => {
    problems[kind] = problem;
    views.update({ problem: problems.session ?? problems.service ?? problems.record ?? problems.sentinel });
  };
  const record = createRecordFile(recordFile(userDataDirectory), {
    personal: () => names.data(),
    onWritable: (writable) => showProblem('record', writable ? null : RECORD_NOT_WRITTEN),
  });
  const { watch, ladder } = createOsAdapter(process.platform, {
    env: process.env,
    powerMonitor: shell.powerMonitor,
    onTrouble: (source, reason) => {
      log.warn({ source, reason }, 'not observed');
      if (source === SYSTEM_BUS) showProblem('service', SESSION_SERVICE_AWAY);
    },
    onSessionServiceBack: () => showProblem('service', null),
  });

  const networkName = createNetworkName(process.platform, process.env, (reason) =>
    log.info({ reason }, 'the name of the network is not known'),
  );
  /** What the person calls it, on their phone and on the curtain alike; nothing else says that the two are about one workstation. */
  const workstationName = (): string => enrollment.record()?.displayName || hostname();
  const link: { current: PresenceGatewayLink | null } = { current: null };
  const guard = createGuard({
    runId: randomBytes(8).toString('hex'),
    policy,
    ports: (dispatch) => {
      link.current = createGatewayLink({
        connect: null,
        deviceId,
        appVersion: installation.version,
        platform: platformName(),
        workstation: () => describeWorkstation(workstationName(), networkName, policy()),
        clock,
        dispatch,
        logger: log,
      });
      return {
        ladder,
        curtain: shell.curtain,
        link: link.current,
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
  if (link.current === null) throw new Error('no link was made');
  const gatewayLink = link.current;
  let before = guard.current().state.name;
  guard.subscribe((step) => {
    logStep(log, step, before);
    if (step.event.type === 'os.locked') shell.alarmBell.silence();
    before = step.machine.state.name;
  });

  const keeping = new RecordKeeping({ record, guard, clock, log, onTold: (entry) => views.told(entry) });
  const guardingSwitch = createGuardingSwitch(userDataDirectory, owner);
  const gate = new GuardingGate(
    {
      guard,
      clock,
      policy,
      onSwitched: (disabledSinceWall) => {
        views.update({ disabledSinceWall });
        void keeping.switched(disabledSinceWall, 'from a console');
      },
      onStuck: () => {
        log.error('disabled from a console, but no lock was seen; the app ends');
        const recorded = keeping.stopped('disabled from a console, and no lock was seen');
        void recorded
          .then(() => shell.close())
          .finally(() => sentinel.dismiss())
          .finally(() => lifecycle.exit(0));
      },
    },
    await guardingSwitch.read(),
  );
  const recorded = await record.recent().catch((error: unknown) => {
    log.error({ err: error }, 'the record could not be read');
    return [];
  });
  const views: ViewPublisher = new ViewPublisher(
    { guard, clock, policy, publish: (view) => shell.publish.view(view) },
    {
      workstation: hostname(),
      capabilities: null,
      via: 'this computer',
      trial: false,
      disabledSinceWall: gate.offSinceWall,
      problem: null,
      recoveryCodes: false,
      withoutGateway: null,
    },
    recorded,
  );
  void keeping.started(installation.version, inForce.reading, recorded);
  if (gate.offSinceWall !== null) void keeping.switched(gate.offSinceWall, 'found so at the start');

  const watched = joinSentinel({
    sentinel,
    guard,
    clock,
    notes: createDeathNotes(userDataDirectory, owner),
    keeping,
    log,
    onProblem: (problem) => showProblem('sentinel', problem),
  });

  const secrets = createKeychain({
    openEntry: keychainOnAThread({
      modulePath: keychainModule,
      otherwise: openSystemEntry,
      onNoThread: (reason) => log.warn({ reason }, 'no thread for the keychain: one that hangs will hold up the app'),
    }),
  });
  const offlineCodes = createOfflineCodes({ secrets, clock, randomBytes, hash: scryptOfRecoveryCode });
  guard.subscribe(
    createUsageReport({
      codes: offlineCodes,
      clock,
      dispatch: guard.dispatch,
      onFailed: () => log.warn('what codes were used for could not be told'),
    }),
  );

  const isHere = (): boolean => ['present', 'unenrolled'].includes(guard.current().state.name);
  const enrollment = createEnrollmentFlow({
    link: gatewayLink,
    processes: shell.processes,
    secrets,
    records: createEnrollmentRecordFile(userDataDirectory, owner),
    codes: offlineCodes,
    codesRequired: () => policy().offline === 'code',
    workstation: hostname(),
    clock,
    timers: systemTimers,
    dispatch: (event) => {
      names.heard(event);
      gate.dispatch(event);
      // What a gateway asked for does not outlive the enrollment with it.
      if (event.type === 'enrollment.changed' && event.enrollment === null) inForce.keepGatewayPolicy(null);
    },
    deviceId,
    embedded: {
      socketPath: embeddedGatewaySocket(
        { platform: process.platform, env: process.env, homeDirectory: homedir() },
        userDataDirectory,
      ),
      storeDirectory: join(userDataDirectory, 'sessions'),
    },
    leaseMs: () => policy().leaseMs,
    mayChangeEnrollment: isHere,
    copyText: (text) => shell.links.copy(text),
    openInBrowser: async (url) => shell.trialPhone.open(url),
    logger: log,
  });
  enrollment.onChange((view) => {
    const kept = enrollment.record();
    names.enrolled(kept);
    views.update({
      workstation: workstationName(),
      trial: view.trial,
      via: kept?.mode === 'shared' ? new URL(kept.gatewayUrl).host : 'this computer',
      recoveryCodes: view.codes.left !== null,
    });
    // While it is tried again nothing new is known.
    if (!view.busy) views.update({ withoutGateway: view.service === null ? whyWithoutGateway(view.problem) : null });
    shell.publish.enrollment(view);
  });

  guard.subscribe(({ event }) => lookAtNetworkAfter(event, networkName));
  gatewayLink.onReady((capabilities, stated) => {
    networkName.refresh();
    views.update({ capabilities });
    inForce.keepGatewayPolicy(stated);
  });
  gatewayLink.onPolicy((stated) => inForce.keepGatewayPolicy(stated));

  shell.open({
    handlers: pageHandlers({
      guard,
      clock,
      view: () => views.view(),
      enrollment,
      link: gatewayLink,
      codeDoor: createCodeDoor({
        codes: offlineCodes,
        machine: guard.current,
        policy,
        clock,
        dispatch: guard.dispatch,
      }),
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
  const showSettings = (): void => {
    // Whether codes must be made is the policy's word.
    shell.publish.enrollment(enrollment.view());
    shell.loginItem
      .read()
      .then((startAtLogin) => shell.publish.settings(settingsView(inForce.reading, startAtLogin)))
      .catch((error: unknown) => log.error({ err: error }, 'the settings could not be shown'));
  };
  const onPolicyChanged = (before: PolicyReading, now: PolicyReading): void => {
    void keeping.policyChanged(before, now);
    showSettings();
  };
  return {
    guard,
    async begin() {
      stops.push(await inForce.follow(guard, clock, onPolicyChanged));
      stops.push(await guardingSwitch.watch((marker) => void gate.follow(marker)));
      const onProblem = (problem: NonNullable<ViewModel['problem']>) => showProblem('session', problem);
      stops.push(await watchOsSession({ guard, watch, link: gatewayLink, clock, log, onProblem }));
      stops.push(
        startWatchdog({
          clock,
          timers: NODE_TIMERS,
          onTick: () => guard.dispatch({ type: 'timer.fired', at: clock.monotonicNow() }),
          onSlept: (gapMs) => {
            log.warn({ gapMs }, 'slept unannounced');
            gatewayLink.reconnectNow();
            guard.dispatch({ type: 'os.resumed', at: clock.monotonicNow() });
          },
        }),
      );
      await enrollment.resume();
      await watched.begin();
      if (enrollment.record() === null) shell.windows.open('enrollment');
    },
    async quit() {
      if (!(await lockFirst(guard, 'quit', { clock, policy }))) throw new Error('the lock was not seen');
      for (const stop of stops) await stop();
      await gatewayLink.close();
      await networkName.close();
      await enrollment.close();
      await ladder.dispose();
      await keeping.stopped('asked to quit');
      await shell.close();
      await sentinel.dismiss();
      lifecycle.exit(0);
    },
  };
}

const whyWithoutGateway = (problem: EnrollmentView['problem']): ViewModel['problem'] =>
  problem === null ? null : { code: problem.code, title: problem.title, detail: problem.detail };

function platformName(): 'linux' | 'win32' | 'darwin' {
  const { platform } = process;
  if (platform === 'linux' || platform === 'win32' || platform === 'darwin') return platform;
  throw new Error(`sessions on ${platform} cannot be guarded`);
}
