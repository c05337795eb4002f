import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createOsAdapter } from '../../main/os/create-os-adapter.ts';
import { openBusConnection } from '../../main/os/linux/bus-connection.ts';
import { findOwnSession } from '../../main/os/linux/own-session.ts';
import { ReconnectingBus } from '../../main/os/linux/reconnecting-bus.ts';
import { INHIBITOR_WHO } from '../../main/os/linux/sleep-inhibitor.ts';
import type { OsAdapter } from '../../main/os/os-adapter.ts';
import { type Desktop, startDesktop } from './desktop/desktop.ts';
import type { PrivateLogind } from './desktop/logind.ts';
import { waitFor } from './desktop/managed-process.ts';
import { requireTools } from './desktop/tools.ts';
import { HeardSignals } from './heard-signals.ts';

describe.skipIf(requireTools(['logind']))('a real logind', () => {
  let desktop: Desktop;
  let logind: PrivateLogind;
  let adapter: OsAdapter;
  let heard: HeardSignals;

  beforeAll(async () => {
    desktop = await startDesktop({ parts: ['logind'] });
    if (desktop.logind === null) throw new Error('logind was asked for');
    logind = desktop.logind;
  });
  afterAll(async () => await desktop?.stop());

  beforeEach(async () => {
    await logind.setLockedHint(false);
    heard = new HeardSignals();
    adapter = createOsAdapter('linux', { env: { ...desktop.env, XDG_SESSION_ID: logind.sessionId } });
  });
  afterEach(async () => {
    await adapter.watch.stop();
    await adapter.ladder.dispose();
  });

  it('finds the session named by XDG_SESSION_ID', async () => {
    const bus = new ReconnectingBus({ address: logind.busAddress });
    await bus.open();
    try {
      const session = await findOwnSession(bus, {
        xdgSessionId: logind.sessionId,
        processId: process.pid,
        userId: process.getuid?.() ?? -1,
      });
      expect(session).toEqual({ id: logind.sessionId, path: logind.sessionPath, type: 'x11' });
    } finally {
      await bus.close();
    }
  });

  it('refuses a session that belongs to another user', async () => {
    const bus = new ReconnectingBus({ address: logind.busAddress });
    await bus.open();
    try {
      const search = findOwnSession(bus, { sessionId: logind.sessionId, processId: process.pid, userId: 65_000 });
      await expect(search).rejects.toThrow(/belongs to another user/);
    } finally {
      await bus.close();
    }
  });

  it('reports the state found at the start', async () => {
    await logind.setLockedHint(true);
    expect(await adapter.watch.start(heard.listen)).toBe('locked');
    expect((await heard.next('os.locked')).evidence).toContain('LockedHint=true');
  });

  it('observes LockedHint both ways', async () => {
    expect(await adapter.watch.start(heard.listen)).toBe('unlocked');
    await logind.setLockedHint(true);
    await heard.next('os.locked');
    heard.clear();
    await logind.setLockedHint(false);
    await heard.next('os.unlocked');
  });

  it('does not take a Lock signal that nobody honours for a lock', async () => {
    await adapter.watch.start(heard.listen);
    heard.clear();
    const rung = adapter.ladder.rungs.indexOf('logind Session.Lock');
    await adapter.ladder.requestLock(rung);
    // LockedHint changes after the Lock signal on the same connection, so once it is seen the Lock signal has been, too.
    await logind.setLockedHint(true);
    const locked = await heard.next('os.locked');
    expect(locked.evidence).toContain('LockedHint');
    expect(heard.all.filter(({ signal }) => signal.type === 'os.locked')).toHaveLength(1);
  });

  it('is not fooled by a LockedHint that another client of the bus sends straight to it', async () => {
    await adapter.watch.start(heard.listen);
    heard.clear();
    const { spawnForger } = await import('./forge-signal.ts');
    await spawnForger({ env: { ...desktop.env }, sessionPath: logind.sessionPath });
    await logind.setLockedHint(true);
    await logind.setLockedHint(false);
    await heard.next('os.unlocked');
    expect(heard.all.map(({ signal }) => signal.type)).toEqual(['os.locked', 'os.unlocked']);
  });

  it('holds a sleep inhibitor while it watches and releases it when it stops', async () => {
    await adapter.watch.start(heard.listen);
    await waitFor('the inhibitor', async () => (await logind.inhibitedBy(INHIBITOR_WHO)).includes('sleep'), 5_000);
    await adapter.watch.stop();
    await waitFor('its release', async () => (await logind.inhibitedBy(INHIBITOR_WHO)).length === 0, 5_000);
  });

  it('refuses the logind rung in bounded time when the bus is away, and watches again when it is back', async () => {
    await adapter.watch.start(heard.listen);
    await logind.bus.crash();
    await expect(adapter.ladder.requestLock(0)).rejects.toMatchObject({
      name: 'LockRungFailed',
      rung: 'logind Session.Lock',
    });
    await logind.restart();
    heard.clear();
    await logind.setLockedHint(true);
    const locked = await heard.next('os.locked', 10_000);
    expect(locked.evidence).toContain('LockedHint=true');
    heard.clear();
    await logind.setLockedHint(false);
    await heard.next('os.unlocked');
    await waitFor(
      'the inhibitor again',
      async () => (await logind.inhibitedBy(INHIBITOR_WHO)).includes('sleep'),
      10_000,
    );
  });

  it('says so when the bus is not there', async () => {
    const opening = openBusConnection({
      address: `unix:path=${desktop.folder}/no-such-bus`,
      onSignal: () => undefined,
      onClosed: () => undefined,
    });
    await expect(opening).rejects.toMatchObject({ name: 'BusCallFailed' });
  });
});
