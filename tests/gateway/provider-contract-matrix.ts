import { describe, expect, test } from 'vitest';
import { QUESTIONS, type Question, requestsOf, spoilt } from './provider-contract-questions.ts';
import { CLOCK_RATE } from './provider-contract-subject.ts';
import type { ContractWorld } from './provider-contract-world.ts';
import { RETRY_AFTER_MS, SPOILERS } from './spoilt-wire.ts';

type SpoilerName = keyof typeof SPOILERS;
const UNREADABLE: readonly SpoilerName[] = ['html', 'truncated', 'wrongTypes'];
const CODES = {
  unauthorized: 'PROVIDER_UNAUTHORIZED',
  forbidden: 'PROVIDER_UNAUTHORIZED',
  rateLimited: 'PROVIDER_RATE_LIMITED',
  fault: 'PROVIDER_UNAVAILABLE',
  overloaded: 'PROVIDER_UNAVAILABLE',
  html: 'PROVIDER_BAD_ANSWER',
  truncated: 'PROVIDER_BAD_ANSWER',
  wrongTypes: 'PROVIDER_BAD_ANSWER',
  huge: 'PROVIDER_BAD_ANSWER',
  lost: 'PROVIDER_UNAVAILABLE',
} as const satisfies Partial<Record<SpoilerName, string>>;
const SPOILT = Object.keys(CODES).filter((name): name is keyof typeof CODES => name in CODES);

/** Milliseconds of the provider's clock. */
const TIMEOUT_MS = 20 * CLOCK_RATE;

/** Every question that can be put to a service, with each of its requests answered wrongly in every way. */
export function describeWrongAnswers(world: () => ContractWorld): void {
  describe.each(QUESTIONS)('$name', (question) => {
    test.each(SPOILT)('answered as %s', async (name) => {
      const requests = await requestsOf(question, world());
      for (let at = 0; at < requests; at += 1) {
        const { outcome } = await spoilt(question, world(), SPOILERS[name], at);
        if (outcome.ok) {
          const isWord = question.aboutSession && CODES[name] === 'PROVIDER_UNAUTHORIZED';
          if (isWord) expect(outcome.value).toEqual({ status: 'failed', reason: CODES[name] });
          // Where nothing is read there is nothing to misread: the status has said it.
          else expect([question.readsBody, UNREADABLE.includes(name)]).toEqual([false, true]);
          continue;
        }
        const failure = world().asFailure(outcome.fault);
        expect(failure.code).toBe(CODES[name]);
        if (name === 'rateLimited') expect(failure.retryAfterMs).toBe(RETRY_AFTER_MS);
      }
    });

    test('not answered at all', () => isGivenUp(question, world()));
  });
}

/** The last request of the question meets silence. */
export async function isGivenUp(question: Question, world: ContractWorld): Promise<void> {
  const requests = await requestsOf(question, world);
  if (requests === 0) return;
  const impatient = world.subject.open({ timeoutMs: TIMEOUT_MS });
  const { outcome } = await spoilt(question, world, SPOILERS.silent, requests - 1, impatient);
  expect(outcome.ok ? 'answered' : world.asFailure(outcome.fault).code).toBe('PROVIDER_TIMEOUT');
  await world.wire.until(({ waiting }) => waiting === 0, 'the end of the connection');
}
