import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { LockEvent } from '../../main/core/lock-types.ts';
import type { Clock, SecretStore } from '../../main/core/ports.ts';
import { createEnrollmentFlow, type EnrollmentFlow } from '../../main/enrollment/enrollment-flow.ts';
import { CHECK_INTERVAL_MS } from '../../main/enrollment/registration-watch.ts';
import { createGatewayLink } from '../../main/link/gateway-link.ts';
import type { PresenceGatewayLink } from '../../main/link/presence-gateway-link.ts';
import { systemTimers } from '../../main/link/timers.ts';
import { createOfflineCodes } from '../../main/offline/offline-codes.ts';
import { scryptOfRecoveryCode } from '../../main/offline/recovery-code.ts';
import { createEnrollmentRecordFile } from '../../main/settings/enrollment-record.ts';
import { freshSocketPath } from '../link/hand-written-gateway.ts';
import { me } from '../settings/temporary-folder.ts';
import { type RealProcesses, realProcesses } from './real-processes.ts';

export const DEVICE = 'device-1';
const clock: Clock = { monotonicNow: () => performance.now(), wallNow: () => Date.now() };

/** Real link, real gateway, real simulated service, real record; only the keychain and the browser are stand-ins. */
export interface Workstation {
  readonly flow: EnrollmentFlow;
  /** The flow's `useAccount` under a name that is not taken for a React hook. */
  readonly begin: EnrollmentFlow['useAccount'];
  readonly link: PresenceGatewayLink;
  readonly processes: RealProcesses;
  readonly events: readonly LockEvent[];
  readonly log: readonly string[];
  stop(): Promise<void>;
}

export function realWorkstation(folder: string, keychain: Map<string, string>): Workstation {
  const processes = realProcesses();
  const events: LockEvent[] = [];
  const log: string[] = [];
  const logger = { info: (line: string) => log.push(line), warn: (line: string) => log.push(line) };
  const dispatch = (event: LockEvent) => events.push(event);
  const link = createGatewayLink({
    connect: null,
    deviceId: DEVICE,
    appVersion: '0.1.0',
    platform: 'linux',
    clock,
    dispatch,
    logger,
    limits: { testPollIntervalMs: 100 },
  });
  const secrets: SecretStore = {
    get: async (account) => keychain.get(account) ?? null,
    set: async (account, secret) => void keychain.set(account, secret),
    delete: async (account) => void keychain.delete(account),
  };
  const flow = createEnrollmentFlow({
    link,
    processes,
    secrets,
    codes: createOfflineCodes({ secrets, clock, randomBytes, hash: scryptOfRecoveryCode }),
    codesRequired: () => false,
    workstation: 'DESK-0412',
    records: createEnrollmentRecordFile(folder, me),
    clock,
    // The phone is asked about every two seconds; here there is nobody to wait for.
    timers: { after: (ms, fire) => systemTimers.after(ms === CHECK_INTERVAL_MS ? 50 : ms, fire) },
    dispatch,
    deviceId: DEVICE,
    embedded: {
      socketPath: process.platform === 'win32' ? freshSocketPath() : join(folder, 'gw.sock'),
      storeDirectory: join(folder, 'store'),
    },
    leaseMs: () => 5_000,
    mayChangeEnrollment: () => true,
    copyText: () => undefined,
    openInBrowser: async () => undefined,
    logger,
  });
  return {
    flow,
    begin: (...account) => flow.useAccount(...account),
    link,
    processes,
    events,
    log,
    async stop() {
      await link.close();
      await flow.close();
    },
  };
}
