import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRecordFile } from '../../../main/audit/record-file.ts';
import type { LockState } from '../../../main/core/lock-types.ts';
import type { Clock } from '../../../main/core/ports.ts';
import type { OpenTransport } from '../../../main/link/frame-transport.ts';
import { createGatewayLink } from '../../../main/link/gateway-link.ts';
import type { PresenceGatewayLink } from '../../../main/link/presence-gateway-link.ts';
import { openWebSocket } from '../../../main/link/web-socket-transport.ts';
import { createGuard, type Guard } from '../../../main/runtime/guard.ts';
import { createWakeUp, NODE_TIMERS } from '../../../main/runtime/wake-up.ts';
import { DEFAULT_POLICY } from '../../../protocol/policy.ts';
import type { Group } from '../groups.ts';
import { figureOf } from '../result.ts';
import { HandHeldGateway } from './hand-held-gateway.ts';

const ROUNDS = 2_000;
const QUICK_ROUNDS = 50;
/** Before these the code has not been compiled: a workstation that just started is another question. */
const WARM_UP_ROUNDS = 20;
const ROUND_TIMEOUT_MS = 10_000;
/** Starts are limited per hour (S7); between two rounds one passes on the guard's clock. */
const AN_HOUR_MS = 3_600_001;
const AIM_MS = 10;
const TOKEN = 'token-of-the-bench-in-process';
const ENROLLMENT = { userId: 'user', deviceId: 'device' };

export const FRAME_TO_LOCK: Group = {
  name: 'frame',
  lacks: () => (process.platform === 'win32' ? ['a Unix socket'] : []),
  async run({ quick, say }) {
    const rounds = quick ? QUICK_ROUNDS : ROUNDS;
    say(`${rounds} closed sessions heard by main’s link and guard`);
    const values = (await framesToLocks(WARM_UP_ROUNDS + rounds)).slice(WARM_UP_ROUNDS);
    return [
      figureOf({
        name: 'main.frame-to-lock',
        title: 'main: frame in → lock requested',
        unit: 'ms',
        values,
        aim: { statistic: 'p99', below: AIM_MS },
      }),
    ];
  },
};

/**
 * The real link, codec, guard, rules and record in this process, a real WebSocket, and ports that do nothing: from ws handing over the
 * message to the call of the first rung.
 */
async function framesToLocks(rounds: number): Promise<readonly number[]> {
  const folder = await mkdtemp(join(tmpdir(), 'presence-locker-bench-'));
  const gateway = await HandHeldGateway.listen(join(folder, 'gateway.sock'));
  const workstation = await WorkstationInProcess.start(gateway.socketPath, join(folder, 'record.jsonl'));
  try {
    const values: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await workstation.unlockedAndApproved();
      gateway.sayClosed();
      values.push(await workstation.lockRequested());
    }
    return values;
  } finally {
    await workstation.stop();
    gateway.close();
    await rm(folder, { recursive: true, force: true });
  }
}

class WorkstationInProcess {
  readonly #clock: Clock;
  readonly #guard: Guard;
  #link: PresenceGatewayLink | null = null;
  #skippedMs = 0;
  #heardAt = 0;
  #locks: ((ms: number) => void) | null = null;

  private constructor(socketPath: string, recordPath: string) {
    const nothing = async (): Promise<void> => undefined;
    const clock: Clock = {
      monotonicNow: () => performance.now() + this.#skippedMs,
      wallNow: () => Date.now(),
    };
    this.#clock = clock;
    const record = createRecordFile(recordPath, {
      personal: () => ({ ids: [], names: [], homeDirectory: '' }),
      onWritable: () => undefined,
    });
    this.#guard = createGuard({
      runId: 'bench',
      policy: () => DEFAULT_POLICY,
      ports: (dispatch) => {
        this.#link = createGatewayLink({
          connect: { socketPath, token: TOKEN },
          deviceId: ENROLLMENT.deviceId,
          appVersion: '0.1.0',
          platform: 'linux',
          clock,
          dispatch,
          logger: { info: () => undefined, warn: () => undefined },
          openTransport: this.#openNoting,
        });
        return {
          ladder: {
            rungs: ['bench'],
            canUnlock: false,
            requestLock: async () => {
              this.#locks?.(performance.now() - this.#heardAt);
            },
            requestUnlock: nothing,
            terminateSession: nothing,
            dispose: nothing,
          },
          curtain: { raise: nothing, lower: nothing, discard: nothing },
          link: this.#link,
          notifier: { notify: nothing, withdraw: nothing },
          audit: record,
          alarm: { raise: nothing },
          wakeUp: createWakeUp(clock, NODE_TIMERS),
          clock,
        };
      },
      onFault: (error) => {
        throw error;
      },
    });
  }

  static async start(socketPath: string, recordPath: string): Promise<WorkstationInProcess> {
    const workstation = new WorkstationInProcess(socketPath, recordPath);
    const ready = await workstation.#link?.whenReady(ROUND_TIMEOUT_MS);
    if (ready?.ok !== true) throw new Error('the link did not become ready');
    workstation.#tell({ type: 'enrollment.changed', enrollment: ENROLLMENT });
    return workstation;
  }

  async unlockedAndApproved(): Promise<void> {
    if (this.#guard.current().state.name === 'locking') {
      this.#tell({ type: 'os.locked', evidence: 'bench' });
      this.#skippedMs += AN_HOUR_MS;
      this.#tell({ type: 'os.unlocked', evidence: 'bench' });
    }
    await this.#until('present');
  }

  /** Milliseconds between the message and the call. */
  lockRequested(): Promise<number> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no lock was requested')), ROUND_TIMEOUT_MS);
      this.#locks = (ms) => {
        clearTimeout(timer);
        this.#locks = null;
        // The state is set once all effects are out.
        queueMicrotask(() => {
          const { state } = this.#guard.current();
          if (state.name === 'locking' && state.cause === 'session-closed') resolve(ms);
          else reject(new Error(`a lock was requested for another reason, in ${state.name}`));
        });
      };
    });
  }

  /** Locked first: a lock that is not seen is pursued for ever. */
  async stop(): Promise<void> {
    this.#tell({ type: 'os.locked', evidence: 'bench' });
    this.#tell({ type: 'enrollment.changed', enrollment: null });
    await this.#link?.close();
  }

  readonly #openNoting: OpenTransport = (address, limits, listener) =>
    openWebSocket(address, limits, {
      onOpen: () => listener.onOpen(),
      onMessage: (text) => {
        this.#heardAt = performance.now();
        listener.onMessage(text);
      },
      onPing: () => listener.onPing(),
      onPong: (payload) => listener.onPong(payload),
      onError: (error) => listener.onError(error),
      onClose: (closeCode) => listener.onClose(closeCode),
    });

  #tell(event: Told): void {
    this.#guard.dispatch({ ...event, at: this.#clock.monotonicNow() });
  }

  #until(name: LockState['name']): Promise<void> {
    if (this.#guard.current().state.name === name) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const stop = this.#guard.subscribe(({ machine }) => {
        if (machine.state.name !== name) return;
        clearTimeout(timer);
        stop();
        resolve();
      });
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`the guard is ${this.#guard.current().state.name} and not ${name}`));
      }, ROUND_TIMEOUT_MS);
    });
  }
}

type Told =
  | { readonly type: 'enrollment.changed'; readonly enrollment: typeof ENROLLMENT | null }
  | { readonly type: 'os.locked' | 'os.unlocked'; readonly evidence: string };
