import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNetworkName } from '../../main/os/network-name/create-network-name.ts';
import type { KeptNetworkName } from '../../main/os/network-name/kept-network-name.ts';
import { NetworkManagerDouble } from './desktop/network-manager-double.ts';
import { PrivateBus } from './desktop/private-bus.ts';
import { requireTools } from './desktop/tools.ts';

const SEEN_MS = 15_000;
const OFFICE = { type: '802-11-wireless', id: 'profile', ssid: Buffer.from('Büro 3. Stock') } as const;

describe.skipIf(requireTools(['bus']))('the name of the network, on a real system bus', () => {
  let folder: string;
  let bus: PrivateBus;
  let networkManager: NetworkManagerDouble;
  let name: KeptNetworkName | null;
  const troubles: string[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'network-name-'));
    bus = await PrivateBus.start('system', folder, { PATH: process.env['PATH'] ?? '' });
    networkManager = new NetworkManagerDouble(bus.address);
    name = null;
    troubles.splice(0);
  });
  afterEach(async () => {
    await name?.close();
    await networkManager.stop();
    await bus.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const begin = () => {
    name = createNetworkName('linux', { DBUS_SYSTEM_BUS_ADDRESS: bus.address }, (reason) => troubles.push(reason));
  };
  const becomes = (expected: string | null) =>
    expect.poll(() => name?.current(), { timeout: SEEN_MS, interval: 20 }).toBe(expected);

  it('is the SSID, follows each change, and is the profile’s on a wire', async () => {
    await networkManager.start();
    networkManager.join(OFFICE);
    begin();
    await becomes('Büro 3. Stock');
    networkManager.join({ type: '802-3-ethernet', id: 'Wired connection 1' });
    await becomes('Wired connection 1');
    networkManager.join(null);
    await becomes(null);
    networkManager.join({ ...OFFICE, ssid: Buffer.from([0xff, 0xfe]) });
    networkManager.join(OFFICE);
    await becomes('Büro 3. Stock');
    expect(troubles).toEqual([]);
  });

  it('comes with a NetworkManager that comes late, and goes with one that dies', async () => {
    begin();
    await becomes(null);
    await networkManager.start();
    networkManager.join(OFFICE);
    await becomes('Büro 3. Stock');
    networkManager.die();
    await becomes(null);
  });

  it('comes back with the bus', async () => {
    await networkManager.start();
    networkManager.join(OFFICE);
    begin();
    await becomes('Büro 3. Stock');
    await bus.crash();
    await bus.startAgain();
    await networkManager.start();
    networkManager.join({ ...OFFICE, ssid: Buffer.from('Elsewhere') });
    await becomes('Elsewhere');
  });
});
