import type { ProfileName } from '../../gateway/providers/activeconnect/profiles.ts';
import { createActiveconnectProvider } from '../../gateway/providers/activeconnect/provider.ts';
import { startActiveconnectSimulator } from '../../simulators/activeconnect/simulator.ts';
import { type ContractSubject, ContractTime, PATIENT_TIMEOUT_MS } from './provider-contract-subject.ts';
import { SpoiltWire } from './spoilt-wire.ts';

export async function activeconnectSubject(profile: ProfileName): Promise<ContractSubject> {
  const time = new ContractTime();
  const simulator = await startActiveconnectSimulator({ clock: time.service });
  const wire = await SpoiltWire.before(simulator.url);
  const opened: { close(): void }[] = [];
  return {
    time,
    wire,
    secrets: [simulator.appSecret],
    open({ secret = simulator.appSecret, timeoutMs = PATIENT_TIMEOUT_MS } = {}) {
      const account = { profile, baseUrl: wire.url, appId: simulator.appId, appSecret: secret, simulated: true };
      const provider = createActiveconnectProvider({ ...account, timeoutMs, clock: time.service, random: () => 0 });
      opened.push(provider);
      return provider;
    },
    phone(userId) {
      const phone = simulator.phone(userId);
      return {
        register: async () => void phone.register(),
        approve: async () => void phone.approve(),
        deny: async () => void phone.deny(),
        ignore: async () => void phone.ignore(),
        leave: async () => void phone.leave(),
        return: async () => void phone.return(),
        close: async () => void phone.close(),
        smsSentTo: () => phone.lastSms()?.phoneNumber,
      };
    },
    async close() {
      for (const provider of opened) provider.close();
      await wire.cut();
      await simulator.close();
    },
  };
}
