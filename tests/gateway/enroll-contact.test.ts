import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSystemClock } from '../../gateway/clock.ts';
import { CONTACTS_PER_TEN_MINUTES } from '../../gateway/limits.ts';
import { type AuthsignalSimulator, startAuthsignalSimulator } from '../../simulators/authsignal/simulator.ts';
import { providerAt } from './authsignal-provider.ts';
import { type GatewayUnderTest, startGateway, type TestClient } from './gateway-under-test.ts';

let simulator: AuthsignalSimulator;
let provider: ReturnType<typeof providerAt>;
let running: GatewayUnderTest;
let client: TestClient;
beforeEach(async () => {
  simulator = await startAuthsignalSimulator();
  provider = providerAt(simulator, { clock: createSystemClock() });
  running = await startGateway({ provider });
  client = await (await running.connect()).hello();
});
afterEach(async () => {
  await running.close();
  provider.close();
  await simulator.close();
});

function add(requestId: string, userId: string, phoneNumber: string): void {
  const contact = { kind: 'phone', phoneNumber };
  client.send({ v: 1, type: 'enroll.contact', requestId, userId, displayName: 'Ada', contact });
}

describe('a known number', () => {
  test('is registered at the service, audited, and makes the person ready to approve', async () => {
    add('e-1', 'ada', '+491701234567');
    expect(await client.next('enroll.state')).toMatchObject({
      requestId: 'e-1',
      registered: true,
      detail: 'contact-added',
    });
    expect(simulator.phone('ada').state().methods).toEqual(['SMS']);
    expect(running.audited).toContainEqual(expect.objectContaining({ event: 'enrollment.changed', userId: 'ada' }));
    expect(JSON.stringify([running.audited, running.logger.lines])).not.toContain('491701234567');
  });

  test('is registered so often and no oftener, however the workstation names itself', async () => {
    for (let each = 0; each < CONTACTS_PER_TEN_MINUTES; each += 1) {
      add(`e-${each}`, `person-${each}`, '+491701234567');
      await client.next('enroll.state');
    }
    client = await (await running.connect()).hello({ deviceId: 'device-2' });
    add('e-last', 'another', '+491701234567');
    expect(await client.next('error')).toMatchObject({ code: 'RATE_LIMITED', requestId: 'e-last' });
    add('e-other', 'another', '+491701234568');
    await client.next('enroll.state');
  });

  test('that the service does not take is CONTACT_REFUSED', async () => {
    simulator.injectFault({ kind: 'status', status: 400, call: 'enroll_authenticator' });
    add('e-1', 'ada', '+491701234567');
    expect(await client.next('error')).toMatchObject({ code: 'CONTACT_REFUSED', retryable: false });
  });
});
