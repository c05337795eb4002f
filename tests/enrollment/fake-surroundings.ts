import { randomBytes } from 'node:crypto';
import type { LockEvent } from '../../main/core/lock-types.ts';
import { type EmbeddedProcesses, type SecretStore, SecretStoreFailed } from '../../main/core/ports.ts';
import { createEnrollmentFlow, type EnrollmentFlow } from '../../main/enrollment/enrollment-flow.ts';
import type {
  EnrollmentAnswer,
  EnrollmentCall,
  EnrollmentLinkTarget,
  EnrollmentRecord,
  MethodsAnswer,
  MethodsCall,
  TestUpdate,
} from '../../main/enrollment/enrollment-ports.ts';
import { createOfflineCodes } from '../../main/offline/offline-codes.ts';
import type { MethodsOfPerson } from '../../protocol/confirmation-methods.ts';
import type { EmbeddedGatewayConfig } from '../../protocol/embedded.ts';
import type { Capabilities } from '../../protocol/frames.ts';
import { err, ok, type Result } from '../../protocol/result.ts';
import { quickHash } from '../offline/quick-hash.ts';
import { type VirtualTime, virtualTime } from './virtual-time.ts';

export const DEVICE = 'device-1';
export const LINK_URL = 'https://phone.example/register/abc';

export const CAPABILITIES: Capabilities = {
  title: 'IAMPASS',
  proximity: true,
  push: false,
  prompts: ['phone'],
  enrollment: ['link', 'sms'],
  lostDevice: true,
  durations: true,
  methods: [],
  simulated: false,
};

type Failure = { readonly code: string; readonly text: string; readonly retryable: boolean };
export const failing = (code: string, text = 'words'): Result<never, Failure> => err({ code, text, retryable: true });

/** Everything around the flow, in memory, with every knob a test wants to turn. What outlives a restart is kept apart. */
export interface Disk {
  record: EnrollmentRecord | null;
  damaged: boolean;
  readonly keychain: Map<string, string>;
}
export const emptyDisk = (): Disk => ({ record: null, damaged: false, keychain: new Map() });

export class FakeSurroundings {
  readonly disk: Disk;
  readonly time: VirtualTime = virtualTime();
  readonly events: LockEvent[] = [];
  readonly log: string[] = [];
  readonly views: string[] = [];
  readonly calls: EnrollmentCall[] = [];
  readonly methodCalls: MethodsCall[] = [];
  readonly methodAnswers: { [type in MethodsCall['type']]?: MethodsAnswer } = {};
  methodsOfPerson: MethodsOfPerson = { methods: [], configs: [] };
  forgetCalls = 0;
  forgetAnswer: Result<null, Failure> = ok(null);
  readonly targets: (EnrollmentLinkTarget | null)[] = [];
  readonly gateways: EmbeddedGatewayConfig[] = [];
  readonly simulators: Parameters<EmbeddedProcesses['startSimulator']>[0][] = [];
  readonly copied: string[] = [];
  readonly opened: string[] = [];
  gatewayRunning = false;
  simulatorRunning = false;
  reconnects = 0;
  capabilities = CAPABILITIES;
  keychainFault: SecretStoreFailed['code'] | null = null;
  /** Only deleting fails. */
  keychainHoldsOn = false;
  diskFull = false;
  /** Awaited before a record is written. */
  slowDisk: Promise<void> = Promise.resolve();
  gatewayFault: string | null = null;
  simulatorFault: string | null = null;
  portTaken: number | null = null;
  ready: Result<Capabilities, Failure> | null = null;
  mayChange = true;
  codesRequired = false;
  browserFault = false;
  readonly answers: { [type in EnrollmentCall['type']]?: EnrollmentAnswer } = {};
  tests: { userId: string; update: (update: TestUpdate) => void; ended: boolean; answers: string[] }[] = [];
  #readyListeners: ((capabilities: Capabilities) => void)[] = [];
  #refusedListeners: ((why: Failure) => void)[] = [];
  #goneListeners: ((reason: string) => void)[] = [];
  readonly flow: EnrollmentFlow;
  readonly begin: EnrollmentFlow['useAccount'] = (...account) => this.flow.useAccount(...account);

