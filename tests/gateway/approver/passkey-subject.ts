import { createApproverDoor } from '../../../gateway/approver/door.ts';
import { createGateway } from '../../../gateway/gateway.ts';
import type { HttpDoor } from '../../../gateway/http-door.ts';
import { createPasskeyProvider } from '../../../gateway/providers/passkey/provider.ts';
import { ACCEPTED_TOKENS, rememberingLogger } from '../gateway-under-test.ts';
import { type ContractSubject, ContractTime } from '../provider-contract-subject.ts';
import { ORIGIN, temporaryDatabase } from './approver-under-test.ts';
import { PhoneInSoftware } from './phone-in-software.ts';

/** The gateway is the service. Phones come over HTTP to the provider that was opened last, as to a gateway after a restart. */
export async function passkeySubject(): Promise<ContractSubject> {
  const time = new ContractTime();
  const { database, close } = await temporaryDatabase();
  const logger = rememberingLogger();
  const signal = AbortSignal.timeout(120_000);
  const phones = new Map<string, PhoneInSoftware>();
  let asked = 0;
  function opened() {
    const provider = createPasskeyProvider({
      publicUrl: ORIGIN,
      simulated: true,
      database,
      clock: time.gateway,
      logger,
    });
    const { service } = provider;
    const door = createApproverDoor({
      service,
      files: new Map(),
      behindProxy: false,
      pushContact: 'mailto:a@b',
    });
    return { provider, door };
  }
  let last = opened();
  const doors = [last.door];
  const door: HttpDoor = {
    owns: (path) => last.door.owns(path),
    answer: (request, response) => last.door.answer(request, response),
    upgrade: (request, socket, head) => last.door.upgrade(request, socket, head),
    close: () => {
      for (const each of doors) each.close();
    },
  };
  const gateway = await createGateway({
    provider: last.provider,
    doors: [door],
    logger,
    acceptedTokens: ACCEPTED_TOKENS,
  });
  const { url } = await gateway.listen({ kind: 'tcp', host: '127.0.0.1', port: 0, tls: null });

  /** A restart signed everybody out. */
  async function signedIn(userId: string): Promise<PhoneInSoftware> {
    const phone = phones.get(userId);
    if (phone === undefined) throw new Error('this person has no phone');
    await phone.signIn();
    return phone;
  }

  return {
    time,
    wire: null,
    asked: () => asked,
    secrets: [],
    open() {
      last = opened();
      doors.push(last.door);
      const { provider } = last;
      return {
        ...provider,
        startSession: (request, abort) => {
          asked += 1;
          return provider.startSession(request, abort);
        },
      };
    },
    phone: (userId) => ({
      register: async () => {
        const phone = new PhoneInSoftware({ url });
        const { link = '' } = await last.provider.enrollment.begin({ userId, displayName: 'Ada Löw & Co' }, signal);
        await phone.enroll(link);
        phones.set(userId, phone);
      },
      approve: async () => {
        const phone = await signedIn(userId);
        const request = await phone.asked();
        // What the person sees on the workstation.
        const waiting = last.provider.service.approvals.pendingOf(userId);
        const shown = waiting.find(({ sessionId }) => sessionId === request.requestId);
        await phone.approve(request, shown?.number ?? '');
      },
      deny: async () => {
        const phone = await signedIn(userId);
        await phone.call('request.deny', { requestId: (await phone.asked()).requestId });
      },
      close: async () => {
        const phone = await signedIn(userId);
        const [workstation] = (await phone.state()).workstations;
        await phone.call('workstation.end', { workstationId: workstation?.workstationId ?? '' });
      },
    }),
    async close() {
      await gateway.close();
      close();
    },
  };
}
