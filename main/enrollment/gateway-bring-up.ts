import { randomBytes } from 'node:crypto';
import type { EmbeddedGatewayConfig } from '../../protocol/embedded.ts';
import type { Capabilities } from '../../protocol/frames.ts';
import { err, ok, type Result } from '../../protocol/result.ts';
import type { EnrollmentDependencies, OwnService } from './enrollment-ports.ts';
import { type GatewayIdentity, withoutSecrets } from './enrollment-secrets.ts';
import { providerAccountOf } from './own-account.ts';
import { type EnrollmentProblem, type ProblemCode, problemOf, problemOfFailure } from './problems.ts';

/** Time for a gateway to be connected to and ready. */
export const READY_LIMIT_MS = 15_000;
/** First wait before an embedded gateway that died is started again; doubles up to the longest. */
export const RESTART_MIN_MS = 500;
export const RESTART_MAX_MS = 30_000;
const GATEWAY_TOKEN_BYTES = 32;
const LOOPBACK = '127.0.0.1';
const ANY_PORT = 0;

/** What is to be started and connected to. */
export type GatewayPlan =
  | {
      readonly mode: 'trial';
      /** Of an earlier run; null makes a new simulated service. */
      readonly account: { readonly appId: string; readonly appSecret: string; readonly port: number } | null;
      /** Users whose phone it is to know from the start. */
      readonly users: readonly string[];
      readonly storeKeyBase64: string;
    }
  | {
      readonly mode: 'embedded';
      readonly service: OwnService;
      readonly secret: string;
      readonly storeKeyBase64: string;
    }
  | ({ readonly mode: 'shared'; readonly gatewayUrl: string } & GatewayIdentity);

export interface Simulator {
  readonly url: string;
  readonly appId: string;
  readonly appSecret: string;
}

export interface RunningGateway {
  readonly capabilities: Capabilities;
  readonly simulator: Simulator | null;
}

/** Starts, connects and takes down what an enrollment needs; keeps an embedded gateway alive in between. */
export interface GatewayBringUp {
  /** Simulator and gateway are started and the link is pointed at it, even when it is not ready in time. */
  up(plan: GatewayPlan): Promise<Result<RunningGateway, EnrollmentProblem>>;
  down(): Promise<void>;
  /** The simulated service of this run, or null. */
  readonly simulator: () => Simulator | null;
}

type Needed = Pick<
  EnrollmentDependencies,
  'link' | 'processes' | 'timers' | 'clock' | 'embedded' | 'leaseMs' | 'logger'
>;

export function createGatewayBringUp(needed: Needed): GatewayBringUp {
  const { link, processes, timers, logger } = needed;
  let simulator: Simulator | null = null;
  let config: EmbeddedGatewayConfig | null = null;
  let cancelRestart: (() => void) | null = null;
  let restartDelayMs = RESTART_MIN_MS;

  processes.onGatewayGone(() => {
    if (config !== null) restartLater();
  });

  /** Same socket, same token: the link finds it again by itself, and is only told not to wait. */
  function restartLater(): void {
    logger.warn(`the embedded gateway ended; starting it again in ${restartDelayMs} ms`);
    cancelRestart?.();
    cancelRestart = timers.after(restartDelayMs, () => void restart());
    restartDelayMs = Math.min(restartDelayMs * 2, RESTART_MAX_MS);
  }

  async function restart(): Promise<void> {
    const wanted = config;
    if (wanted === null) return;
    try {
      await processes.startGateway(wanted);
      // Taken down while it started.
      if (config === null) await processes.stopGateway();
    } catch {
      // The process has said why in its own log; here it only matters that it is tried again.
      if (config === wanted) restartLater();
      return;
    }
    if (config !== wanted) return;
    restartDelayMs = RESTART_MIN_MS;
    link.reconnectNow();
  }

  async function startSimulator(plan: Extract<GatewayPlan, { mode: 'trial' }>): Promise<Simulator> {
    const { account, users } = plan;
    const start = (port: number) =>
      processes.startSimulator({
        host: LOOPBACK,
        port,
        users,
        ...(account === null ? {} : { appId: account.appId, appSecret: account.appSecret }),
      });
    if (account === null) return start(ANY_PORT);
    // The old port keeps the phone page's address; when somebody else has it by now, any other will do.
    return start(account.port).catch(() => start(ANY_PORT));
  }

  async function startGateway(
    plan: Exclude<GatewayPlan, { mode: 'shared' }>,
    provider: EmbeddedGatewayConfig['provider'],
  ): Promise<void> {
    config = {
      socketPath: needed.embedded.socketPath,
      token: randomBytes(GATEWAY_TOKEN_BYTES).toString('base64url'),
      storeDirectory: needed.embedded.storeDirectory,
      storeKeyBase64: plan.storeKeyBase64,
      leaseMs: needed.leaseMs(),
      provider,
    };
    await processes.startGateway(config);
    link.retarget({ socketPath: config.socketPath, token: config.token });
  }

  async function stop(): Promise<void> {
    config = null;
    simulator = null;
    cancelRestart?.();
    cancelRestart = null;
    restartDelayMs = RESTART_MIN_MS;
    link.retarget(null);
    await processes.stopGateway();
    await processes.stopSimulator();
  }

  async function start(plan: GatewayPlan): Promise<EnrollmentProblem | null> {
    let starting: ProblemCode = 'gateway-failed';
    const secrets = plan.mode === 'shared' ? [plan.token ?? ''] : [plan.storeKeyBase64];
    try {
      if (plan.mode === 'shared') {
        link.retarget({ url: plan.gatewayUrl, token: plan.token, device: plan.device });
      } else if (plan.mode === 'embedded') {
        secrets.push(plan.secret);
        await startGateway(plan, providerAccountOf(plan.service, plan.secret));
      } else {
        if (plan.account !== null) secrets.push(plan.account.appSecret);
        starting = 'simulator-failed';
        simulator = await startSimulator(plan);
        secrets.push(simulator.appSecret);
        starting = 'gateway-failed';
        const { url, appId, appSecret } = simulator;
        await startGateway(plan, {
          kind: 'activeconnect',
          profile: 'iampass',
          baseUrl: url,
          appId,
          appSecret,
          simulated: true,
        });
      }
      return null;
    } catch (cause) {
      if (config !== null) secrets.push(config.token);
      await stop();
      return problemOf(starting, cause instanceof Error ? withoutSecrets(cause.message, secrets) : '');
    }
  }

  return {
    async up(plan) {
      const failed = await start(plan);
      if (failed !== null) return err(failed);
      const ready = await link.whenReady(READY_LIMIT_MS);
      if (ready.ok) return ok({ capabilities: ready.value, simulator });
      const problem = problemOfFailure(ready.error);
      // An embedded gateway that started and cannot be spoken to is a fault of ours, not of somebody's network.
      return err(plan.mode === 'shared' ? problem : problemOf('gateway-failed', ready.error.text));
    },
    down: stop,
    simulator: () => simulator,
  };
}
