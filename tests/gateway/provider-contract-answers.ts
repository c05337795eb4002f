import { describe, expect, test } from 'vitest';
import { isGivenUp } from './provider-contract-matrix.ts';
import { POLL_APPROVED, POLL_WAITING, requestsOf, START, spoilt } from './provider-contract-questions.ts';
import type { ContractWorld } from './provider-contract-world.ts';
import { RETRY_AFTER_MS, redirect, SPOILERS, SpoiltWire } from './spoilt-wire.ts';

/** What a service, or something on the way to it, may answer instead of what was asked for. */
export function describeAnswers(world: () => ContractWorld): void {
  describe('an answer', () => {
    test('of garbage says nothing about a session: the next good one does', async () => {
      const { handle } = await world().approved();
      for (const name of ['html', 'truncated', 'wrongTypes'] as const) {
        world().wire.spoil(SPOILERS[name]);
        expect(await world().codeOf(world().poll(handle))).toBe('PROVIDER_BAD_ANSWER');
        world().wire.heal();
        expect((await world().poll(handle)).status).toBe('active');
      }
      world().observed.note('garbage', '`PROVIDER_BAD_ANSWER`');
    });

    test('that the service does not know the session is its end', async () => {
      for (const question of [POLL_WAITING, POLL_APPROVED]) {
        const { outcome } = await spoilt(question, world(), SPOILERS.unknown, 0);
        expect(outcome).toEqual({ ok: true, value: { status: 'closed', reason: 'SESSION_UNKNOWN' } });
      }
    });

    test('that leads elsewhere is not followed', async () => {
      // It would answer as the service does: who follows gets what they asked for.
      const elsewhere = await SpoiltWire.before(world().wire.serviceUrl);
      for (const status of [301, 302, 307, 308]) {
        const { outcome } = await spoilt(START, world(), redirect(status, elsewhere.url), 0);
        expect(outcome.ok ? 'followed' : world().asFailure(outcome.fault).code).toBe('PROVIDER_BAD_ANSWER');
      }
      expect(elsewhere.requests).toBe(0);
      await elsewhere.cut();
    });

    test('that asks to wait is told with how long', async () => {
      const { outcome } = await spoilt(START, world(), SPOILERS.rateLimited, 0);
      if (outcome.ok) throw new Error('it was not limited');
      const { code, retryAfterMs } = world().asFailure(outcome.fault);
      expect(retryAfterMs).toBe(RETRY_AFTER_MS);
      world().observed.note('rateLimit', `\`${code}\`, waits as told`);
    });

    test('to a start that was lost: the person is not asked a second time', async () => {
      const requests = await requestsOf(START, world());
      for (const lost of [SPOILERS.lost, SPOILERS.fault, SPOILERS.html, SPOILERS.truncated]) {
        const asked = await spoilt(START, world(), lost, requests - 1);
        expect(asked).toMatchObject({ outcome: { ok: false }, requests });
      }
    });

    test('to a poll is asked for once: whoever polls is the repetition', async () => {
      for (const name of ['lost', 'fault', 'rateLimited'] as const) {
        expect((await spoilt(POLL_WAITING, world(), SPOILERS[name], 0)).requests).toBe(1);
      }
    });
  });

  describe('a service that takes its time', () => {
    test('is given up, and its connection with it', async () => {
      await isGivenUp(START, world());
      world().observed.note('silence', '`PROVIDER_TIMEOUT`, bounded');
    });

    test('is waited for as long as it answers in time', async () => {
      const { userId } = await world().enrolled();
      const before = world().wire.requests;
      const answerNow = world().wire.hold();
      const checked = world().provider.enrollment.check(userId, world().signal);
      await world().wire.until(({ requests }) => requests > before, 'the question');
      answerNow();
      expect(await checked).toEqual({ registered: true });
    });

    test('is let go of by whoever no longer waits', async () => {
      const { userId } = await world().enrolled();
      world().wire.spoil(SPOILERS.silent);
      const before = world().wire.requests;
      const patience = new AbortController();
      const code = world().codeOf(world().provider.enrollment.check(userId, patience.signal));
      await world().wire.until(({ requests }) => requests > before, 'the question');
      patience.abort();
      expect(await code).toBe('PROVIDER_TIMEOUT');
      await world().wire.until(({ waiting }) => waiting === 0, 'the end of the connection');
    });

    test('or that nobody can reach is said to be so', async () => {
      const { handle } = await world().approved();
      await world().wire.cut();
      expect(['PROVIDER_UNREACHABLE', 'PROVIDER_UNAVAILABLE']).toContain(await world().codeOf(world().poll(handle)));
      const fresh = world().subject.open();
      expect(await world().codeOf(world().poll(handle, fresh))).toBe('PROVIDER_UNREACHABLE');
      await world().wire.mend();
      expect((await world().poll(handle)).status).toBe('active');
    });
  });
}
