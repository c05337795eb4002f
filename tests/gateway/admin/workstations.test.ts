import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ApproverUnderTest, startApprover } from '../approver/approver-under-test.ts';
import { Desk, PERSON } from '../approver/desk-in-software.ts';
import { Device } from '../device-keys/device.ts';
import { OTHER_TOKEN, TestClient, TOKEN } from '../gateway-under-test.ts';
import { type AdminUnderTest, administrate } from './admin-under-test.ts';

let approver: ApproverUnderTest;
let admin: AdminUnderTest;
const clients: TestClient[] = [];
beforeEach(async () => {
  approver = await startApprover({ deviceKeys: true });
  admin = await administrate(approver);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.terminate();
  admin.close();
  await approver.close();
});

/** Over a real WebSocket, as far as the question who it is. */
async function introduced(device: Device, token: string | null): Promise<TestClient> {
  const client = await TestClient.open(`${approver.url}/v1`);
  clients.push(client);
  client.send(device.hello(token));
  return client;
}

/** Proven to hold its key, and ready. */
async function connected(device: Device, token: string | null): Promise<Desk> {
  const client = await introduced(device, token);
  client.send(device.proof((await client.next('challenge')).nonce));
  await client.next('ready');
  return new Desk(client);
}

async function idOf(deviceId: string): Promise<string> {
  const listed = await admin.objects('devices', 'list');
  return String(listed.find((row) => row['deviceId'] === deviceId)?.['id']);
}

test('a workstation that is revoked is told that its session is over, and cut; its key counts no more, and others stay', async () => {
  const stolen = new Device('stolen');
  const desk = await connected(stolen, TOKEN);
  const other = await connected(new Device('other'), OTHER_TOKEN);
  const phone = await desk.enrolledPhone(approver);
  const { sessionId, number } = await desk.asks();
  await phone.approve(await phone.asked(), number);
  await desk.becomes(sessionId, 'active');
  const id = await idOf('stolen');
  expect(id).toMatch(/^workstation:[A-Za-z0-9_-]{22}$/);
  expect(await admin.objects('devices', 'revoke', id)).toEqual([{ id, name: 'desk', userId: null, sessions: null }]);
  await desk.becomes(sessionId, 'closed');
  await desk.client.closed();
  expect(approver.audited).toContainEqual(
    expect.objectContaining({ event: 'workstation.forgotten', deviceId: 'stolen' }),
  );
  const again = await introduced(stolen, null);
  again.send(stolen.proof((await again.next('challenge')).nonce));
  await again.closed();
  expect(again.received.map(({ type }) => type)).not.toContain('ready');
  expect(other.client.closeCode).toBeNull();
  expect((await admin.run('devices', 'revoke', id)).exitCode).toBe(1);
});

test('the workstations of a person are those at which they asked', async () => {
  const desk = await connected(new Device('theirs'), TOKEN);
  await connected(new Device('of-nobody'), OTHER_TOKEN);
  await desk.enrolledPhone(approver);
  await desk.asks();
  const theirs = await admin.objects('devices', 'list', '--user', PERSON);
  expect(theirs.map(({ kind, name, deviceId }) => [kind, name ?? deviceId])).toEqual([
    ['phone', 'Phone'],
    ['workstation', 'theirs'],
  ]);
  expect(await admin.objects('devices', 'list')).toHaveLength(3);
});

test('whoever revokes one is told that its token still brings in another', async () => {
  await connected(new Device('stolen'), TOKEN);
  const { exitCode, stderr } = await admin.run('devices', 'revoke', await idOf('stolen'));
  expect([exitCode, stderr]).toEqual([0, expect.stringContaining('take it out of the configuration')]);
  await connected(new Device('new'), TOKEN);
  expect(await idOf('new')).toMatch(/^workstation:/);
});

test('a device that calls itself like an option is listed and revoked like any other', async () => {
  const workstation = { tokenName: 'desk', deviceId: '--json' };
  admin.deviceKeys.add(workstation, 'A'.repeat(43), 1, 1_000);
  const [listed] = await admin.objects('devices', 'list');
  expect(listed).toEqual({
    kind: 'workstation',
    id: await idOf('--json'),
    ...workstation,
    addedAt: 1_000,
    lastSeenAt: null,
  });
  await admin.objects('devices', 'revoke', String(listed?.['id']));
  expect(admin.deviceKeys.list()).toEqual([]);
});
