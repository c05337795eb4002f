import { describe, expect, it } from 'vitest';
import { BusCallFailed } from '../../main/os/linux/bus-connection.ts';
import { IpconfigSummaryName } from '../../main/os/network-name/ipconfig-summary.ts';
import { KeptNetworkName } from '../../main/os/network-name/kept-network-name.ts';
import { NetshName } from '../../main/os/network-name/netsh.ts';
import { NetworkManagerName } from '../../main/os/network-name/network-manager.ts';
import { type NetworkNameSource, presentableNetworkName } from '../../main/os/network-name/network-name.ts';
import { WorkstationDescriptionSchema } from '../../protocol/frames.ts';
import { FakeBus } from './fake-bus.ts';
import { FakeCommandRunner } from './fake-command-runner.ts';

describe('a network’s name as it is shown', () => {
  it.each([
    ['Office 3rd floor', 'Office 3rd floor'],
    ['  Café ☕  ', 'Café ☕'],
    ['line\nbreak\u0007', 'linebreak'],
    // U+202E turns the text after it round; U+200B cannot be seen.
    ['\u202Egpj.eciffO\u200B', 'gpj.eciffO'],
  ])('%j is %j', (claimed, shown) => {
    expect(presentableNetworkName(claimed)).toBe(shown);
  });
  it.each(['', '   ', '\n\t', '<redacted>', '<Redacted>', 'Caf\uFFFD', '\uD800'])('%j is not shown', (claimed) => {
    expect(presentableNetworkName(claimed)).toBeNull();
  });
  it.each(['x'.repeat(500), '😀'.repeat(60), `${'x'.repeat(78)}😀😀`, 'x'.repeat(80)])(
    'is cut to what the frame takes, and never through a character: %j',
    (claimed) => {
      const shown = presentableNetworkName(claimed);
      expect(shown?.isWellFormed()).toBe(true);
      expect(WorkstationDescriptionSchema.safeParse({ name: 'desk', network: shown }).success).toBe(true);
    },
  );
});

/** A source whose answers the test gives, in the order of the questions. */
class ScriptedSource implements NetworkNameSource {
  readonly asked: { readonly answer: (name: string | null) => void; readonly fail: (reason: string) => void }[] = [];
  changed: () => void = () => undefined;
  read(): Promise<string | null> {
    return new Promise((resolve, reject) => {
      this.asked.push({ answer: resolve, fail: (reason) => reject(new Error(reason)) });
    });
  }
  onChange(listener: () => void): void {
    this.changed = listener;
  }
  async close(): Promise<void> {
    // Nothing is held.
  }
}

describe('the name that is kept', () => {
  const kept = () => {
    const source = new ScriptedSource();
    const troubles: string[] = [];
    const name = new KeptNetworkName({ source, onTrouble: (reason) => troubles.push(reason) });
    const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
    return { source, troubles, name, settled };
  };

  it('is there for the next start, and none waits for it', async () => {
    const { source, name, settled } = kept();
    name.refresh();
    expect(name.current()).toBeNull();
    source.asked[0]?.answer('Office');
    await settled();
    expect(name.current()).toBe('Office');
    name.refresh();
    expect(name.current(), 'still the one that is known').toBe('Office');
  });
  it('is not told any more once the network may be another', async () => {
    const { source, name, settled } = kept();
    name.refresh();
    source.asked[0]?.answer('Office');
    await settled();
    source.changed();
    expect(name.current()).toBeNull();
    source.asked[1]?.answer('Home');
    await settled();
    expect(name.current()).toBe('Home');
  });
  it('is never an answer about the network before', async () => {
    const { source, name, settled } = kept();
    name.refresh();
    name.networkMayHaveChanged();
    source.asked[0]?.answer('Office');
    await settled();
    expect(name.current()).toBeNull();
    source.asked[1]?.answer('Home');
    await settled();
    expect(name.current()).toBe('Home');
    expect(source.asked).toHaveLength(2);
  });
  it('is unknown where it cannot be read; the reason is said once, not each time', async () => {
    const { source, name, settled, troubles } = kept();
    for (const at of [0, 1]) {
      name.refresh();
      source.asked[at]?.fail('the system does not answer');
      await settled();
    }
    expect(name.current()).toBeNull();
    expect(troubles).toEqual(['the system does not answer']);
  });
  it('is forgotten when it is closed, and not asked for again', async () => {
    const { source, name, settled } = kept();
    name.refresh();
    source.asked[0]?.answer('Office');
    await settled();
    await name.close();
    name.refresh();
    source.changed();
    expect(name.current()).toBeNull();
    expect(source.asked).toHaveLength(1);
  });
});

