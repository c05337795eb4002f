import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LockEvent } from '../../main/core/lock-types.ts';
import { createOsAdapter } from '../../main/os/create-os-adapter.ts';
import { createMonotonicClock } from '../../main/os/monotonic-clock.ts';
import { createGuard, type Guard } from '../../main/runtime/guard.ts';
import { createWakeUp, NODE_TIMERS } from '../../main/runtime/wake-up.ts';
import { watchOsSession } from '../../main/session-signals.ts';
import { DEFAULT_POLICY, type Policy } from '../../protocol/policy.ts';
import { recordingPorts } from '../fakes/effect-ports.ts';
import { FakeCommandRunner } from '../os/fake-command-runner.ts';
import { type Desktop, startDesktop } from './desktop/desktop.ts';
import { LogindDouble } from './desktop/logind-double.ts';
import { waitFor } from './desktop/managed-process.ts';
import { PrivateBus } from './desktop/private-bus.ts';
import { type LockBehaviour, ScreenSaverDouble } from './desktop/screensaver-double.ts';
import { requireTools } from './desktop/tools.ts';

/** The least that the policy allows, so that an exhausted ladder does not take long. */
const LOCK_CONFIRM_MS = 500;
const OUTCOME_MS = 15_000;

type Draft = LockEvent extends infer E ? (E extends LockEvent ? Omit<E, 'at'> : never) : never;

