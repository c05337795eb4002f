import { randomBytes } from 'node:crypto';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { ActionResult } from '../protocol/ipc.ts';
import type { Clock } from './core/ports.ts';
import type { Shell } from './electron/shell.electron.ts';
import { createEnrollmentFlow, type EnrollmentFlow } from './enrollment/enrollment-flow.ts';
import { GuardingGate } from './guarding-gate.ts';
import { systemTimers } from './link/timers.ts';
import { createCodeDoor } from './offline/code-door.ts';
import { createOfflineCodes } from './offline/offline-codes.ts';
import { scryptOfRecoveryCode } from './offline/recovery-code.ts';
import { createUsageReport } from './offline/usage-report.ts';
import type { PersonalNames } from './personal-names.ts';
import type { PolicyInForce } from './policy-in-force.ts';
import { createKeychain, openSystemEntry } from './secrets/keychain.ts';
import { keychainOnAThread } from './secrets/keychain-thread.ts';
import type { SessionGuard } from './session-guard.ts';
import { createEnrollmentRecordFile } from './settings/enrollment-record.ts';
import type { GuardingReading } from './settings/guarding-switch.ts';
import type { TrustedOwner } from './settings/json-file.ts';
import { embeddedGatewaySocket } from './settings/places.ts';

/** Who is enrolled, whether they are guarded, and what they prove themselves with when the phone cannot be asked. */
export interface WhoIsGuarded {
  readonly enrollment: EnrollmentFlow;
  /** Stands between the enrollment and the guard: may be closed from a console. */
  readonly gate: GuardingGate;
  readonly codeDoor: { submit(typed: string): Promise<ActionResult> };
  /** What the person calls it, on their phone and on the curtain alike; nothing else says that the two are about one workstation. */
  readonly workstationName: () => string;
}

/** Joins enrollment, keychain, codes and the switch of the console to the guard. Nobody is guarded before `enrollment.resume`. */
export function joinEnrollment(options: {
  readonly session: Pick<SessionGuard, 'guard' | 'link' | 'keeping'>;
  readonly inForce: PolicyInForce;
  readonly names: PersonalNames;
  readonly deviceId: string;
  readonly shell: Pick<Shell, 'processes' | 'links' | 'trialPhone'>;
  readonly userDataDirectory: string;
  readonly owner: TrustedOwner;
  /** Built entry of the keychain's thread: out/main/keychain-worker.js. */
  readonly keychainModule: string;
  /** The switch of `presence-locker disable` as found at the start. */
  readonly switchFound: GuardingReading;
  readonly onSwitched: (offSinceWall: number | null) => void;
  /** Switched off, but no lock was seen: the app is to end, its cover with it. */
  readonly onStuck: () => void;
  readonly mayChangeEnrollment: () => boolean;
  readonly clock: Clock;
  readonly log: Logger;
}): WhoIsGuarded {
  const { inForce, names, deviceId, shell, userDataDirectory, owner, clock, log } = options;
  const { guard, link, keeping } = options.session;
  const { policy } = inForce;
  const gate = new GuardingGate(
    {
      guard,
      clock,
      policy,
      onSwitched: (offSinceWall) => {
        options.onSwitched(offSinceWall);
        void keeping.switched(offSinceWall, 'from a console');
      },
      onStuck: options.onStuck,
    },
    options.switchFound,
  );
  const secrets = createKeychain({
    openEntry: keychainOnAThread({
      modulePath: options.keychainModule,
      otherwise: openSystemEntry,
      onNoThread: (reason) => log.warn({ reason }, 'no thread for the keychain: one that hangs will hold up the app'),
    }),
  });
  const codes = createOfflineCodes({ secrets, clock, randomBytes, hash: scryptOfRecoveryCode });
  guard.subscribe(
    createUsageReport({
      codes,
      clock,
      dispatch: guard.dispatch,
      onFailed: () => log.warn('what codes were used for could not be told'),
    }),
  );
  const enrollment = createEnrollmentFlow({
    link,
    processes: shell.processes,
    secrets,
    records: createEnrollmentRecordFile(userDataDirectory, owner),
    codes,
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
    mayChangeEnrollment: options.mayChangeEnrollment,
    copyText: (text) => shell.links.copy(text),
    openInBrowser: async (url) => shell.trialPhone.open(url),
    logger: log,
  });
  enrollment.onChange(() => names.enrolled(enrollment.record()));
  link.onReady((_capabilities, stated) => inForce.keepGatewayPolicy(stated));
  link.onPolicy((stated) => inForce.keepGatewayPolicy(stated));
  return {
    enrollment,
    gate,
    codeDoor: createCodeDoor({ codes, machine: guard.current, policy, clock, dispatch: guard.dispatch }),
    workstationName: () => enrollment.record()?.displayName || hostname(),
  };
}
