import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LockEvent } from '../../main/core/lock-types.ts';
import { GuardingGate } from '../../main/guarding-gate.ts';
import { LOCK_BEFORE_QUIT_TIMEOUT_MS, lockFirst } from '../../main/lock-first.ts';
import { createGuard } from '../../main/runtime/guard.ts';
import { DEFAULT_POLICY, type Policy } from '../../protocol/policy.ts';
import { recordingPorts } from '../fakes/effect-ports.ts';

const ENROLLMENT = { userId: 'user-a', deviceId: 'device-a' };
type Told = LockEvent extends infer E ? (E extends LockEvent ? Omit<E, 'at'> : never) : never;

function guarded(stated: Partial<Policy> = {}) {
  const { ports, calls, time } = recordingPorts();
  const policy = { ...DEFAULT_POLICY, ...stated };
  const guard = createGuard({
    runId: 'run',
    policy: () => policy,
    ports: () => ports,
    onFault: (error) => {
      throw error;
    },
  });
  const tell = (event: Told): void => guard.dispatch({ ...event, at: time.monotonicNow() });
  const enroll = (): void => tell({ type: 'enrollment.changed', enrollment: ENROLLMENT });
  const approve = (): void => {
    tell({ type: 'gateway.up', approvableUnseen: true });
    enroll();
    tell({ type: 'session.started', requestId: 'run.1', sessionId: 's' });
    tell({
      type: 'session.status',
      sessionId: 's',
      seq: 1,
      status: 'active',
      validForMs: 15_000,
      asOf: time.monotonicNow(),
    });
  };
  return { guard, calls, tell, approve, enroll, options: { clock: time, policy: () => policy } };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('quitting', () => {
  it('waits while present until the lock is seen', async () => {
    const { guard, approve, tell, options, calls } = guarded();
    approve();
    let left: boolean | null = null;
    void lockFirst(guard, 'quit', options).then((locked) => {
      left = locked;
    });
    await vi.advanceTimersByTimeAsync(100);
    expect(calls).toContain('requestLock 0');
    expect(left).toBeNull();
    tell({ type: 'os.locked', evidence: 'seen' });
    await vi.advanceTimersByTimeAsync(0);
    expect(left).toBe(true);
  });

  it('is refused when no lock is seen in time', async () => {
    const { guard, approve, options } = guarded();
    approve();
    const leaving = lockFirst(guard, 'quit', options);
    await vi.advanceTimersByTimeAsync(LOCK_BEFORE_QUIT_TIMEOUT_MS);
    expect(await leaving).toBe(false);
  });

  it('leaves at once where nothing is guarded', async () => {
    const { guard, options, calls } = guarded();
    expect(await lockFirst(guard, 'quit', options)).toBe(true);
    expect(calls).not.toContain('requestLock 0');
  });

  it('leaves unlocked while present only where policy allows it', async () => {
    const { guard, approve, options, calls } = guarded({ allowQuitUnlocked: true });
    approve();
    expect(await lockFirst(guard, 'quit', options)).toBe(true);
    expect(calls).not.toContain('requestLock 0');
  });

  it('locks from behind the curtain even where policy lets a present person leave unlocked', async () => {
    const { guard, enroll, options, calls } = guarded({ allowQuitUnlocked: true });
    enroll();
    void lockFirst(guard, 'quit', options);
    expect(calls).toContain('requestLock 0');
  });
});

describe('presence-locker disable', () => {
  function gated(stated: Partial<Policy> = {}) {
    const made = guarded(stated);
    const switched: (number | null)[] = [];
    let stuck = 0;
    const gate = new GuardingGate(
      {
        guard: made.guard,
        ...made.options,
        onSwitched: (since) => switched.push(since),
        onStuck: () => {
          stuck += 1;
        },
      },
      { guarding: true, problem: null },
    );
    gate.dispatch({ type: 'enrollment.changed', enrollment: ENROLLMENT, at: made.options.clock.monotonicNow() });
    return { ...made, gate, switched, stuck: () => stuck };
  }
  const OFF = { guarding: false, sinceWall: 5, by: 1_000 } as const;
  const ON = { guarding: true, problem: null } as const;

  it('locks first, and takes the cover away only beneath the lock that is seen', async () => {
    const { gate, guard, tell, calls, switched } = gated();
    const done = gate.follow(OFF);
    expect(guard.current().state.name).toBe('locking');
    expect(calls).not.toContain('discard');
    tell({ type: 'os.locked', evidence: 'seen' });
    await done;
    expect(calls).toContain('discard');
    expect(guard.current().state.name).toBe('unenrolled');
    expect(switched).toEqual([5]);
  });

  it('ends the app when no lock can be seen: whoever owns the machine gets back in', async () => {
    const { gate, stuck, calls } = gated();
    const done = gate.follow(OFF);
    await vi.advanceTimersByTimeAsync(LOCK_BEFORE_QUIT_TIMEOUT_MS);
    await done;
    expect(stuck()).toBe(1);
    expect(calls).not.toContain('lower');
  });

  it('guards again after enable, and asks the phone anew', async () => {
    const { gate, guard, tell } = gated();
    const off = gate.follow(OFF);
    tell({ type: 'os.locked', evidence: 'seen' });
    await off;
    tell({ type: 'os.unlocked', evidence: 'password' });
    expect(guard.current().state.name).toBe('unenrolled');
    await gate.follow(ON);
    expect(guard.current().state.name).toBe('verifying');
  });

  it('is not believed where the policy forbids it, however the marker came there', async () => {
    const { gate, guard, switched } = gated({ allowDisable: false });
    await gate.follow(OFF);
    expect(guard.current().state.name).toBe('verifying');
    expect(switched).toEqual([]);
  });

  it('keeps guarding when it is taken back before the lock is seen', async () => {
    const { gate, guard, tell } = gated();
    const off = gate.follow(OFF);
    await gate.follow(ON);
    tell({ type: 'os.locked', evidence: 'seen' });
    await off;
    expect(guard.current().state.name).toBe('locked');
  });
});
