import { Counter, Gauge, Histogram, Registry } from 'prom-client';

export type WebhookOutcome = 'accepted' | 'nothing-new' | 'unsigned' | 'malformed' | 'too-large' | 'failed';
export type UpstreamCall = 'start' | 'poll' | 'answer' | 'end' | 'enroll' | 'methods';
const LATENCY_BUCKETS_SECONDS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Counts only: no label ever holds an id. One registry per gateway, so two in a process do not mix. */
export class GatewayMetrics {
  readonly registry = new Registry();
  readonly framesRefused = new Counter({
    name: 'presence_gateway_frames_refused_total',
    help: 'Frames answered with an error, by code',
    labelNames: ['code'] as const,
    registers: [this.registry],
  });
  readonly leasesGranted = new Counter({
    name: 'presence_gateway_leases_granted_total',
    help: 'Answers of the service that granted or renewed a lease',
    registers: [this.registry],
  });
  readonly upstreamRequests = new Counter({
    name: 'presence_gateway_upstream_requests_total',
    help: 'Calls to the service by call and outcome (ok, or an error code)',
    labelNames: ['call', 'outcome'] as const,
    registers: [this.registry],
  });
  readonly upstreamLatency = new Histogram({
    name: 'presence_gateway_upstream_latency_seconds',
    help: 'Duration of calls to the service',
    labelNames: ['call'] as const,
    buckets: LATENCY_BUCKETS_SECONDS,
    registers: [this.registry],
  });

  readonly webhooks = new Counter({
    name: 'presence_gateway_webhooks_total',
    help: 'Deliveries of the service by outcome: accepted and nothing-new are genuine, the others were refused',
    labelNames: ['outcome'] as const,
    registers: [this.registry],
  });

  /** Shown only where there is a certificate. @param expiresAtMs Unix time of the one that is served when it is asked */
  showCertificate(expiresAtMs: () => number): void {
    const name = 'presence_gateway_certificate_expiry_timestamp_seconds';
    this.registry.removeSingleMetric(name);
    new Gauge({
      name,
      help: 'Unix time at which the served certificate expires',
      registers: [this.registry],
      collect() {
        this.set(Math.floor(expiresAtMs() / 1_000));
      },
    });
  }

  constructor(read: { readonly connections: () => number; readonly sessions: () => number }) {
    new Gauge({
      name: 'presence_gateway_connections',
      help: 'Open workstation connections',
      registers: [this.registry],
      collect() {
        this.set(read.connections());
      },
    });
    new Gauge({
      name: 'presence_gateway_sessions',
      help: 'Sessions held, those over but not yet forgotten included',
      registers: [this.registry],
      collect() {
        this.set(read.sessions());
      },
    });
  }
}
