import { createTwoFactorProvider } from '../../gateway/providers/wcd-2factor/provider.ts';
import type { MethodSettings } from '../../protocol/confirmation-methods.ts';
import { startTwoFactorSimulator } from '../../simulators/wcd-2factor/simulator.ts';
import { type ContractPhone, type ContractSubject, ContractTime, PATIENT_TIMEOUT_MS } from './provider-contract-subject.ts';
import { SpoiltWire } from './spoilt-wire.ts';

/** `typed`: a code by e-mail, typed on the curtain. `elsewhere`: a question on the phone. */
export async function twoFactorSubject(confirmed: 'typed' | 'elsewhere'): Promise<ContractSubject> {
  const time = new ContractTime();
  const simulator = await startTwoFactorSimulator({ clock: time.service });
  const wire = await SpoiltWire.before(simulator.url);
  const token = simulator.authorization.replace(/^Token /, '');
  const settings: MethodSettings = confirmed === 'typed' ? { email: 'ada@example.org' } : { device: 'phone' };
  const key = confirmed === 'typed' ? 'email' : 'push';
  const opened: { close(): void }[] = [];
  return {
    time,
    wire,
    secrets: [token],
    methodToSetUp: { key, settings },
    open({ secret = token, timeoutMs = PATIENT_TIMEOUT_MS, url = wire.url } = {}) {
      const provider = createTwoFactorProvider({
        baseUrl: url,
        token: secret,
        header: { template: 'Token {token}:{userId}' },
        outOfBandMethods: ['push'],
        timeoutMs,
        simulated: true,
        clock: time.service,
        random: () => 0,
      });
      opened.push(provider);
      return provider;
    },
    phone(userId): ContractPhone {
      const phone = simulator.phone(userId);
      const register = async () => void phone.setUp(key, settings);
      const close = async () => void phone.close();
      if (confirmed === 'typed') return { register, close, code: () => phone.code() };
      return { register, close, approve: async () => void phone.approve(), deny: async () => void phone.deny() };
    },
    async close() {
      for (const provider of opened) provider.close();
      await wire.cut();
      await simulator.close();
    },
  };
}
