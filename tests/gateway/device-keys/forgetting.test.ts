import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AuditEntry } from '../../../gateway/audit-log.ts';
import { DeviceKeys } from '../../../gateway/device-keys/registry.ts';
import { type Database, openDatabase } from '../../../gateway/store/database.ts';
import { ACCEPTED_TOKENS } from '../gateway-under-test.ts';
import { gatewayInMemory, Workstation } from '../workstation-in-memory.ts';
import { Device } from './device.ts';

const DESK = { tokenName: 'desk', deviceId: 'device-1' };
const FORGET = { v: 1, type: 'device.forget', requestId: 'f-1' };
let directory = '';
let database: Database;
let deviceKeys: DeviceKeys;
let audited: AuditEntry[] = [];
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'forgetting-'));
  database = await openDatabase({ file: join(directory, 'gateway.db'), key: Buffer.alloc(32, 7) });
  deviceKeys = new DeviceKeys(database);
  audited = [];
});
afterEach(() => {
  database.close();
  rmSync(directory, { recursive: true });
});

const gatewayWithKeys = () =>
  gatewayInMemory({
    deviceKeys,
    audit: { append: (entry) => audited.push(entry) },
    acceptedTokens: ACCEPTED_TOKENS.map((token) => ({ ...token, devices: 2 })),
  });

test('a workstation that the administrator removes is cut with its sessions ended, and comes back only with a token', async () => {
  const { gateway, provider } = await gatewayWithKeys();
  const device = new Device();
  const first = await device.connects(gateway);
  const sessionId = await first.starts();
  const second = await device.connects(gateway, null);
  const other = await new Device('device-2').connects(gateway);
  expect(gateway.forgetWorkstation(DESK)).toBe(true);
  expect(first.last('session.state')).toMatchObject({ sessionId, status: 'closed', validForMs: 0 });
  for (const cut of [first, second]) {
    expect([cut.last('error').code, cut.closedWith]).toEqual(['DEVICE_KEY_REFUSED', 4006]);
  }
  expect(other.closedWith).toBeNull();
  expect(audited).toContainEqual({ event: 'workstation.forgotten', ...DESK });
  expect(provider.ends).toBe(1);
  expect((await device.connects(gateway, null)).last('error').code).toBe('DEVICE_KEY_REFUSED');
  (await new Device().connects(gateway)).last('ready');
});

test('one that is not known, or was removed before, is said not to be', async () => {
  const { gateway } = await gatewayWithKeys();
  await new Device().connects(gateway);
  expect(gateway.forgetWorkstation({ ...DESK, tokenName: 'other-desk' })).toBe(false);
  expect(gateway.forgetWorkstation(DESK)).toBe(true);
  expect(gateway.forgetWorkstation(DESK)).toBe(false);
});

test('one that is removed between challenge and proof is not let in', async () => {
  const { gateway } = await gatewayWithKeys();
  const device = new Device();
  await device.connects(gateway);
  const late = new Workstation(gateway);
  await late.says(device.hello(null));
  gateway.forgetWorkstation(DESK);
  await late.says(device.proof(late.last('challenge').nonce));
  expect(late.last('error').code).toBe('DEVICE_KEY_REFUSED');
});

test('a workstation has itself forgotten, is told so, and no other is', async () => {
  const { gateway } = await gatewayWithKeys();
  const other = await new Device('device-2').connects(gateway);
  const workstation = await new Device().connects(gateway);
  await workstation.says(FORGET);
  expect(workstation.last('device.forgotten').requestId).toBe('f-1');
  expect(workstation.closedWith).toBe(4006);
  expect([deviceKeys.list().map(({ deviceId }) => deviceId), other.closedWith]).toEqual([['device-2'], null]);
});

test('without device keys nobody is forgotten', async () => {
  const { gateway } = await gatewayInMemory();
  const workstation = await Workstation.introduced(gateway);
  await workstation.says(FORGET);
  expect([workstation.last('error').code, workstation.closedWith]).toEqual(['NOT_SUPPORTED', null]);
  expect(gateway.forgetWorkstation(DESK)).toBe(false);
});
