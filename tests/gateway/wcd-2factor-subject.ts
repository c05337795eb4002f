import { createTwoFactorProvider } from '../../gateway/providers/wcd-2factor/provider.ts';
import type { MethodSettings } from '../../protocol/confirmation-methods.ts';
import { startTwoFactorSimulator } from '../../simulators/wcd-2factor/simulator.ts';
import {
  type ContractPhone,
  type ContractSubject,
  ContractTime,
  PATIENT_TIMEOUT_MS,
} from './provider-contract-subject.ts';
import { SpoiltWire } from './spoilt-wire.ts';

/** Something that serves the interface of WebCase 2factor, with one of its methods: the simulated host project, or a registry of our own. */
export interface TwoFactorHost {
  /** With the prefix. */
  readonly url: string;
  readonly token: string;
  /** Names the person: `{token}` and `{userId}`. */
  readonly headerTemplate: string;
  readonly outOfBandMethods: readonly string[];
  readonly methodToSetUp: { readonly key: string; readonly settings: MethodSettings };
  phone(userId: string): ContractPhone;
  close(): Promise<void>;
}

export async function twoFactorSubject(
  startHost: (time: ContractTime) => Promise<TwoFactorHost>,
): Promise<ContractSubject> {
  const time = new ContractTime();
  const host = await startHost(time);
  const wire = await SpoiltWire.before(host.url);
  const opened: { close(): void }[] = [];
  return {
    time,
    wire,
    secrets: [host.token],
    methodToSetUp: host.methodToSetUp,
    open({ secret = host.token, timeoutMs = PATIENT_TIMEOUT_MS } = {}) {
      const provider = createTwoFactorProvider({
        baseUrl: wire.url,
        token: secret,
        header: { template: host.headerTemplate },
        outOfBandMethods: host.outOfBandMethods,
        timeoutMs,
        simulated: true,
        clock: time.service,
        random: () => 0,
      });
      opened.push(provider);
      return provider;
    },
    phone: (userId) => host.phone(userId),
    async close() {
      for (const provider of opened) provider.close();
      await wire.cut();
      await host.close();
    },
  };
}

/** `typed`: a code by e-mail, typed on the curtain. `elsewhere`: a question on the phone. */
export async function simulatedHost(confirmed: 'typed' | 'elsewhere', time: ContractTime): Promise<TwoFactorHost> {
  const simulator = await startTwoFactorSimulator({ clock: time.service });
  const settings: MethodSettings = confirmed === 'typed' ? { email: 'ada@example.org' } : { device: 'phone' };
  const key = confirmed === 'typed' ? 'email' : 'push';
  return {
    url: simulator.url,
    token: simulator.authorization.replace(/^Token /, ''),
    headerTemplate: 'Token {token}:{userId}',
    outOfBandMethods: ['push'],
    methodToSetUp: { key, settings },
    phone(userId) {
      const phone = simulator.phone(userId);
      const register = async () => void phone.setUp(key, settings);
      const close = async () => void phone.close();
      if (confirmed === 'typed') return { register, close, code: () => phone.code() };
      return { register, close, approve: async () => void phone.approve(), deny: async () => void phone.deny() };
    },
    close: () => simulator.close(),
  };
}
