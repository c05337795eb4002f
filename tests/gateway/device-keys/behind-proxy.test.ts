import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DeviceKeys } from '../../../gateway/device-keys/registry.ts';
import { REFUSED_PROOFS_PER_MINUTE } from '../../../gateway/limits.ts';
import { type Database, openDatabase } from '../../../gateway/store/database.ts';
import { type GatewayUnderTest, startGateway, TestClient } from '../gateway-under-test.ts';
import { Device } from './device.ts';

let directory = '';
let database: Database;
let running: GatewayUnderTest;
const clients: TestClient[] = [];
const device = new Device();

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'behind-proxy-'));
  database = await openDatabase({ file: join(directory, 'gateway.db'), key: Buffer.alloc(32, 7) });
});
afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.terminate();
  await running.close();
  database.close();
  rmSync(directory, { recursive: true });
});

async function start(behindProxy: boolean): Promise<void> {
  running = await startGateway({ deviceKeys: new DeviceKeys(database), behindProxy });
}

/** Introduces itself as the device and is asked for its proof, or turned away. */
async function arrives(forwardedFor: string): Promise<TestClient> {
  const headers = { 'X-Forwarded-For': forwardedFor };
  const client = await TestClient.open(`${running.url}:/v1`, { headers });
  clients.push(client);
  client.send(device.hello());
  return client;
}

async function isLetIn(forwardedFor: string): Promise<boolean> {
  const client = await arrives(forwardedFor);
  await client.until(() => client.received.length > 0, 'an answer to hello');
  const [first] = client.received;
  if (first?.type !== 'challenge') return false;
  client.send(device.proof(first.nonce));
  await client.next('ready');
  return true;
}

/** As often as may be refused in a minute. @param forwardedFor of the attempt */
async function thiefTries(forwardedFor: (attempt: number) => string): Promise<void> {
  for (let attempt = 0; attempt < REFUSED_PROOFS_PER_MINUTE; attempt += 1) {
    const thief = await arrives(forwardedFor(attempt));
    thief.send(new Device().proof((await thief.next('challenge')).nonce));
    expect((await thief.next('error')).code).toBe('DEVICE_KEY_REFUSED');
  }
}

describe('refused proofs are counted', () => {
  test('by whom the proxy heard from, so that nobody keeps out a workstation that is elsewhere', async () => {
    await start(true);
    await thiefTries(() => '192.0.2.7');
    expect(await isLetIn('192.0.2.7')).toBe(false);
    expect(await isLetIn('192.0.2.8')).toBe(true);
  });

  test('by what the proxy wrote last, whatever the sender wrote before it', async () => {
    await start(true);
    await thiefTries((attempt) => `203.0.113.${attempt}, 192.0.2.7`);
    expect(await isLetIn('203.0.113.77, 192.0.2.7')).toBe(false);
  });

  test('without a word of the header where there is no proxy', async () => {
    await start(false);
    await thiefTries((attempt) => `192.0.2.${attempt}`);
    expect(await isLetIn('192.0.2.77')).toBe(false);
  });
});
