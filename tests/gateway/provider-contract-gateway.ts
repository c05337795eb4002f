import { describe, expect, test } from 'vitest';
import { DURATION_SLACK_MS } from '../../gateway/limits.ts';
import { createMemorySessionStore } from '../../gateway/store/session-store.ts';
import { DEFAULT_POLICY } from '../../protocol/policy.ts';
import { GatewayOfContract } from './gateway-of-contract.ts';
import { START } from './gateway-under-test.ts';
import { type ContractWorld, OVER } from './provider-contract-world.ts';

const { leaseMs: LEASE_MS } = DEFAULT_POLICY;
const SHORTEST_DURATION_SECONDS = 60;

/** The same provider behind a real gateway: what a workstation gets of it. */
export function describeGateway(world: () => ContractWorld, inside: boolean): void {
  const running: GatewayOfContract[] = [];
  const opened = async (...options: Parameters<typeof GatewayOfContract.open>) => {
    const gateway = await GatewayOfContract.open(...options);
    running.push(gateway);
    return gateway;
  };
  const closeAll = async () => {
    for (const gateway of running.splice(0)) await gateway.close();
  };
  /** A test whose gateways are closed at its end, before the service is. */
  const gatewayTest = (name: string, run: () => Promise<void>, skipped = false) =>
    test.skipIf(skipped)(name, async () => {
      try {
        await run();
      } finally {
        await closeAll();
      }
    });
  /** Of what can go wrong between gateway and service. */
  const wireTest = (name: string, run: () => Promise<void>) => gatewayTest(name, run, inside);

  describe('behind a gateway', () => {
    wireTest('its approval is a lease, and an outage lets it run out although the socket is healthy', async () => {
      const gateway = await opened(world());
      const { desk, sessionId } = await gateway.approved();
      expect(desk.last('session.state').validForMs).toBeGreaterThan(LEASE_MS - 1_000);
      await world().wire.cut();
      let left = LEASE_MS;
      for (let second = 0; second * 1_000 < LEASE_MS; second += 1) {
        await gateway.passes(1_000);
        const { status, validForMs } = await desk.polls(sessionId);
        expect(status).toBe('active');
        expect(validForMs).toBeLessThan(left);
        left = validForMs;
      }
      expect(left).toBe(0);
      expect(desk.last('session.state').reason).toMatch(/^PROVIDER_/);
      expect([desk.closedWith, desk.terminated]).toEqual([null, false]);
      await world().wire.mend();
      await gateway.passes(10_000);
      const recovered = await desk.polls(sessionId);
      expect(recovered.status).toBe('active');
      expect(recovered.reason).toBeUndefined();
      expect(recovered.validForMs).toBeGreaterThan(0);
      world().observed.note('outage', `the lease runs out within ${LEASE_MS / 1_000} s`);
    });

    wireTest('answers of garbage renew no lease', async () => {
      const gateway = await opened(world());
      const { desk, sessionId } = await gateway.approved();
      world().wire.spoil(gateway.garbage);
      await gateway.passes(LEASE_MS);
      expect(await desk.polls(sessionId)).toMatchObject({ validForMs: 0, reason: 'PROVIDER_BAD_ANSWER' });
    });

    wireTest('a slow answer grants what is left of its lease', async () => {
      const gateway = await opened(world());
      const { desk, sessionId } = await gateway.approved();
      const slownessMs = 6_000;
      const answerNow = world().wire.hold();
      const asked = world().wire.requests;
      await gateway.passesWithoutAnswer(LEASE_MS / 3 + 1);
      await world().wire.until(({ requests }) => requests > asked, 'the poll');
      await gateway.passesWithoutAnswer(slownessMs);
      answerNow();
      await gateway.settled();
      const { status, validForMs } = await desk.polls(sessionId);
      expect(status).toBe('active');
      expect(validForMs).toBeLessThanOrEqual(LEASE_MS - slownessMs);
      expect(validForMs).toBeGreaterThan(0);
    });

    wireTest('a limit is heeded: it is asked again when it said so, not before', async () => {
      const gateway = await opened(world());
      await gateway.approved();
      world().wire.spoil(gateway.limited);
      const before = world().wire.requests;
      await gateway.passes(LEASE_MS / 3 + 1_000);
      expect(world().wire.requests).toBe(before + 1);
      await gateway.passes(gateway.limitedForMs - 2_000);
      expect(world().wire.requests).toBe(before + 1);
    });

    gatewayTest('the same start asks the person once, over a reconnect too', async () => {
      const gateway = await opened(world());
      const { userId } = await world().enrolled();
      const first = await gateway.workstation();
      const sessionId = await gateway.starts(first, userId);
      const { asked } = world();
      first.leave();
      expect(await gateway.starts(await gateway.workstation(), userId)).toBe(sessionId);
      expect(world().asked).toBe(asked);
    });

    gatewayTest('a session goes on in the next gateway, and one that was ended does not', async () => {
      const store = createMemorySessionStore();
      const gateway = await opened(world(), { store });
      const { sessionId } = await gateway.approved();
      const called = await gateway.approved('request-2');
      await called.desk.says({ v: 1, type: 'session.end', sessionId: called.sessionId, reason: 'locked' });
      await gateway.settled();
      await gateway.close();
      const next = await opened(world().restarted(), { store });
      const desk = await next.workstation();
      await desk.says({ v: 1, type: 'session.poll', sessionId, seq: 0 });
      await next.passes(1_000);
      expect(desk.last('session.state')).toMatchObject({ sessionId, status: 'active' });
      expect(desk.last('session.state').validForMs).toBeGreaterThan(0);
      await desk.says({ v: 1, type: 'session.poll', sessionId: called.sessionId, seq: 0 });
      expect(desk.last('error').code).toBe('SESSION_UNKNOWN');
    });

    gatewayTest('a session that waits shows its prompt in the next gateway, and is approved there', async () => {
      const store = createMemorySessionStore();
      const gateway = await opened(world(), { store });
      const { sessionId, phone, desk: before } = await gateway.started();
      await gateway.close();
      const next = await opened(world().restarted(), { store });
      const desk = await next.workstation();
      await desk.says({ v: 1, type: 'session.poll', sessionId, seq: 0 });
      await next.passes(1_000);
      expect(desk.last('session.state')).toMatchObject({ sessionId, status: 'pending', validForMs: 0 });
      expect(desk.last('session.state').prompt).toEqual(before.last('session.state').prompt);
      await next.approves(desk, phone);
      await next.passes(1_000);
      expect(desk.last('session.state').status).toBe('active');
      expect(desk.last('session.state').seq).toBeGreaterThan(before.last('session.state').seq);
    });

    gatewayTest('a session is over with its agreed duration, whoever ends it', async () => {
      const gateway = await opened(world());
      const { desk, sessionId } = await gateway.approved('request-1', SHORTEST_DURATION_SECONDS);
      await gateway.passes((SHORTEST_DURATION_SECONDS - 1) * 1_000);
      expect((await desk.polls(sessionId)).status).toBe('active');
      await gateway.passes(DURATION_SLACK_MS + 10_000);
      const { status, validForMs } = await desk.polls(sessionId);
      expect(OVER).toContain(status);
      expect(validForMs).toBe(0);
    });

    gatewayTest('a result is there before the next poll where the service pushes it', async () => {
      const gateway = await opened(world());
      const pushes = world().provider.capabilities.push;
      // A provider inside the gateway pushes through what it is attached to.
      expect((world().provider.webhook ?? world().provider.attach) !== undefined).toBe(pushes);
      const { url } = await gateway.listen();
      world().subject.deliverTo?.(url);
      const { desk, phone } = await gateway.started();
      await gateway.approves(desk, phone);
      await gateway.untilJustBeforeThePoll();
      // A typed code is answered with the state at once: that is no push.
      const typed = phone.code !== undefined;
      expect(desk.last('session.state').status).toBe(pushes || typed ? 'active' : 'pending');
      await gateway.passes(1_000);
      expect(desk.last('session.state').status).toBe('active');
      if (pushes) world().observed.note('push', 'yes', ['push']);
      else {
        expect((await fetch(`${url}/webhooks/authsignal`, { method: 'POST', body: '{}' })).status).toBe(404);
        world().observed.note('push', 'no, it is polled');
      }
    });

    gatewayTest('what it cannot do is refused without a question to the service', async () => {
      const gateway = await opened(world());
      const { capabilities } = world().provider;
      const desk = await gateway.workstation();
      const person = { requestId: 'r-1', userId: 'ada', displayName: 'Ada' };
      const contact = { kind: 'email', email: 'ada@example.org' };
      const { asked } = world();
      const unable: readonly (readonly [boolean, object])[] = [
        [capabilities.enrollment.includes('sms'), { type: 'enroll.sms', ...person, phoneNumber: '+491701234567' }],
        [capabilities.enrollment.includes('contact'), { type: 'enroll.contact', ...person, contact }],
        [capabilities.lostDevice, { type: 'enroll.lostDevice', requestId: 'r-1', userId: 'ada' }],
        [capabilities.enrollment.includes('methods'), { type: 'methods.list', requestId: 'r-1', userId: 'ada' }],
        [false, { ...START, requestId: 'r-1', methods: ['no-such-method'] }],
      ];
      for (const [able, frame] of unable) {
        if (able) continue;
        desk.received.splice(0);
        await desk.says({ v: 1, ...frame });
        expect(desk.last('error')).toMatchObject({ requestId: 'r-1', code: 'NOT_SUPPORTED' });
      }
      expect(world().asked).toBe(asked);
      if (capabilities.prompts.includes('code')) return;
      const { sessionId, desk: asking } = await gateway.started();
      await asking.says({ v: 1, type: 'session.answer', sessionId, data: '123456' });
      expect(asking.last('error').code).toBe('ANSWER_NOT_EXPECTED');
    });
  });
}
