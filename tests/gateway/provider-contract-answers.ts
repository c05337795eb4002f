import { describe, expect, test } from 'vitest';
import type { Provider } from '../../gateway/providers/provider.ts';
import { CLOCK_RATE } from './provider-contract-subject.ts';
import { type ContractWorld, codeOn } from './provider-contract-world.ts';
import { RETRY_AFTER_MS, redirect, SPOILERS, type Spoiler, SpoiltWire } from './spoilt-wire.ts';

/** One thing that can be asked of a service. */
interface Question {
  readonly name: string;
  /** Whether the service's word about a session is what is asked for: its refusal is an answer then (docs/protocol.md, Lease). */
  readonly aboutSession: boolean;
  /** Whether the answer says more than its status. */
  readonly readsBody: boolean;
  /** Prepares everything, so that only the question itself meets the wire. `null`: nothing of this kind can be asked here. */
  readonly prepared: (world: ContractWorld) => Promise<((provider: Provider) => Promise<unknown>) | null>;
}

const SMS_TO = '+491701234567';

const QUESTIONS: readonly Question[] = [
  {
    name: 'a start',
    aboutSession: false,
    readsBody: true,
    prepared: async (world) => {
      const { userId } = await world.enrolled();
      return (provider) => provider.startSession(world.request(userId), world.signal);
    },
  },
  {
    name: 'a poll of a session that waits',
    aboutSession: true,
    readsBody: true,
    prepared: async (world) => {
      const { handle } = await world.started();
      return (provider) => provider.pollSession(handle, world.signal);
    },
  },
  {
    name: 'a poll of an approved session',
    aboutSession: true,
    readsBody: true,
    prepared: async (world) => {
      const { handle } = await world.approved();
      return (provider) => provider.pollSession(handle, world.signal);
    },
  },
  {
    name: 'a code',
    aboutSession: true,
    readsBody: true,
    prepared: async (world) => {
      const { handle, answer, phone } = await world.started();
      if (answer.prompt?.kind !== 'code') return null;
      const code = codeOn(phone);
      return async (provider) => provider.answerSession?.(handle, code, world.signal);
    },
  },
  {
    name: 'an end',
    aboutSession: false,
    readsBody: true,
    prepared: async (world) => {
      const { handle } = await world.started();
      return (provider) => provider.endSession(handle, world.signal);
    },
  },
  {
    name: 'the beginning of an enrollment',
    aboutSession: false,
    readsBody: true,
    prepared: async (world) => {
      const { userId } = await world.enrolled();
      return (provider) => provider.enrollment.begin(world.newUser(userId), world.signal);
    },
  },
  {
    name: 'the question whether somebody is ready',
    aboutSession: false,
    readsBody: true,
    prepared: async (world) => {
      const { userId } = await world.enrolled();
      return (provider) => provider.enrollment.check(userId, world.signal);
    },
  },
  {
    name: 'an SMS',
    aboutSession: false,
    readsBody: true,
    prepared: async (world) => {
      if (world.provider.enrollment.sendSms === undefined) return null;
      const sms = { ...world.newUser(), phoneNumber: SMS_TO };
      return async (provider) => provider.enrollment.sendSms?.(sms, world.signal);
    },
  },
  {
    name: 'a known number',
    aboutSession: false,
    readsBody: true,
    prepared: async (world) => {
      if (world.provider.enrollment.addContact === undefined) return null;
      const contact = { kind: 'phone', phoneNumber: SMS_TO } as const;
      return async (provider) => provider.enrollment.addContact?.({ ...world.newUser(), contact }, world.signal);
    },
  },
  {
    name: 'the report of a lost phone',
    aboutSession: false,
    readsBody: true,
    prepared: async (world) => {
      if (world.provider.enrollment.lostDevice === undefined) return null;
      const { userId } = await world.enrolled();
      return async (provider) => provider.enrollment.lostDevice?.(userId, world.signal);
    },
  },
  {
    name: 'the list of methods',
    aboutSession: false,
    readsBody: true,
    prepared: async (world) => {
      if (world.provider.enrollment.methods === undefined) return null;
      const { userId } = await world.enrolled();
      return async (provider) => provider.enrollment.methods?.list(userId, world.signal);
    },
  },
  {
    name: 'a removal',
    aboutSession: false,
    readsBody: false,
    prepared: async (world) => {
      const { userId } = await world.enrolled();
      return (provider) => provider.enrollment.remove(userId, world.signal);
    },
  },
];

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

