import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Provider, ProviderError, type SessionHandle } from '../../gateway/providers/provider.ts';
import type { SessionStatus } from '../../protocol/frames.ts';

/** A phone that a test operates. */
export interface ContractPhone {
  register(): void;
  approve(): void;
  deny(): void;
  leave(): void;
  return(): void;
  close(): void;
}

/** A provider and the service it speaks to. */
export interface ContractSubject {
  readonly provider: Provider;
  /** The same account, another instance: what a restarted gateway would have. */
  again(): Provider;
  /** The same service, with a secret that is not the account's. */
  withWrongSecret(): Provider;
  phone(userId: string): ContractPhone;
  close(): Promise<void>;
}

const WAIT_MS = 5_000;
const signal = AbortSignal.timeout(120_000);

/** What every provider promises (gateway/providers/provider.ts), run against its simulator. */
export function describeProviderContract(name: string, start: () => Promise<ContractSubject>): void {
  describe(`the provider ${name}`, () => {
    let subject: ContractSubject;
    let provider: Provider;
    beforeAll(async () => {
      subject = await start();
      provider = subject.provider;
    });
    afterAll(() => subject.close());

    const newUser = () => ({ userId: `user-${randomBytes(8).toString('hex')}`, displayName: 'Ada Löw & Co' });
    const requestFor = (userId: string) => ({
      idempotencyKey: randomBytes(16).toString('hex'),
      userId,
      deviceId: 'device-1',
      reason: 'unlock' as const,
      methods: [],
      durationSeconds: 600,
    });

    async function enrolled(): Promise<{ userId: string; phone: ContractPhone }> {
      const user = newUser();
      await provider.enrollment.begin(user, signal);
      const phone = subject.phone(user.userId);
      phone.register();
      return { userId: user.userId, phone };
    }

    async function approved() {
      const { userId, phone } = await enrolled();
      const { handle } = await provider.startSession(requestFor(userId), signal);
      phone.approve();
      await reaches(handle, 'active');
      return { userId, phone, handle };
    }

    async function reaches(handle: SessionHandle, ...expected: readonly SessionStatus[]): Promise<void> {
      const deadline = Date.now() + WAIT_MS;
      for (;;) {
        const { status } = await provider.pollSession(handle, signal);
        if (expected.includes(status)) return;
        if (Date.now() > deadline) throw new Error(`still ${status}, not ${expected.join(' or ')}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }

    async function codeOf(call: Promise<unknown>): Promise<string> {
      const fault: unknown = await call.then(
        () => null,
        (thrown: unknown) => thrown,
      );
      return fault instanceof ProviderError ? fault.code : `not a ProviderError: ${String(fault)}`;
    }

    test('enrolls a person: a link, no phone yet, then a phone; beginning again changes nothing', async () => {
      const user = newUser();
      const begun = await provider.enrollment.begin(user, signal);
      expect(begun.registered).toBe(false);
      expect(new URL(begun.link ?? 'no link').protocol).toMatch(/^https?:$/);
      expect(await provider.enrollment.check(user.userId, signal)).toEqual({ registered: false });
      subject.phone(user.userId).register();
      expect(await provider.enrollment.check(user.userId, signal)).toEqual({ registered: true });
      expect((await provider.enrollment.begin(user, signal)).registered).toBe(true);
    });

    test('sends the link by SMS where it says it can', async () => {
      const { capabilities, enrollment } = provider;
      expect(enrollment.sendSms !== undefined).toBe(capabilities.enrollment.includes('sms'));
      if (enrollment.sendSms === undefined) return;
      await expect(enrollment.sendSms({ ...newUser(), phoneNumber: '+491701234567' }, signal)).resolves.toBeUndefined();
    });

    test('starts a session that waits for the person, and sees the approval', async () => {
      const { userId, phone } = await enrolled();
      const { handle, answer } = await provider.startSession(requestFor(userId), signal);
      expect(['pending', 'identifying']).toContain(answer.status);
      expect(answer.prompt?.kind).toBeDefined();
      expect(handle.providerId).toBe(provider.id);
      phone.approve();
      await reaches(handle, 'active');
    });

    test('goes on with a session from its stored handle alone', async () => {
      const { handle } = await approved();
      const stored = JSON.parse(JSON.stringify(handle));
      expect((await subject.again().pollSession(stored, signal)).status).toBe('active');
    });

    test('sees a refusal', async () => {
      const { userId, phone } = await enrolled();
      const { handle } = await provider.startSession(requestFor(userId), signal);
      phone.deny();
      await reaches(handle, 'failed', 'cancelled', 'closed');
    });

    test('sees the phone leave and come back, where it says it can', async () => {
      if (!provider.capabilities.proximity) return;
      const { phone, handle } = await approved();
      phone.leave();
      await reaches(handle, 'walkaway');
      phone.return();
      await reaches(handle, 'active');
    });

    test('sees a session closed on the phone', async () => {
      const { phone, handle } = await approved();
      phone.close();
      await reaches(handle, 'closed');
    });

    test('ends a session, once or twice, and it is not active afterwards', async () => {
      const { handle } = await approved();
      await provider.endSession(handle, signal);
      await reaches(handle, 'closed', 'cancelled', 'failed', 'timeout');
      await expect(provider.endSession(handle, signal)).resolves.toBeUndefined();
    });

    test('says that a person is not known, or has no phone', async () => {
      expect(await codeOf(provider.startSession(requestFor('nobody-at-all'), signal))).toBe('USER_UNKNOWN');
      const user = newUser();
      await provider.enrollment.begin(user, signal);
      expect(await codeOf(provider.startSession(requestFor(user.userId), signal))).toBe('NO_MOBILE_DEVICE');
    });

    test('disables a lost phone and gives a link for a new one', async () => {
      const { lostDevice } = provider.enrollment;
      expect(lostDevice !== undefined).toBe(provider.capabilities.lostDevice);
      if (lostDevice === undefined) return;
      const { userId } = await approved();
      expect(new URL((await lostDevice(userId, signal)).link ?? 'no link').protocol).toMatch(/^https?:$/);
      expect(await provider.enrollment.check(userId, signal)).toEqual({ registered: false });
    });

    test('removes a person, once or twice', async () => {
      const { userId } = await enrolled();
      await provider.enrollment.remove(userId, signal);
      await expect(provider.enrollment.remove(userId, signal)).resolves.toBeUndefined();
      expect(await codeOf(provider.startSession(requestFor(userId), signal))).toBe('USER_UNKNOWN');
    });

    test('says that the service does not accept its secret', async () => {
      const stranger = subject.withWrongSecret();
      expect(await codeOf(stranger.enrollment.begin(newUser(), signal))).toBe('PROVIDER_UNAUTHORIZED');
      expect(await codeOf(stranger.startSession(requestFor('user-1'), signal))).toBe('PROVIDER_UNAUTHORIZED');
    });
  });
}
