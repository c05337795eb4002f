import type { LockEvent } from '../../main/core/lock-types.ts';
import type { GatewayTarget } from '../../main/link/gateway-address.ts';
import { createGatewayLink } from '../../main/link/gateway-link.ts';
import type { GatewayLinkOptions, PresenceGatewayLink } from '../../main/link/presence-gateway-link.ts';
import { eventually } from './eventually.ts';

export const TOKEN = 'token-of-this-test-run-0123456789';

type EventOf<T extends LockEvent['type']> = Extract<LockEvent, { type: T }>;

export interface LinkUnderTest {
  readonly link: PresenceGatewayLink;
  readonly events: readonly LockEvent[];
  readonly logLines: readonly string[];
  /** Moves the link's monotonic clock; real timers are not touched. */
  advance(ms: number): void;
  now(): number;
  of<T extends LockEvent['type']>(type: T): readonly EventOf<T>[];
  event<T extends LockEvent['type']>(type: T, count?: number): Promise<EventOf<T>>;
}

export function linkUnderTest(connect: GatewayTarget | null, options: Partial<GatewayLinkOptions> = {}): LinkUnderTest {
  const events: LockEvent[] = [];
  const logLines: string[] = [];
  let skipped = 0;
  const now = () => performance.now() + skipped;
  const link = createGatewayLink({
    connect,
    deviceId: 'device-1',
    appVersion: '0.1.0',
    platform: 'linux',
    clock: { monotonicNow: now },
    dispatch: (event) => events.push(event),
    logger: { info: (line) => logLines.push(line), warn: (line) => logLines.push(line) },
    ...options,
    limits: { backOffMinMs: 5, backOffMaxMs: 20, closeTimeoutMs: 100, ...options.limits },
  });
  const of = <T extends LockEvent['type']>(type: T) =>
    events.filter((event): event is EventOf<T> => event.type === type);
  return {
    link,
    events,
    logLines,
    now,
    advance(ms) {
      skipped += ms;
    },
    of,
    event: (type, count = 1) => eventually(`event ${type} number ${count}`, () => of(type)[count - 1]),
  };
}
