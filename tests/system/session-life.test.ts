import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOsAdapter } from '../../main/os/create-os-adapter.ts';
import type { OsAdapter } from '../../main/os/os-adapter.ts';
import { FakeCommandRunner } from '../os/fake-command-runner.ts';
import { type Desktop, startDesktop } from './desktop/desktop.ts';
import { LogindDouble } from './desktop/logind-double.ts';
import { waitFor } from './desktop/managed-process.ts';
import { PrivateBus } from './desktop/private-bus.ts';
import { requireTools } from './desktop/tools.ts';
import { HeardSignals } from './heard-signals.ts';

describe.skipIf(requireTools(['logind']))('the life of a session, as logind tells it', () => {
  let desktop: Desktop;
  let bus: PrivateBus;
  let logind: LogindDouble;
  let runner: FakeCommandRunner;
  let adapter: OsAdapter;
  let heard: HeardSignals;

  beforeEach(async () => {
    desktop = await startDesktop({ parts: [] });
    bus = await PrivateBus.start('system', desktop.folder, desktop.env);
    logind = new LogindDouble(bus.address);
    await logind.start();
    runner = new FakeCommandRunner();
    heard = new HeardSignals();
    adapter = createOsAdapter('linux', {
      env: { ...desktop.env, DBUS_SYSTEM_BUS_ADDRESS: bus.address },
      sessionId: 'c1',
      commandRunner: runner,
    });
    expect(await adapter.watch.start(heard.listen)).toBe('unlocked');
    heard.clear();
    await waitFor('the inhibitor', () => runner.children.length === 1, 2_000);
  });
  afterEach(async () => {
    await adapter.watch.stop();
    await logind.stop();
    await bus.stop();
    await desktop.stop();
  });

  const types = (): readonly string[] => heard.all.map(({ signal }) => signal.type);
  /** The hint comes on the same connection, after everything that was told before. */
  const afterEverything = async (): Promise<void> => {
    logind.setLockedHint(true);
    await heard.next('os.locked');
  };

  describe('sleep', () => {
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
      logind.setLockedHint(true);
      await heard.next('os.locked');
      await waitFor('the release', () => runner.children[0]?.released, 2_000);
    });

    it('is not allowed by a stray sleepHandled() while awake', async () => {
      adapter.watch.sleepHandled();
      logind.prepareForSleep(true);
      await heard.next('os.suspending');
      expect(runner.children[0]?.released).toBe(false);
    });

    it('is announced and distrusted even where nothing can hold it off', async () => {
      runner.children[0]?.end({ code: 1, signal: null });
      logind.prepareForSleep(true);
      await heard.next('os.suspending');
      logind.prepareForSleep(false);
      await heard.next('os.resumed');
    });

    it('is announced once, however often logind says it', async () => {
      logind.prepareForSleep(true);
      logind.prepareForSleep(true);
      await heard.next('os.suspending');
      logind.prepareForSleep(false);
      logind.prepareForSleep(false);
      await heard.next('os.resumed');
      expect(types()).toEqual(['os.suspending', 'os.resumed']);
    });

    it('that began while the bus was away is noticed when it is back', async () => {
      await bus.crash();
      await bus.startAgain();
      logind.prepareForSleep(true);
      await logind.start();
      await heard.next('os.suspending', 10_000);
      logind.prepareForSleep(false);
      await heard.next('os.resumed');
    });
  });

  it('goes on when it is in the background: user switching is neither a lock nor an unlock', async () => {
    logind.bringToFront(false);
    logind.bringToFront(true);
    await afterEverything();
    expect(types()).toEqual(['os.locked']);
  });

  it('does not count as locked because logind forgot it: its screen may still be there', async () => {
    logind.removeSession();
    await afterEverything();
    expect(types()).toEqual(['os.locked']);
  });

  it('is guarded until the end: a shut-down that is announced, or called off, changes nothing', async () => {
    logind.prepareForShutdown(true);
    logind.prepareForShutdown(false);
    await afterEverything();
    expect(types()).toEqual(['os.locked']);
  });

  it('has its lid closed: what logind then asks of the desktop is no state', async () => {
    // HandleLidSwitch=lock sends Lock to the session; =suspend is a sleep like any other; =ignore tells nobody.
    await adapter.ladder.requestLock(adapter.ladder.rungs.indexOf('logind Session.Lock'));
    expect(logind.called).toEqual(['Lock']);
    await afterEverything();
    expect(types()).toEqual(['os.locked']);
  });
});