describe.skipIf(requireTools(['logind']))('the real rules on a real bus', () => {
  const clock = createMonotonicClock();
  const undo: (() => Promise<void>)[] = [];
  let place: Desktop;
  let logind: LogindDouble;
  let saver: ScreenSaverDouble;
  let runner: FakeCommandRunner;
  let calls: readonly string[];
  let guard: Guard;

  beforeEach(async () => {
    place = await startDesktop({ parts: [] });
    undo.push(place.stop);
    const systemBus = await PrivateBus.start('system', place.folder, place.env);
    undo.push(() => systemBus.stop());
    const sessionBus = await PrivateBus.start('session', place.folder, place.env);
    undo.push(() => sessionBus.stop());
    logind = new LogindDouble(systemBus.address);
    await logind.start();
    undo.push(() => logind.stop());
    saver = new ScreenSaverDouble('GNOME', sessionBus.address, logind);
    await saver.start();
    undo.push(() => saver.stop());
    runner = new FakeCommandRunner();
    // No locker is installed on this PATH: the ladder has the two rungs of a GNOME session.
    const env = {
      PATH: place.folder,
      XDG_CURRENT_DESKTOP: 'GNOME',
      XDG_SESSION_TYPE: 'wayland',
      DBUS_SYSTEM_BUS_ADDRESS: systemBus.address,
      DBUS_SESSION_BUS_ADDRESS: sessionBus.address,
    };
    const adapter = createOsAdapter('linux', { env, sessionId: 'c1', commandRunner: runner });
    undo.push(() => adapter.watch.stop());
    const recorded = recordingPorts();
    calls = recorded.calls;
    guard = createGuard({
      runId: 'run',
      policy: () => policy,
      ports: () => ({ ...recorded.ports, ladder: adapter.ladder, wakeUp: createWakeUp(clock, NODE_TIMERS), clock }),
      onFault: (error) => {
        throw error;
      },
    });
    await watchOsSession({
      guard,
      watch: adapter.watch,
      link: { reconnectNow: () => undefined },
      clock,
      log: pino({ level: 'silent' }),
      onProblem: ({ title }) => {
        throw new Error(title);
      },
    });
  });
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
    policy = { ...DEFAULT_POLICY, lockConfirmMs: LOCK_CONFIRM_MS };
  });

  let policy: Policy = { ...DEFAULT_POLICY, lockConfirmMs: LOCK_CONFIRM_MS };
  const tell = (draft: Draft): void => guard.dispatch({ ...draft, at: clock.monotonicNow() });
  const state = (): string => guard.current().state.name;
  const becomes = async (name: string): Promise<void> =>
    void (await waitFor(`${name} (is ${state()})`, () => state() === name, OUTCOME_MS));
  const active = (seq: number): void =>
    tell({
      type: 'session.status',
      sessionId: 's',
      seq,
      status: 'active',
      validForMs: 15_000,
      asOf: clock.monotonicNow(),
    });
  const approved = (): void => {
    tell({ type: 'gateway.up', approvableUnseen: true });
    tell({ type: 'enrollment.changed', enrollment: { userId: 'user-a', deviceId: 'device-a' } });
    tell({ type: 'session.started', requestId: 'run.1', sessionId: 's' });
    active(1);
    expect(state()).toBe('present');
  };

  it('lock by the first rung where the desktop does what it says', async () => {
    approved();
    tell({ type: 'user.lockNow', from: 'tray' });
    await becomes('locked');
    expect(saver.lockCalls).toBe(1);
    expect(logind.called).toEqual([]);
  });

  it.each<LockBehaviour>(['never', 'refuses', 'acknowledges', 'only-active', 'dies'])(
    'climb to logind when the desktop answers a request with: %s',
    async (behaviour) => {
      approved();
      saver.behaviour = behaviour;
      // The shield itself still works, and comes when logind asks for it.
      logind.onLockOrUnlock = () => logind.setLockedHint(true);
      tell({ type: 'user.lockNow', from: 'tray' });
      await becomes('locked');
      expect(logind.called).toEqual(['Lock']);
      expect(calls).not.toContain('alarm');
    },
  );

  it('raise the alarm behind the curtain when no rung locks, and go on trying', async () => {
    approved();
    saver.behaviour = 'acknowledges';
    logind.onLockOrUnlock = null;
    tell({ type: 'user.lockNow', from: 'tray' });
    await waitFor('the alarm', () => calls.includes('alarm'), OUTCOME_MS);
    expect(state()).toBe('locking');
    expect(calls).toEqual(expect.arrayContaining(['raise', 'audit lock-unconfirmed', 'audit alarm']));
    expect(calls.lastIndexOf('raise')).toBeGreaterThan(calls.lastIndexOf('lower'));
    expect(logind.called).not.toContain('Terminate');
    saver.behaviour = 'locks';
    await becomes('locked');
  });

  it('have logind end the session after the alarm, where the policy says so', async () => {
    policy = { ...policy, onUnconfirmedLock: 'terminate-session' };
    approved();
    saver.behaviour = 'refuses';
    logind.onLockOrUnlock = null;
    tell({ type: 'user.lockNow', from: 'tray' });
    await waitFor('the end of the session', () => logind.called.includes('Terminate'), OUTCOME_MS);
    expect(calls.indexOf('alarm')).toBeGreaterThan(-1);
    expect(calls).toContain('audit termination-requested');
  });

  it('lock before sleep, let the machine sleep once the lock is seen, and believe nothing from before it', async () => {
    approved();
    logind.prepareForSleep(true);
    await becomes('locked');
    await waitFor('sleep to be allowed', () => runner.children[0]?.released, OUTCOME_MS);
    logind.prepareForSleep(false);
    await waitFor('a new inhibitor', () => runner.children.length === 2, OUTCOME_MS);
    active(2);
    saver.unlockScreen();
    await becomes('verifying');
    active(3);
    expect(state()).toBe('verifying');
  });

  it('go on guarding a session that is in the background, and lock it when the phone leaves', async () => {
    policy = { ...policy, walkawayGraceMs: 0 };
    approved();
    logind.bringToFront(false);
    tell({
      type: 'session.status',
      sessionId: 's',
      seq: 2,
      status: 'walkaway',
      validForMs: 0,
      asOf: clock.monotonicNow(),
    });
    await becomes('locked');
    logind.bringToFront(true);
    expect(state()).toBe('locked');
  });
});
