import { describe, expect, test } from 'vitest';
import type { ProviderMethods } from '../../gateway/providers/provider.ts';
import { MethodsOfPersonSchema } from '../../protocol/confirmation-methods.ts';
import type { KnownContact } from '../../protocol/frames.ts';
import { type ContractWorld, codeOn, OVER, pressed } from './provider-contract-world.ts';

const PHONE_NUMBER = '+491701234567';
const CONTACTS: readonly KnownContact[] = [
  { kind: 'phone', phoneNumber: PHONE_NUMBER },
  { kind: 'email', email: 'ada@example.org' },
];

/** How people get ready to approve. What is not offered is absent; that the gateway then refuses it is in provider-contract-gateway.ts. */
export function describeEnrollment(world: () => ContractWorld): void {
  const offers = (kind: 'link' | 'sms' | 'contact' | 'methods') =>
    world().provider.capabilities.enrollment.includes(kind);

  describe('enrollment', () => {
    test('begins with nobody ready, sees it when somebody is, and beginning again changes nothing', async () => {
      const { provider, signal, observed } = world();
      const user = world().newUser();
      const begun = await provider.enrollment.begin(user, signal);
      expect(begun.registered).toBe(false);
      expect(begun.link !== undefined).toBe(offers('link'));
      if (begun.link !== undefined) expect(new URL(begun.link).protocol).toMatch(/^https?:$/);
      expect(await provider.enrollment.check(user.userId, signal)).toEqual({ registered: false });
      await world().subject.phone(user.userId).register();
      expect(await provider.enrollment.check(user.userId, signal)).toEqual({ registered: true });
      expect((await provider.enrollment.begin(user, signal)).registered).toBe(true);
      if (begun.link === undefined) observed.note('enrollLink', 'no');
      else observed.note('enrollLink', 'yes', ['enrollment link']);
    });

    test('by SMS', async () => {
      const { provider, signal, observed, subject } = world();
      const { sendSms } = provider.enrollment;
      expect(sendSms !== undefined).toBe(offers('sms'));
      if (sendSms === undefined) {
        observed.note('enrollSms', 'no');
        return;
      }
      const user = world().newUser();
      await sendSms({ ...user, phoneNumber: PHONE_NUMBER }, signal);
      expect(subject.phone(user.userId).smsSentTo?.()).toBe(PHONE_NUMBER);
      observed.note('enrollSms', 'yes', ['enrollment sms']);
    });

    test('by a number or an address that is known', async () => {
      const { provider, signal, observed } = world();
      const { addContact } = provider.enrollment;
      expect(addContact !== undefined).toBe(offers('contact'));
      if (addContact === undefined) {
        observed.note('enrollContact', 'no');
        return;
      }
      for (const contact of CONTACTS) {
        const user = world().newUser();
        expect(await addContact({ ...user, contact }, signal)).toEqual({ registered: true });
        expect(await provider.enrollment.check(user.userId, signal)).toEqual({ registered: true });
        const { answer } = await provider.startSession(world().request(user.userId), signal);
        expect(answer.prompt).toBeDefined();
      }
      observed.note('enrollContact', 'yes', ['enrollment contact']);
    });

    test('by a method that is set up with a form', async () => {
      const { methods } = world().provider.enrollment;
      expect(methods !== undefined).toBe(offers('methods'));
      if (methods === undefined) {
        world().observed.note('enrollMethods', 'no');
        return;
      }
      await setUpAndTakeAway(world(), methods);
      world().observed.note('enrollMethods', 'yes', ['enrollment methods']);
    });

    test('after a lost phone: it approves nothing any more, and a link registers another', async () => {
      const { provider, signal, observed } = world();
      const { lostDevice } = provider.enrollment;
      expect(lostDevice !== undefined).toBe(provider.capabilities.lostDevice);
      if (lostDevice === undefined) {
        observed.note('lostDevice', 'no');
        return;
      }
      const { userId, phone, handle } = await world().started();
      expect(new URL((await lostDevice(userId, signal)).link ?? 'no link').protocol).toMatch(/^https?:$/);
      expect(await provider.enrollment.check(userId, signal)).toEqual({ registered: false });
      await expect(pressed(phone, 'approve')).rejects.toThrow();
      expect((await world().poll(handle)).status).not.toBe('active');
      expect(await world().codeOf(provider.startSession(world().request(userId), signal))).toBe('NO_MOBILE_DEVICE');
      await phone.register();
      expect(await provider.enrollment.check(userId, signal)).toEqual({ registered: true });
      observed.note('lostDevice', 'disabled, a link for a new one', ['lostDevice']);
    });
  });
}

async function setUpAndTakeAway(world: ContractWorld, methods: ProviderMethods): Promise<void> {
  const { signal, subject, provider } = world;
  const { methodToSetUp } = subject;
  if (methodToSetUp === undefined) throw new Error('the subject names no method to set up');
  const { userId } = world.newUser();
  const listed = await methods.list(userId, signal);
  expect(MethodsOfPersonSchema.parse(listed)).toEqual(listed);
  const method = listed.methods.find(({ key }) => key === methodToSetUp.key);
  if (method === undefined) throw new Error(`no method ${methodToSetUp.key}`);
  const { settings } = methodToSetUp;
  const created = await methods.create(userId, { methodId: method.id, settings, isDefault: true }, signal);
  expect(MethodsOfPersonSchema.parse(created)).toEqual(created);
  expect(created.configs).toMatchObject([{ isAvailable: false }]);
  expect(await provider.enrollment.check(userId, signal)).toEqual({ registered: false });
  const { toConfirm } = created;
  if (toConfirm === undefined) throw new Error('a method nobody has to confirm is nobody’s');
  const phone = subject.phone(userId);
  expect(await world.codeOf(methods.confirm(userId, { ...toConfirm, data: 'not it' }, signal))).toBe('CODE_WRONG');
  if (phone.approve !== undefined) await phone.approve();
  const data = phone.approve === undefined ? codeOn(phone) : '';
  const confirmed = await methods.confirm(userId, { ...toConfirm, data }, signal);
  expect(confirmed.configs).toMatchObject([{ isAvailable: true, isDefault: true }]);
  expect(await provider.enrollment.check(userId, signal)).toEqual({ registered: true });
  const { handle, answer } = await provider.startSession(world.request(userId), signal);
  await world.approve({ userId, phone, handle, answer });
  const { configId } = toConfirm;
  const switchedOff = await methods.update(userId, { configId, isActive: false, isDefault: true }, signal);
  expect(switchedOff.configs).toMatchObject([{ isAvailable: false }]);
  expect(OVER).toContain((await world.poll(handle)).status);
  expect((await methods.delete(userId, configId, signal)).configs).toEqual([]);
  expect((await methods.delete(userId, configId, signal)).configs).toEqual([]);
  expect(await provider.enrollment.check(userId, signal)).toEqual({ registered: false });
}
