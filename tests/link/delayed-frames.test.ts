import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { startHandWrittenGateway } from './hand-written-gateway.ts';
import { linkUnderTest, TOKEN } from './link-under-test.ts';
import { startTcpProxy } from './tcp-proxy.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const LEASE_MS = 15_000;
const active = (seq: number, more = {}) => ({
  v: 1,
  type: 'session.state',
  sessionId: 's1',
  seq,
  status: 'active',
  validForMs: LEASE_MS,
  ...more,
});

/** Link → proxy → gateway, with one active session that is not polled. */
async function activeThroughProxy(limits = {}) {
  const gateway = await startHandWrittenGateway();
  const proxy = await startTcpProxy(gateway.url);
  const tested = linkUnderTest({ url: proxy.url, token: TOKEN }, { limits });
  closers.push(gateway.stop, proxy.stop, () => tested.link.close());
  await tested.event('gateway.up');
  await tested.link.startSession({
    type: 'startSession',
    requestId: 'r.1',
    userId: 'u',
    reason: 'unlock',
    durationSeconds: 60,
  });
  await gateway.hear('session.start');
  gateway.say(active(1, { requestId: 'r.1' }));
  await tested.event('session.status');
  return { gateway, proxy, tested };
}

describe('a frame that was held back on its way', () => {
  it('grants no lease when it arrives after its lease would have ended', async () => {
    const { gateway, proxy, tested } = await activeThroughProxy();
    proxy.hold('to-client');
    gateway.say(active(2));
    tested.advance(60_000);
    proxy.release();
    const late = await tested.event('session.status', 2);
    expect(late.at - late.asOf).toBeGreaterThanOrEqual(60_000);
    expect(late.asOf + late.validForMs).toBeLessThan(late.at);
  });

  it('grants none either when polls went out meanwhile: their pongs come behind it', async () => {
    const { gateway, proxy, tested } = await activeThroughProxy();
    proxy.hold('to-client');
    gateway.say(active(2));
    tested.advance(60_000);
    // The ping of this poll is sent after the delay; its pong is queued behind the held frame.
    tested.link.setPolling({ sessionId: 's1', intervalMs: 60_000 });
    await gateway.hear('session.poll');
    proxy.release();
    const late = await tested.event('session.status', 2);
    expect(late.asOf + late.validForMs).toBeLessThan(late.at);
  });

  it('does not spoil the answer that comes after it', async () => {
    const { gateway, proxy, tested } = await activeThroughProxy();
    proxy.hold('to-client');
    gateway.say(active(2));
    tested.advance(60_000);
    tested.link.setPolling({ sessionId: 's1', intervalMs: 60_000 });
    await gateway.hear('session.poll');
    gateway.say(active(3));
    proxy.release();
    const fresh = await tested.event('session.status', 3);
    expect(fresh.asOf + fresh.validForMs).toBeGreaterThan(fresh.at);
  });
});

describe('the anchor of a lease', () => {
  it('is the introduction before the first pong: the gateway said nothing earlier', async () => {
    const { gateway, tested } = await activeThroughProxy();
    await gateway.hear('hello');
    const first = await tested.event('session.status');
    expect(first.asOf).toBeLessThanOrEqual(first.at);
    expect(first.asOf + first.validForMs).toBeGreaterThan(first.at);
  });

  it('moves with each poll, so that leases are renewed', async () => {
    const { gateway, tested } = await activeThroughProxy();
    tested.advance(30_000);
    tested.link.setPolling({ sessionId: 's1', intervalMs: 60_000 });
    await gateway.hear('session.poll');
    gateway.say(active(2));
    const renewed = await tested.event('session.status', 2);
    expect(renewed.at - renewed.asOf).toBeLessThan(5_000);
  });
});

describe('a half-open connection', () => {
  it('is noticed although the socket looks open, and reported as silent', async () => {
    const limits = { heartbeatIntervalMs: 20, silenceLimitMs: 200 };
    const { gateway, proxy, tested } = await activeThroughProxy(limits);
    proxy.hold('both');
    expect(await tested.event('gateway.down')).toMatchObject({ reason: 'SILENT' });
    // The proxy holds the pairs it had; a new connection gets through.
    await tested.event('gateway.up', 2);
    await eventually('a second connection', () => gateway.connections() === 2);
  });

  it.each([
    ['of a heartbeat', { heartbeatIntervalMs: 20 }],
    ['before a poll', { heartbeatIntervalMs: 60_000 }],
  ])('is noticed by a ping %s that nobody answers, long before silence alone would tell', async (_which, heartbeat) => {
    const limits = { ...heartbeat, silenceLimitMs: 60_000, pongLimitMs: 200 };
    const { proxy, tested } = await activeThroughProxy(limits);
    tested.link.setPolling({ sessionId: 'session-1', intervalMs: 50 });
    proxy.hold('both');
    expect(await tested.event('gateway.down')).toMatchObject({ reason: 'SILENT' });
    await tested.event('gateway.up', 2);
  });

  it('is not assumed while the gateway answers pings, however little it says', async () => {
    const limits = { heartbeatIntervalMs: 20, silenceLimitMs: 300, pongLimitMs: 300 };
    const { tested, gateway } = await activeThroughProxy(limits);
    let pings = 0;
    gateway.socket().on('ping', () => {
      pings += 1;
    });
    // Several silence limits long, counted in heartbeats rather than in time.
    await eventually('forty heartbeats', () => pings >= 40);
    expect(tested.of('gateway.down')).toEqual([]);
  });
});
