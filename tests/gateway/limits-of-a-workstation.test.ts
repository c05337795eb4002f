import { afterEach, beforeEach, expect, test } from 'vitest';
import { ENROLL_REQUESTS_PER_MINUTE } from '../../gateway/limits.ts';
import { type GatewayUnderTest, startGateway } from './gateway-under-test.ts';

const STARTS_PER_MINUTE = 4;
let running: GatewayUnderTest;
beforeEach(async () => {
  running = await startGateway({ limits: { frameBurst: 500, startsPerMinute: STARTS_PER_MINUTE } });
});
afterEach(() => running.close());

const start = (requestId: string, userId: string) => ({
  v: 1,
  type: 'session.start',
  requestId,
  userId,
  reason: 'unlock',
});

test('a workstation that asks for one person after another is held to its own limit; another workstation is not', async () => {
  const client = await (await running.connect()).hello();
  for (let asked = 1; asked <= STARTS_PER_MINUTE; asked += 1) {
    client.send(start(`r-${asked}`, `user-${asked}`));
    await client.next('session.state');
  }
  client.send(start('r-more', 'user-more'));
  expect(await client.next('error')).toMatchObject({ code: 'RATE_LIMITED', requestId: 'r-more' });
  const other = await (await running.connect()).hello({ deviceId: 'device-2' });
  other.send(start('r-other', 'user-more'));
  await other.next('session.state');
});

test('a workstation asks for so many links and states of enrollment in a minute, and no more', async () => {
  const client = await (await running.connect()).hello();
  const ask = (requestId: string) => client.send({ v: 1, type: 'enroll.check', requestId, userId: 'user-1' });
  for (let asked = 0; asked < ENROLL_REQUESTS_PER_MINUTE; asked += 1) {
    ask(`e-${asked}`);
    await client.next('enroll.state');
  }
  ask('e-more');
  expect(await client.next('error')).toMatchObject({ code: 'RATE_LIMITED', requestId: 'e-more' });
  const other = await (await running.connect()).hello({ deviceId: 'device-2' });
  other.send({ v: 1, type: 'enroll.check', requestId: 'e-other', userId: 'user-1' });
  await other.next('enroll.state');
});