const GET = 'org.freedesktop.DBus.Properties.Get';
const CONNECTION = '/org/freedesktop/NetworkManager/ActiveConnection/7';
const ACCESS_POINT = '/org/freedesktop/NetworkManager/AccessPoint/3';

describe('NetworkManager', () => {
  const MANAGED = { '/org/freedesktop/NetworkManager PrimaryConnection': CONNECTION };
  const WIRELESS = {
    ...MANAGED,
    [`${CONNECTION} Type`]: '802-11-wireless',
    [`${CONNECTION} SpecificObject`]: ACCESS_POINT,
    [`${CONNECTION} Id`]: 'the profile',
    [`${ACCESS_POINT} Ssid`]: Buffer.from('Office 3rd floor'),
  };
  const asked = (properties: Readonly<Record<string, unknown>>) => {
    const bus = Object.assign(new FakeBus(), { close: async () => undefined });
    bus.answer(GET, ({ path, body = [] }) => {
      const value = properties[`${path} ${body[1]}`];
      if (value === undefined) throw new BusCallFailed('gone', 'org.freedesktop.DBus.Error.UnknownObject');
      return [value];
    });
    return { bus, source: new NetworkManagerName(bus) };
  };

  it.each([
    ['the SSID of the access point', WIRELESS, 'Office 3rd floor'],
    ['the SSID as a list of bytes', { ...WIRELESS, [`${ACCESS_POINT} Ssid`]: [...Buffer.from('Büro')] }, 'Büro'],
    ['the profile of a hidden network', { ...WIRELESS, [`${ACCESS_POINT} Ssid`]: Buffer.alloc(0) }, 'the profile'],
    [
      'the profile of a wired one',
      { ...MANAGED, [`${CONNECTION} Type`]: '802-3-ethernet', [`${CONNECTION} Id`]: 'Wired connection 1' },
      'Wired connection 1',
    ],
    ['nothing without a default route', { '/org/freedesktop/NetworkManager PrimaryConnection': '/' }, null],
    ['nothing when the connection ends between two questions', MANAGED, null],
  ])('gives %s', async (_what, properties, name) => {
    expect(await asked(properties).source.read(1_000)).toBe(name);
  });
  it('is not there: nothing to tell, and no trouble', async () => {
    const bus = Object.assign(new FakeBus(), { close: async () => undefined });
    expect(await new NetworkManagerName(bus).read(1_000)).toBeNull();
  });
  it.each([
    ['a path that is none', { '/org/freedesktop/NetworkManager PrimaryConnection': 7 }],
    ['an SSID that is no bytes', { ...WIRELESS, [`${ACCESS_POINT} Ssid`]: { length: 4 } }],
    ['a type that is no text', { ...WIRELESS, [`${CONNECTION} Type`]: null }],
  ])('that answers with %s is not believed', async (_what, properties) => {
    await expect(asked(properties).source.read(1_000)).rejects.toThrow();
  });
  it('tells of another primary connection, and of its own coming and going', async () => {
    const { bus, source } = asked(WIRELESS);
    let changes = 0;
    source.onChange(() => {
      changes += 1;
    });
    await source.begin();
    const tell = (changed: unknown) =>
      bus.emit('/org/freedesktop/NetworkManager', 'org.freedesktop.DBus.Properties', 'PropertiesChanged', [
        'org.freedesktop.NetworkManager',
        changed,
        [],
      ]);
    tell({ PrimaryConnection: CONNECTION });
    expect(changes).toBe(1);
    tell({ ActiveConnections: [] });
    tell('garbage');
    expect(changes).toBe(1);
    bus.serviceGone('org.freedesktop.NetworkManager');
    bus.serviceBack('org.freedesktop.NetworkManager');
    expect(changes).toBe(3);
  });
});