  constructor(disk: Disk = emptyDisk()) {
    this.disk = disk;
    const log = (line: string) => this.log.push(line);
    const secrets: SecretStore = {
      get: async (account) => {
        this.#keychain();
        return disk.keychain.get(account) ?? null;
      },
      set: async (account, secret) => {
        this.#keychain();
        disk.keychain.set(account, secret);
      },
      delete: async (account) => {
        this.#keychain();
        if (this.keychainHoldsOn) throw new SecretStoreFailed('locked', 'locked');
        disk.keychain.delete(account);
      },
    };
    this.flow = createEnrollmentFlow({
      link: {
        retarget: (target) => this.targets.push(target),
        reconnectNow: () => {
          this.reconnects += 1;
        },
        whenReady: async () => this.ready ?? ok(this.capabilities),
        onReady: (listener) => {
          this.#readyListeners.push(listener);
          return () => undefined;
        },
        onRefused: (listener) => {
          this.#refusedListeners.push(listener);
          return () => undefined;
        },
        enroll: async (call) => {
          this.calls.push(call);
          return this.answers[call.type] ?? ok(defaultAnswer(call));
        },
        methods: async (call) => {
          this.methodCalls.push(call);
          return this.methodAnswers[call.type] ?? ok(this.methodsOfPerson);
        },
        forgetDevice: async () => {
          this.forgetCalls += 1;
          return this.forgetAnswer;
        },
        startTestSession: (userId, update) => {
          const test = { userId, update, ended: false, answers: [] as string[] };
          this.tests.push(test);
          return {
            answer: (data) => test.answers.push(data) > 0,
            end: () => {
              test.ended = true;
            },
          };
        },
      },
      processes: this.#processes(),
      secrets,
      codes: createOfflineCodes({ secrets, clock: this.time, randomBytes, hash: quickHash }),
      codesRequired: () => this.codesRequired,
      workstation: 'DESK-0412',
      records: {
        read: async () =>
          disk.damaged
            ? { kind: 'invalid', problem: 'The file enrollment.json cannot be used.' }
            : disk.record === null
              ? { kind: 'absent' }
              : { kind: 'valid', value: disk.record },
        write: async (record) => {
          await this.slowDisk;
          if (this.diskFull) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
          disk.damaged = false;
          disk.record = record;
        },
        remove: async () => {
          if (this.diskFull) throw Object.assign(new Error('read-only'), { code: 'EROFS' });
          disk.damaged = false;
          disk.record = null;
        },
      },
      clock: this.time,
      timers: this.time,
      dispatch: (event) => this.events.push(event),
      deviceId: DEVICE,
      embedded: { socketPath: '/run/gw.sock', storeDirectory: '/data/store' },
      leaseMs: () => 15_000,
      mayChangeEnrollment: () => this.mayChange,
      copyText: (text) => this.copied.push(text),
      openInBrowser: async (url) => {
        if (this.browserFault) throw new Error('no browser');
        this.opened.push(url);
      },
      logger: { info: log, warn: log },
    });
    this.flow.onChange((view) => this.views.push(JSON.stringify(view)));
  }

  /** Everything a person, a page or a log file ever gets to see. */
  everythingShown(): string {
    return [...this.views, JSON.stringify(this.flow.view()), ...this.log, JSON.stringify(this.disk.record)].join('\n');
  }
  enrollments(): unknown[] {
    return this.events.flatMap((event) => (event.type === 'enrollment.changed' ? [event.enrollment] : []));
  }
  callsOf(type: EnrollmentCall['type']): EnrollmentCall[] {
    return this.calls.filter((call) => call.type === type);
  }
  becomeReady(): void {
    for (const listener of this.#readyListeners) listener(this.capabilities);
  }
  becomeRefused(code: string): void {
    for (const listener of this.#refusedListeners) listener({ code, text: 'words', retryable: false });
  }
  gatewayDies(): void {
    this.gatewayRunning = false;
    for (const listener of this.#goneListeners) listener('killed');
  }
  #keychain(): void {
    if (this.keychainFault !== null) throw new SecretStoreFailed(this.keychainFault, 'the keychain says no');
  }
  #processes(): EmbeddedProcesses {
    return {
      startGateway: async (config) => {
        this.gateways.push(config);
        if (this.gatewayFault !== null) throw new Error(this.gatewayFault.replace('{config}', JSON.stringify(config)));
        this.gatewayRunning = true;
      },
      stopGateway: async () => {
        this.gatewayRunning = false;
      },
      onGatewayGone: (listener) => {
        this.#goneListeners.push(listener);
        return () => undefined;
      },
      startSimulator: async (options) => {
        this.simulators.push(options);
        if (this.simulatorFault !== null) throw new Error(this.simulatorFault);
        if (this.portTaken !== null && options.port === this.portTaken) throw new Error('port in use');
        this.simulatorRunning = true;
        const freePort = this.portTaken === 45_678 ? 45_679 : 45_678;
        const port = options.port === 0 ? freePort : options.port;
        return {
          url: `http://127.0.0.1:${port}`,
          appId: options.appId ?? 'trial-app',
          appSecret: options.appSecret ?? 'SIMULATED-SECRET',
        };
      },
      stopSimulator: async () => {
        this.simulatorRunning = false;
      },
    };
  }
}

function defaultAnswer(call: EnrollmentCall) {
  const shown = call.type === 'enroll.begin' || call.type === 'enroll.lostDevice';
  return { registered: false, link: shown ? LINK_URL : undefined, expiresAt: undefined, detail: undefined };
}
