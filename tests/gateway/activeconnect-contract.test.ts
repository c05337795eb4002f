import { expect, test } from 'vitest';
import { createSystemClock } from '../../gateway/clock.ts';
import { PROFILE_NAMES, type ProfileName } from '../../gateway/providers/activeconnect/profiles.ts';
import { createActiveconnectProvider } from '../../gateway/providers/activeconnect/provider.ts';
import { startActiveconnectSimulator } from '../../simulators/activeconnect/simulator.ts';
import { type ContractSubject, describeProviderContract } from './provider-contract.ts';

async function subjectOf(profile: ProfileName): Promise<ContractSubject> {
  const simulator = await startActiveconnectSimulator({ walkawayMs: 100 });
  const opened: { close(): void }[] = [];
  const open = (appSecret: string) => {
    const { url: baseUrl, appId } = simulator;
    const provider = createActiveconnectProvider({
      profile,
      baseUrl,
      appId,
      appSecret,
      simulated: true,
      clock: createSystemClock(),
    });
    opened.push(provider);
    return provider;
  };
  return {
    provider: open(simulator.appSecret),
    again: () => open(simulator.appSecret),
    withWrongSecret: () => open(`${simulator.appSecret}x`),
    phone: (userId) => simulator.phone(userId),
    close: async () => {
      for (const provider of opened) provider.close();
      await simulator.close();
    },
  };
}

for (const profile of PROFILE_NAMES) describeProviderContract(profile, () => subjectOf(profile));

test('string booleans and unwrapped status of other servers are understood', async () => {
  const simulator = await startActiveconnectSimulator({ users: [{ userId: 'u1', registered: true }] });
  const { url: baseUrl, appId, appSecret } = simulator;
  const provider = createActiveconnectProvider({
    profile: 'iampass',
    baseUrl,
    appId,
    appSecret,
    simulated: true,
    clock: createSystemClock(),
  });
  const signal = AbortSignal.timeout(10_000);
  simulator.injectFault({ kind: 'string-booleans', times: 100 });
  expect(await provider.enrollment.check('u1', signal)).toEqual({ registered: true });
  const request = {
    userId: 'u1',
    deviceId: 'd',
    idempotencyKey: 'k',
    reason: 'unlock' as const,
    methods: ['acceptance'],
    durationSeconds: 60,
  };
  const { handle } = await provider.startSession(request, signal);
  simulator.phone('u1').approve();
  expect((await provider.pollSession(handle, signal)).status).toBe('active');
  simulator.clearFaults();
  simulator.injectFault({ kind: 'unwrapped-status', times: 1 });
  expect((await provider.pollSession(handle, signal)).status).toBe('active');
  provider.close();
  await simulator.close();
});