/** How often one question meets the wire: every one of its requests is spoilt in turn. */
async function requestsOf(question: Question, world: ContractWorld): Promise<number> {
  const ask = await question.prepared(world);
  const before = world.wire.requests;
  await ask?.(world.provider);
  return world.wire.requests - before;
}

async function spoilt(question: Question, world: ContractWorld, how: Spoiler, at: number, provider = world.provider) {
  const ask = await question.prepared(world);
  if (ask === null) throw new Error('it could be asked a moment ago');
  world.wire.spoil(how, at);
  const before = world.wire.requests;
  const outcome = await ask(provider).then(
    (value) => ({ ok: true as const, value }),
    (fault: unknown) => ({ ok: false as const, fault }),
  );
  world.wire.heal();
  return { outcome, requests: world.wire.requests - before };
}

/** What a service, or something on the way to it, may answer instead of what was asked for. */
export function describeAnswers(world: () => ContractWorld): void {
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
  });

  describe('an answer', () => {
    const [start, waiting, approved] = QUESTIONS;
    if (start === undefined || waiting === undefined || approved === undefined) throw new Error('no questions');

    test('of garbage says nothing about a session: the next good one does', async () => {
      const { handle } = await world().approved();
      for (const name of UNREADABLE) {
        world().wire.spoil(SPOILERS[name]);
        expect(await world().codeOf(world().poll(handle))).toBe('PROVIDER_BAD_ANSWER');
        world().wire.heal();
        expect((await world().poll(handle)).status).toBe('active');
      }
      world().observed.note('garbage', '`PROVIDER_BAD_ANSWER`');
    });

    test('that the service does not know the session is its end', async () => {
      for (const question of [waiting, approved]) {
        const { outcome } = await spoilt(question, world(), SPOILERS.unknown, 0);
        expect(outcome).toEqual({ ok: true, value: { status: 'closed', reason: 'SESSION_UNKNOWN' } });
      }
    });

    test('that leads elsewhere is not followed', async () => {
      // It would answer as the service does: who follows gets what they asked for.
      const elsewhere = await SpoiltWire.before(world().wire.serviceUrl);
      for (const status of [301, 302, 307, 308]) {
        const { outcome } = await spoilt(start, world(), redirect(status, elsewhere.url), 0);
        expect(outcome.ok ? 'followed' : world().asFailure(outcome.fault).code).toBe('PROVIDER_BAD_ANSWER');
      }
      expect(elsewhere.requests).toBe(0);
      await elsewhere.cut();
    });

    test('that asks to wait is told with how long', async () => {
      const { outcome } = await spoilt(start, world(), SPOILERS.rateLimited, 0);
      if (outcome.ok) throw new Error('it was not limited');
      const { code, retryAfterMs } = world().asFailure(outcome.fault);
      expect(retryAfterMs).toBe(RETRY_AFTER_MS);
      world().observed.note('rateLimit', `\`${code}\`, waits as told`);
    });

    test('to a start that was lost: the person is not asked a second time', async () => {
      const requests = await requestsOf(start, world());
      for (const lost of [SPOILERS.lost, SPOILERS.fault, SPOILERS.html, SPOILERS.truncated]) {
        const asked = await spoilt(start, world(), lost, requests - 1);
        expect(asked).toMatchObject({ outcome: { ok: false }, requests });
      }
    });

    test('to a poll is asked for once: whoever polls is the repetition', async () => {
      for (const name of ['lost', 'fault', 'rateLimited'] as const) {
        expect((await spoilt(waiting, world(), SPOILERS[name], 0)).requests).toBe(1);
      }
    });
  });

  describe('a service that takes its time', () => {
    /** Milliseconds of the provider's clock. */
    const TIMEOUT_MS = 50 * CLOCK_RATE;

    test.each(QUESTIONS)('is given up, and its connection with it: $name', async (question) => {
      const requests = await requestsOf(question, world());
      const impatient = world().subject.open({ timeoutMs: TIMEOUT_MS });
      // The last of the question's requests: those before it are asked about in the same way.
      if (requests === 0) return;
      const { outcome } = await spoilt(question, world(), SPOILERS.silent, requests - 1, impatient);
      expect(outcome.ok ? 'answered' : world().asFailure(outcome.fault).code).toBe('PROVIDER_TIMEOUT');
      await world().wire.until(({ waiting }) => waiting === 0, 'the end of the connection');
      if (question.name === 'a start') world().observed.note('silence', '`PROVIDER_TIMEOUT`, bounded');
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
