import { DEFAULT_POLICY, type PolicyOverride } from '../protocol/policy.ts';
import { type AuditLog, createAuditLog } from './audit-log.ts';
import { validityOf } from './certificate-files.ts';
import { ClientRequests } from './client-requests.ts';
import { createSystemClock, type GatewayClock } from './clock.ts';
import { Connection, type ConnectionPorts, type FrameSocket, readyFrame } from './connection.ts';
import { Doorkeeper } from './device-keys/doorkeeper.ts';
import { forgetWorkstation } from './device-keys/forgetting.ts';
import type { DeviceKeys } from './device-keys/registry.ts';
import { Enrollment } from './enrollment.ts';
import { WebSocketFrames } from './gateway-web-socket.ts';
import { HeartbeatWheel } from './heartbeat-wheel.ts';
import type { HttpDoor } from './http-door.ts';
import { CLOSE_GRACE_MS } from './limits.ts';
import { type ListenAddress, listenAt } from './listen-address.ts';
import type { GatewayLogger } from './logger.ts';
import { MethodsDesk } from './methods-desk.ts';
import { GatewayMetrics } from './metrics.ts';
import type { Provider } from './providers/provider.ts';
import { TokenBucket } from './rate-limit.ts';
import { createGatewayServer, type GatewayServer } from './server.ts';
import { type RegistryLimits, randomSessionId, SessionRegistry, type Workstation } from './session-registry.ts';
import { createMemorySessionStore, type SessionStore } from './store/session-store.ts';
import type { AcceptedToken } from './tokens.ts';
import { Upstream } from './upstream.ts';
import { createWebhookDoor } from './webhook-door.ts';
import { Workstations } from './workstations.ts';

export interface GatewayLimits extends Omit<RegistryLimits, 'maxSessionSeconds'> {
  readonly maxConnections: number;
  /** Frames of one connection: refilled per second, and the burst that may come at once. */
  readonly framesPerSecond: number;
  readonly frameBurst: number;
}

export const DEFAULT_LIMITS: GatewayLimits = {
  maxConnections: 1_024,
  maxSessions: 4_096,
  startsPerMinute: 20,
  startsPerHour: 120,
  framesPerSecond: 20,
  frameBurst: 40,
};

export interface GatewayOptions {
  readonly provider: Provider;
  readonly acceptedTokens: readonly AcceptedToken[];
  readonly logger: GatewayLogger;
  /** Workstations have to prove themselves with these. Default: a token is enough (embedded: it is made anew for each run). */
  readonly deviceKeys?: DeviceKeys;
  /** Default: sessions end with the process. */
  readonly store?: SessionStore;
  /** Default: the system's. */
  readonly clock?: GatewayClock;
  /** Jitter of retries, in [0, 1). Default Math.random; a simulation brings a seeded one. */
  readonly random?: () => number;
  /** Default: 128 random bits. A simulation that replays to the byte brings its own. */
  readonly newSessionId?: () => string;
  /** Default: the logger, marked `audit`. */
  readonly audit?: AuditLog;
  /** Longest life of one `active` answer. Default: the policy's. A shorter `policy.leaseMs` wins. */
  readonly leaseMs?: number;
  /** Sent in `ready`: the workstation's policy may only become stricter by it. */
  readonly policy?: PolicyOverride;
  readonly limits?: Partial<GatewayLimits>;
  readonly allowedOrigins?: readonly string[];
  /** Everything comes through one proxy, which appends to `X-Forwarded-For` whom it heard from. Default false. */
  readonly behindProxy?: boolean;
  /** Further parts of its HTTP side: where people's phones come to, our own confirmation methods. Default none. */
  readonly doors?: readonly HttpDoor[];
}

export interface Gateway {
  /** Listens; resolves with the URL. May be called for several addresses. */
  listen(address: ListenAddress): Promise<{ readonly url: string }>;
  /** Takes up a connection that came another way (in-process tests, virtual-time simulation). */
  accept(socket: FrameSocket): Connection;
  /**
   * Removes a workstation's key, cuts its connections (DEVICE_KEY_REFUSED) and ends its sessions. @returns whether it was known; false without
   * `deviceKeys`
   */
  forgetWorkstation(workstation: Workstation): boolean;
  /** At every workstation, now. @param reason what the workstations are told. @returns how many were not over */
  closeSessionsOfUser(userId: string, reason: string): number;
  /** Refuses and closes all connections (1001), lets sessions being ended finish for a moment, stops. Idempotent. Nothing is ended at the service. */
  close(): Promise<void>;
}

