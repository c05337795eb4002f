import { describe, expect, test } from 'vitest';
import { ProviderError } from '../../gateway/providers/provider.ts';
import {
  type ContractWorld,
  codeOn,
  DURATION_SECONDS,
  IN_PROGRESS,
  OVER,
  pressed,
  wordsOf,
  wrongCodeFor,
} from './provider-contract-world.ts';

const MINUTE_MS = 60_000;
/** Longer than any of the services waits for an answer, or lets a phone be away. */
const MINUTES_WATCHED = 15;

/** What becomes of a session. `world`: of the running test. */
export function describeSessions(world: () => ContractWorld): void {
  describe('a session', () => {
    test('waits for the person, says how they are asked, and is active when they say yes', async () => {
      const { provider, observed } = world();
      const session = await world().started();
      const { handle, answer, phone } = session;
      expect(IN_PROGRESS).toContain(answer.status);
      expect(handle.providerId).toBe(provider.id);
      expect(IN_PROGRESS).toContain((await world().poll(handle)).status);
      const kind = answer.prompt?.kind ?? 'none';
      // Typed or pressed, never both: the curtain shows one of them.
      expect([phone.code !== undefined, phone.approve !== undefined]).toEqual([kind === 'code', kind !== 'code']);
      if (kind === 'code') expect(provider.answerSession).toBeDefined();
      observed.note('asks', wordsOf(answer.prompt), [`prompt ${kind}`]);
      await world().approve(session);
      expect((await world().poll(handle)).prompt).toBeUndefined();
      observed.note('approval', 'yes');
    });

    test('that is still waiting shows its prompt again to whoever asks later', async () => {
      const { handle, answer } = await world().started();
      expect((await world().poll(handle)).prompt).toEqual(answer.prompt);
      expect((await world().poll(handle, world().subject.open())).prompt).toEqual(answer.prompt);
    });

    test('sees a refusal, where there is something to refuse with', async () => {
      const { handle, phone } = await world().started();
      if (phone.deny === undefined) {
        expect(phone.code).toBeDefined();
        world().observed.note('refusal', 'no: the code is not typed');
        return;
      }
      await phone.deny();
      const status = await world().reaches(handle, ['failed', 'cancelled', 'closed']);
      world().observed.note('refusal', `\`${status}\``);
    });

    test('takes a code only where it asks for one, and a wrong one costs nothing but a try', async () => {
      const { provider, observed } = world();
      const session = await world().started();
      const { handle, phone } = session;
      if (phone.code === undefined) {
        // Either the provider takes no codes at all, or not for this session: it must not open by one.
        const tried = (await provider.answerSession?.(handle, '000000', world().signal).catch(refused)) ?? null;
        expect(tried?.status).not.toBe('active');
        observed.note('wrongCode', 'nothing is typed');
        return;
      }
      const code = phone.code();
      expect(await world().codeOf(world().answer(handle, wrongCodeFor(code)))).toBe('CODE_WRONG');
      expect(await world().codeOf(world().answer(handle, ''))).toBe('CODE_WRONG');
      expect(IN_PROGRESS).toContain((await world().poll(handle)).status);
      expect((await world().answer(handle, ` ${code} `)).status).toBe('active');
      observed.note('wrongCode', '`CODE_WRONG`, another one may be typed');
    });

    test('nobody answers never opens', async () => {
      const { handle, phone } = await world().started();
      await phone.ignore?.();
      let minutes = 0;
      let status = (await world().poll(handle)).status;
      while (IN_PROGRESS.includes(status) && minutes < MINUTES_WATCHED) {
        world().time.pass(MINUTE_MS);
        minutes += 1;
        ({ status } = await world().poll(handle));
      }
      const waits = IN_PROGRESS.includes(status);
      if (!waits) expect(OVER).toContain(status);
      world().observed.note(
        'unanswered',
        waits ? 'waits until it is called off' : `\`${status}\` after ${minutes} min`,
      );
    });

    test('that is called off is not opened by a late yes, and ending it again succeeds', async () => {
      const { provider, signal, observed } = world();
      const { handle, phone, answer } = await world().started();
      const code = answer.prompt?.kind === 'code' ? codeOn(phone) : null;
      await provider.endSession(handle, signal);
      await expect(provider.endSession(handle, signal)).resolves.toBeUndefined();
      if (code === null) {
        const believed = await pressed(phone, 'approve').then(() => 'a late yes is not believed', refused);
        observed.note('calledOff', believed ?? 'a late yes is not possible');
      } else {
        expect((await world().answer(handle, code)).status).not.toBe('active');
        observed.note('calledOff', 'a late code is not taken');
      }
      expect(OVER).toContain((await world().poll(handle)).status);
    });

    test('that was approved is not active once it was ended, and ending it again succeeds', async () => {
      const { provider, signal } = world();
      const { handle } = await world().approved();
      await provider.endSession(handle, signal);
      expect(OVER).toContain((await world().poll(handle)).status);
      await expect(provider.endSession(handle, signal)).resolves.toBeUndefined();
    });

    test('that is taken back at the service closes', async () => {
      const { handle, phone } = await world().approved();
      await phone.close();
      world().observed.note('takenBack', `\`${await world().reaches(handle, ['closed'])}\``);
    });

    test('follows the phone where the service notices it, and has nothing to follow elsewhere', async () => {
      const { provider, observed, time } = world();
      const { handle, phone } = await world().approved();
      expect(phone.leave !== undefined).toBe(provider.capabilities.proximity);
      if (phone.leave === undefined) {
        observed.note('proximity', 'not noticed');
        return;
      }
      await phone.leave();
      time.pass(MINUTE_MS);
      await world().reaches(handle, ['walkaway']);
      await pressed(phone, 'return');
      await world().reaches(handle, ['active']);
      await phone.leave();
      time.pass(MINUTES_WATCHED * MINUTE_MS - 1);
      const stayedAway = await world().reaches(handle, OVER);
      await pressed(phone, 'return').catch(refused);
      expect((await world().poll(handle)).status).toBe(stayedAway);
      observed.note('proximity', `\`walkaway\`, \`active\`, \`${stayedAway}\``, ['proximity']);
    });

    test('ends with its agreed duration where the service keeps to it', async () => {
      const { provider, observed, time } = world();
      const { handle } = await world().approved();
      time.pass((DURATION_SECONDS - 1) * 1_000);
      expect((await world().poll(handle)).status).toBe('active');
      time.pass(2_000);
      const { status } = await world().poll(handle);
      expect(OVER.includes(status)).toBe(provider.capabilities.durations);
      if (status === 'active') observed.note('duration', 'the gateway ends it');
      else observed.note('duration', `\`${status}\` by the service`, ['durations']);
    });

    test('is asked for with each method that is offered', async () => {
      const { provider, signal, observed } = world();
      const { methods } = provider.capabilities;
      for (const method of methods) {
        const { userId, phone } = await world().enrolled();
        const request = world().request(userId, { methods: [method] });
        const { handle, answer } = await provider.startSession(request, signal);
        await world().approve({ userId, phone, handle, answer });
      }
      const seen = methods.map((method) => `method ${method}`);
      observed.note('methods', methods.length === 0 ? 'none' : methods.map((each) => `\`${each}\``).join(', '), seen);
    });

    test('that is started twice under one key asks once, or is two sessions of which each needs its own yes', async () => {
      const { provider, signal, observed } = world();
      const { userId, phone } = await world().enrolled();
      const request = world().request(userId);
      const first = await provider.startSession(request, signal);
      const second = await provider.startSession(request, signal);
      expect(IN_PROGRESS).toContain(second.answer.status);
      await world().approve({ userId, phone, handle: second.handle, answer: second.answer });
      if ((await world().poll(first.handle)).status === 'active') {
        await expect(pressed(phone, 'approve')).rejects.toThrow();
        observed.note('startedTwice', 'asks once');
      } else {
        await world().approve({ userId, phone, handle: first.handle, answer: first.answer });
        observed.note('startedTwice', 'asks twice: the gateway sends it once');
      }
    });

    test.each(['a?b=c', 'a#b', 'a%2Fb', 'Ada Löw', 'a:b@c', '%2e%2e'])('of the person %s is theirs', async (userId) => {
      const { handle } = await world().approved(userId);
      expect((await world().poll(handle)).status).toBe('active');
    });
  });
}

function refused(fault: unknown): null {
  // A phone refuses with an Error of the simulator, a provider with a ProviderError; a TypeError is a mistake of the test.
  if (fault instanceof ProviderError || (fault instanceof Error && fault.name === 'Error')) return null;
  throw fault;
}
