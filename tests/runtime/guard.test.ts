import { describe, expect, it, vi } from 'vitest';
import type { LockEvent } from '../../main/core/lock-types.ts';
import { createGuard } from '../../main/runtime/guard.ts';
import { DEFAULT_POLICY } from '../../protocol/policy.ts';
import { recordingPorts } from '../fakes/effect-ports.ts';

const ENROLLMENT = { userId: 'user-a', deviceId: 'device-a' };

function guarded() {
  const recorded = recordingPorts();
  const faults: unknown[] = [];
  let policy = () => DEFAULT_POLICY;
  const guard = createGuard({
    runId: 'run',
    policy: () => policy(),
    ports: () => recorded.ports,
    onFault: (error) => faults.push(error),
  });
  const tell = (event: LockEvent extends infer E ? (E extends LockEvent ? Omit<E, 'at'> : never) : never): void =>
    guard.dispatch({ ...event, at: recorded.time.monotonicNow() });
  const approve = (): void => {
    tell({ type: 'gateway.up', approvableUnseen: true });
    tell({ type: 'enrollment.changed', enrollment: ENROLLMENT });
    tell({ type: 'session.started', requestId: 'run.1', sessionId: 's' });
    tell({
      type: 'session.status',
      sessionId: 's',
      seq: 1,
      status: 'active',
      validForMs: 15_000,
      asOf: recorded.time.monotonicNow(),
    });
  };
  return {
    ...recorded,
    guard,
    faults,
    tell,
    approve,
    breakRules: () =>
      (policy = () => {
        throw new Error('broken rule');
      }),
  };
}

describe('the guard', () => {
  it('covers, asks, and lowers the curtain once the phone approved', () => {
    const { guard, approve, calls } = guarded();
    approve();
    expect(guard.current().state.name).toBe('present');
    expect(calls).toContain('raise');
    expect(calls.indexOf('start run.1')).toBeLessThan(calls.indexOf('lower'));
  });

  it('locks by its own wake-up when nothing more is heard', () => {
    const { guard, approve, time, calls } = guarded();
    approve();
    time.pass(DEFAULT_POLICY.leaseMs + DEFAULT_POLICY.networkGraceMs - 1);
    expect(guard.current().state.name).toBe('leaving');
    time.pass(1);
    expect(guard.current().state.name).toBe('locking');
    expect(calls).toContain('requestLock 0');
  });

  it('climbs when a rung fails, without waiting for the time-out', async () => {
    const { guard, approve, tell, failOn, calls } = guarded();
    failOn('requestLock 0', 'no such service');
    approve();
    tell({ type: 'user.lockNow', from: 'tray' });
    await vi.waitFor(() => expect(calls).toContain('requestLock 1'));
    expect(guard.current().state).toMatchObject({ name: 'locking', rung: 1 });
  });

  it('asserts an unobserved lock again until it is seen', () => {
    const { approve, tell, time, calls, guard } = guarded();
    approve();
    tell({ type: 'user.lockNow', from: 'tray' });
    time.pass(60_000);
    expect(calls.filter((call) => call === 'requestLock 0').length).toBeGreaterThan(3);
    expect(calls).toContain('alarm');
    tell({ type: 'os.locked', evidence: 'seen' });
    const asked = calls.filter((call) => call.startsWith('requestLock')).length;
    time.pass(60_000);
    expect(guard.current().state.name).toBe('locked');
    expect(calls.filter((call) => call.startsWith('requestLock'))).toHaveLength(asked);
  });

  it('asks for the lock and covers when a rule itself throws', () => {
    const { approve, breakRules, tell, calls, faults } = guarded();
    approve();
    calls.length = 0;
    breakRules();
    tell({ type: 'os.activity' });
    expect(faults).toHaveLength(1);
    expect(calls).toEqual(['raise', 'requestLock 0']);
  });

  it('goes on when the record cannot be written, and says so', async () => {
    const { approve, failOn, calls, guard } = guarded();
    failOn('audit approved', 'disk full');
    approve();
    await vi.waitFor(() => expect(calls).toContain('notify problem'));
    expect(guard.current().state.name).toBe('present');
  });
});