/** Resolves when the sessions of the last run are being polled again. @throws Error when the store cannot be read at all */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { provider, logger, clock = createSystemClock(), policy } = options;
  const audit = options.audit ?? createAuditLog(logger);
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const connections = new HeartbeatWheel<Connection>(clock);
  const servers: GatewayServer[] = [];
  const metrics = new GatewayMetrics({ connections: () => connections.size, sessions: () => registry.size });
  const upstream = new Upstream(provider, clock, logger, metrics);
  const leaseMs = Math.min(options.leaseMs ?? DEFAULT_POLICY.leaseMs, policy?.leaseMs ?? Number.POSITIVE_INFINITY);
  const store = options.store ?? createMemorySessionStore();
  const registry = new SessionRegistry(
    {
      clock,
      upstream,
      store,
      logger,
      audit,
      metrics,
      leaseMs,
      random: options.random ?? Math.random,
      newSessionId: options.newSessionId ?? randomSessionId,
    },
    { ...limits, maxSessionSeconds: policy?.maxSessionSeconds ?? DEFAULT_POLICY.maxSessionSeconds },
  );
  const workstations = new Workstations(audit);
  const { deviceKeys = null, acceptedTokens } = options;
  const forgetting = deviceKeys === null ? null : { deviceKeys, registry, workstations, audit };
  const requests = new ClientRequests(
    registry,
    new Enrollment({ upstream, registry, audit, clock }),
    new MethodsDesk({ upstream, registry, audit, clock }),
    forgetting === null ? null : (from, onRemoved) => forgetWorkstation(forgetting, from, onRemoved),
  );
  const webhook =
    provider.webhook === undefined
      ? null
      : createWebhookDoor({
          webhook: provider.webhook,
          logger,
          metrics,
          isOpen: () => closed === null,
          onNews: (news) => registry.serviceSaid(news),
        });
  const startedAt = clock.elapsedMs();
  let closed: Promise<void> | null = null;
  let onLastGone: (() => void) | null = null;
  provider.attach?.(
    workstations.hostFor({
      serviceSaid: (news) => registry.serviceSaid(news),
      pauseSession: (concerns, minutes) => registry.pause(concerns, minutes),
      maxPauseMinutes: policy?.maxPauseMinutes ?? DEFAULT_POLICY.maxPauseMinutes,
    }),
  );
  await registry.restore();

  const connectionPorts: ConnectionPorts = {
    clock,
    logger,
    audit,
    metrics,
    requests,
    newFrameBudget: () => new TokenBucket(limits.frameBurst, limits.framesPerSecond, clock),
    doorkeeper: new Doorkeeper({ acceptedTokens, deviceKeys, clock, audit }),
    ready: () =>
      readyFrame({
        ...(policy === undefined ? {} : { policy }),
        serverTime: Math.floor(clock.wallMs()),
        capabilities: provider.capabilities,
      }),
    onIntroduced: (connection) => workstations.noteIntroduced(connection),
    onGone: (gone) => {
      connections.delete(gone);
      workstations.noteGone(gone);
      if (connections.size === 0) onLastGone?.();
    },
  };

  function accept(socket: FrameSocket): Connection {
    const connection = new Connection(socket, connectionPorts);
    connections.add(connection);
    return connection;
  }

  function onSocketFault(fault: Error): void {
    logger.info({ fault: fault.message }, 'a WebSocket failed');
  }

  function health() {
    const healthy = closed === null;
    const body = {
      status: healthy ? 'ok' : 'shutting-down',
      uptimeSeconds: Math.floor((clock.elapsedMs() - startedAt) / 1_000),
      connections: connections.size,
      sessions: registry.size,
      provider: { id: provider.id, simulated: provider.capabilities.simulated, lastOutcome: upstream.lastOutcome },
    };
    return { healthy, body };
  }

  async function shutDown(): Promise<void> {
    for (const server of servers) server.close();
    for (const door of options.doors ?? []) door.close();
    for (const connection of connections.all()) connection.refuse('GATEWAY_SHUTTING_DOWN');
    await registry.stop();
    upstream.close();
    await allGone();
    for (const server of servers) server.closeAllConnections();
  }

  /** Waits for the connections' closing handshakes; those that do not answer are cut by themselves after CLOSE_GRACE_MS. */
  async function allGone(): Promise<void> {
    if (connections.size === 0) return;
    await new Promise<void>((resolve) => {
      const cancel = clock.schedule(2 * CLOSE_GRACE_MS, resolve);
      onLastGone = () => {
        cancel();
        resolve();
      };
    });
  }

  return {
    async listen(address) {
      const certificate = address.kind === 'tcp' ? address.tls : null;
      if (certificate !== null) metrics.showCertificate(() => validityOf(certificate.cert).toMs);
      const server = createGatewayServer(address, {
        logger,
        allowedOrigins: options.allowedOrigins ?? [],
        behindProxy: options.behindProxy ?? false,
        hasRoom: () => closed === null && connections.size < limits.maxConnections,
        health,
        metrics: async () => ({ contentType: metrics.registry.contentType, text: await metrics.registry.metrics() }),
        webhook,
        doors: options.doors ?? [],
        onSocket: (socket, peerAddress) => {
          socket.join(accept(new WebSocketFrames(socket, peerAddress)), onSocketFault);
        },
      });
      servers.push(server);
      return { url: await listenAt(server, address) };
    },
    accept,
    closeSessionsOfUser: (userId, reason) => registry.closeSessionsOfUser(userId, reason, null),
    forgetWorkstation: (workstation) => forgetting !== null && forgetWorkstation(forgetting, workstation),
    close() {
      closed ??= shutDown();
      return closed;
    },
  };
}
