import { expect } from 'vitest';
import { createSystemClock } from '../../gateway/clock.ts';
import { createAuthsignalProvider } from '../../gateway/providers/authsignal/provider.ts';
import { startAuthsignalSimulator } from '../../simulators/authsignal/simulator.ts';
import { type ContractPhone, type ContractSubject, describeProviderContract } from './provider-contract.ts';

/** Which authenticator the phone of a contract registers: one that shows requests by itself, or one that needs the link. */
async function subjectOf(method: 'register' | 'register-passkey'): Promise<ContractSubject> {
  const simulator = await startAuthsignalSimulator();
  const opened: { close(): void }[] = [];
  const open = (secret: string) => {
    const { url: apiUrl } = simulator;
    const provider = createAuthsignalProvider({ apiUrl, secret, simulated: true, clock: createSystemClock() });
    opened.push(provider);
    return provider;
  };
  const failures: unknown[] = [];
  const notThere = (): never => {
    throw new Error('this service has no proximity');
  };
  return {
    provider: open(simulator.secret),
    again: () => open(simulator.secret),
    withWrongSecret: () => open(`${simulator.secret}x`),
    phone: (userId): ContractPhone => {
      const phone = simulator.phone(userId);
      const press = (pressed: Promise<unknown>): void => {
        pressed.catch((fault: unknown) => failures.push(fault));
      };
      return {
        register: () => press(phone[method]()),
        approve: () => press(phone.approve()),
        deny: () => press(phone.deny()),
        leave: notThere,
        return: notThere,
        close: () => press(phone.block()),
      };
    },
    close: async () => {
      for (const provider of opened) provider.close();
      await simulator.close();
      expect(failures).toEqual([]);
    },
  };
}

describeProviderContract('authsignal with the app', () => subjectOf('register'));
describeProviderContract('authsignal with a passkey', () => subjectOf('register-passkey'));
