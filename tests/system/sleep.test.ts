import { createClient } from 'dbus-native';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOsAdapter } from '../../main/os/create-os-adapter.ts';
import type { OsAdapter } from '../../main/os/os-adapter.ts';
import { FakeCommandRunner } from '../os/fake-command-runner.ts';
import { type Desktop, startDesktop } from './desktop/desktop.ts';
import { waitFor } from './desktop/managed-process.ts';
import { PrivateBus } from './desktop/private-bus.ts';
import { requireTools } from './desktop/tools.ts';
import { HeardSignals } from './heard-signals.ts';

const MANAGER_PATH = '/org/freedesktop/login1';
const SESSION_PATH = '/org/freedesktop/login1/session/c1';

/** Says what logind says around a sleep. A real one is not asked: it would put the machine to sleep. */
class SleepyLogind {
  readonly #client: ReturnType<typeof createClient>;
  readonly #manager = { PreparingForSleep: false, GetSession: () => SESSION_PATH };
  readonly #session = {
    Id: 'c1',
    Type: 'wayland',
    Class: 'user',
    User: [process.getuid?.() ?? 0, '/u'],
    LockedHint: false,
  };

  constructor(busAddress: string) {
    this.#client = createClient({ busAddress });
    this.#client.exportInterface(this.#manager, MANAGER_PATH, {
      name: 'org.freedesktop.login1.Manager',
      methods: { GetSession: ['s', 'o', ['id'], ['path']] },
      signals: { PrepareForSleep: ['b', 'start'] },
      properties: { PreparingForSleep: 'b' },
    });
    this.#client.exportInterface(this.#session, SESSION_PATH, {
      name: 'org.freedesktop.login1.Session',
      methods: {},
      signals: {},
      properties: { Id: 's', Type: 's', Class: 's', User: '(uo)', LockedHint: 'b' },
    });
  }

  async start(): Promise<void> {
    await this.#client.requestName('org.freedesktop.login1', 0);
  }

  prepareForSleep(preparing: boolean): void {
    this.#manager.PreparingForSleep = preparing;
    this.#client.sendSignal(MANAGER_PATH, 'org.freedesktop.login1.Manager', 'PrepareForSleep', 'b', [preparing]);
  }

  lock(): void {
    this.#session.LockedHint = true;
    this.#client.emitPropertiesChanged(SESSION_PATH, 'org.freedesktop.login1.Session', { LockedHint: true });
  }

  async stop(): Promise<void> {
    await this.#client.close();
  }
}

describe.skipIf(requireTools(['logind']))('sleep', () => {
  let desktop: Desktop;
  let bus: PrivateBus;
  let logind: SleepyLogind;
  let runner: FakeCommandRunner;
  let adapter: OsAdapter;
  let heard: HeardSignals;

  beforeEach(async () => {
    desktop = await startDesktop({ parts: [] });
    bus = await PrivateBus.start('system', desktop.folder, desktop.env);
    logind = new SleepyLogind(bus.address);
    await logind.start();
    runner = new FakeCommandRunner();
    heard = new HeardSignals();
    adapter = createOsAdapter('linux', {
      env: { ...desktop.env, DBUS_SYSTEM_BUS_ADDRESS: bus.address },
      sessionId: 'c1',
      commandRunner: runner,
    });
    expect(await adapter.watch.start(heard.listen)).toBe('unlocked');
    await waitFor('the inhibitor', () => runner.children.length === 1, 2_000);
  });
  afterEach(async () => {
    await adapter.watch.stop();
    await logind.stop();
    await bus.stop();
    await desktop.stop();
  });

  it('is held off until the core has dealt with it, and held off again after waking', async () => {
    logind.prepareForSleep(true);
    await heard.next('os.suspending');
    expect(runner.children[0]?.released).toBe(false);
    adapter.watch.sleepHandled();
    await waitFor('the release', () => runner.children[0]?.released, 2_000);
    logind.prepareForSleep(false);
    await heard.next('os.resumed');
    await waitFor('a new inhibitor', () => runner.children.length === 2 && !runner.children[1]?.released, 2_000);
  });

  it('goes ahead as soon as the lock is seen', async () => {
    logind.prepareForSleep(true);
    await heard.next('os.suspending');
    logind.lock();
    await heard.next('os.locked');
    await waitFor('the release', () => runner.children[0]?.released, 2_000);
  });

  it('is not allowed by a stray sleepHandled() while awake', async () => {
    adapter.watch.sleepHandled();
    logind.prepareForSleep(true);
    await heard.next('os.suspending');
    expect(runner.children[0]?.released).toBe(false);
  });
});