describe('Windows', () => {
  const NETSH = 'C:\\Windows\\System32\\netsh.exe wlan show interfaces';
  const read = (output: string, code = 0) =>
    new NetshName(new FakeCommandRunner({ [NETSH]: { code, output } }), 'C:\\Windows').read(1_000);
  const INTERFACE = [
    '',
    'Es ist 1 Schnittstelle auf dem System vorhanden: ',
    '',
    '    Name                   : WLAN',
    '    Physische Adresse      : 00:11:22:33:44:55',
    '    Status                 : Verbunden',
    '    SSID                   : Office: 3rd floor',
    '    AP BSSID               : 66:77:88:99:aa:bb',
    '    Profil                 : Office',
  ].join('\r\n');

  it('gives the SSID, in every language of Windows, and never the access point’s address', async () => {
    expect(await read(INTERFACE)).toBe('Office: 3rd floor');
    expect(await read('    BSSID                  : 66:77:88:99:aa:bb\r\n')).toBeNull();
  });
  it('gives nothing without a wireless network, without the location permission, or with two different ones', async () => {
    expect(await read('The Wireless AutoConfig Service (wlansvc) is not running.\r\n', 1)).toBeNull();
    expect(await read('Network shell commands need location permission to access WLAN information.\r\n', 1)).toBeNull();
    expect(await read(`${INTERFACE}\r\n    SSID                   : Guests\r\n`)).toBeNull();
    expect(await read(`${INTERFACE}\r\n${INTERFACE}`), 'the same on both').toBe('Office: 3rd floor');
  });
  it('says when the program is not there', async () => {
    await expect(new NetshName(new FakeCommandRunner(), 'C:\\Windows').read(1_000)).rejects.toThrow('ENOENT');
  });
});

describe('macOS', () => {
  const ROUTE = '/sbin/route -n get default';
  const read = (route: string, summary: string, device = 'en0') => {
    const runner = new FakeCommandRunner({
      [ROUTE]: { code: 0, output: route },
      [`/usr/sbin/ipconfig getsummary ${device}`]: { code: 0, output: summary },
    });
    return new IpconfigSummaryName(runner).read(1_000);
  };
  const TO_EN0 = '   route to: default\ndestination: default\n  interface: en0\n      flags: <UP,GATEWAY>\n';

  it('gives the SSID of the interface that the default route goes through', async () => {
    expect(await read(TO_EN0, '<dictionary> {\n  BSSID : 0:11:22:33:44:55\n  SSID : Office 3rd floor\n}\n')).toBe(
      'Office 3rd floor',
    );
  });
  it('gives nothing that may be shown where the system keeps it to itself', async () => {
    const withheld = await read(TO_EN0, '  SSID : <redacted>\n');
    expect(withheld === null ? null : presentableNetworkName(withheld)).toBeNull();
  });
  it('gives nothing without a default route, on a wired interface, or for an interface that is no name', async () => {
    expect(await read('route: writing to routing socket: not in table\n', '')).toBeNull();
    expect(await read(TO_EN0, '  InterfaceType : Ethernet\n')).toBeNull();
    expect(await read('  interface: -a; x\n', '  SSID : x\n', '-a; x')).toBeNull();
  });
});
