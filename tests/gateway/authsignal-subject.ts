import { createAuthsignalProvider } from '../../gateway/providers/authsignal/provider.ts';
import { startAuthsignalSimulator } from '../../simulators/authsignal/simulator.ts';
import { type ContractSubject, ContractTime, PATIENT_TIMEOUT_MS } from './provider-contract-subject.ts';
import { SpoiltWire } from './spoilt-wire.ts';

/** With `app` requests show on the phone by themselves, with `passkey` they are reached through a link. */
export async function authsignalSubject(approvedWith: 'app' | 'passkey', webhooks: boolean): Promise<ContractSubject> {
  const time = new ContractTime();
  const simulator = await startAuthsignalSimulator({ clock: time.service });
  const wire = await SpoiltWire.before(simulator.url);
  const opened: { close(): void }[] = [];
  const basic = Buffer.from(`${simulator.secret}:`).toString('base64');
  return {
    time,
    wire,
    secrets: [simulator.secret, basic],
    open({ secret = simulator.secret, timeoutMs = PATIENT_TIMEOUT_MS } = {}) {
      const account = { apiUrl: wire.url, secret, simulated: true, webhooks };
      const provider = createAuthsignalProvider({ ...account, timeoutMs, clock: time.service, random: () => 0 });
      opened.push(provider);
      return provider;
    },
    phone(userId) {
      const phone = simulator.phone(userId);
      return {
        register: async () => void (await phone[approvedWith === 'app' ? 'register' : 'register-passkey']()),
        approve: async () => void (await phone.approve()),
        deny: async () => void (await phone.deny()),
        ignore: async () => void (await phone.ignore()),
        close: async () => void (await phone.block()),
      };
    },
    ...(webhooks ? { deliverTo: (url: string) => simulator.setWebhookUrl(`${url}/webhooks/authsignal`) } : {}),
    async close() {
      for (const provider of opened) provider.close();
      await wire.cut();
      await simulator.close();
    },
  };
}
