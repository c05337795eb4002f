import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { failureOf, USER } from './authsignal-provider.ts';
import { AuthsignalWorld } from './authsignal-world.ts';

let world: AuthsignalWorld;
beforeEach(async () => {
  world = await AuthsignalWorld.start();
});
afterEach(() => world.close());

describe('enrollment', () => {
  test('sends the name and nothing else about the person, and gives a link to the service’s own pages', async () => {
    const { link } = await world.provider.enrollment.begin(
      { userId: 'ada', displayName: 'Ada Löw & Co' },
      world.signal,
    );
    expect(link).toContain('/phone/ada?settings=');
    expect(world.simulator.phone('ada').state()).toMatchObject({ displayName: 'Ada Löw & Co', registered: false });
  });

  test.each([
    [{ kind: 'phone', phoneNumber: '+491701234567' }, 'SMS'],
    [{ kind: 'email', email: 'ada@example.org' }, 'EMAIL_OTP'],
  ] as const)('registers a known %o', async (contact, method) => {
    const added = await world.provider.enrollment.addContact?.(
      { userId: 'ada', displayName: 'Ada', contact },
      world.signal,
    );
    expect(added).toEqual({ registered: true });
    expect(world.simulator.phone('ada').state().methods).toEqual([method]);
    const { answer } = await world.start({ userId: 'ada' });
    expect(answer.prompt?.kind).toBe('link');
  });

  test('a number the service does not take is CONTACT_REFUSED', async () => {
    world.simulator.injectFault({ kind: 'status', status: 400, call: 'enroll_authenticator' });
    const contact = { kind: 'phone', phoneNumber: '+491701234567' } as const;
    const failure = await failureOf(
      Promise.resolve(
        world.provider.enrollment.addContact?.({ userId: 'ada', displayName: 'Ada', contact }, world.signal),
      ),
    );
    expect(failure.code).toBe('CONTACT_REFUSED');
  });

  test('a lost phone removes every way to approve, and gives a link for a new one', async () => {
    const contact = { kind: 'phone', phoneNumber: '+491701234567' } as const;
    await world.provider.enrollment.addContact?.({ userId: USER, displayName: '', contact }, world.signal);
    expect(world.phone().state().methods).toEqual(['PASSKEY', 'SMS']);
    const lost = await world.provider.enrollment.lostDevice?.(USER, world.signal);
    expect(lost?.link).toContain('settings=');
    expect(world.phone().state()).toMatchObject({ registered: false, methods: [] });
  });
});
