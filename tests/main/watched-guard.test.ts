import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../main/core/audit-entry.ts';
import { createGuard } from '../../main/runtime/guard.ts';
import type { SentinelKeeper, SentinelLoss } from '../../main/sentinel/sentinel-keeper.ts';
import type { NotedDeath } from '../../main/settings/death-notes.ts';
import { joinSentinel } from '../../main/watched-guard.ts';
import { DEFAULT_POLICY } from '../../protocol/policy.ts';
import type { Draft } from '../core/story.ts';
import { recordingPorts } from '../fakes/effect-ports.ts';

const DEATH: NotedDeath = { how: 'ended', atWall: 5, lock: 'seen', lockedAfterMs: 300 };

async function joined(deaths: readonly NotedDeath[] | 'unreadable' = []) {
  const recorded = recordingPorts();
  const guard = createGuard({
    runId: 'run',
    policy: () => DEFAULT_POLICY,
    ports: () => recorded.ports,
    onFault: () => undefined,
  });
  const tell = (draft: Draft): void => guard.dispatch({ ...draft, at: recorded.time.monotonicNow() });
  const guarding: boolean[] = [];
  const told: AuditEntry[] = [];
  const problems: string[] = [];
  let lose: (loss: SentinelLoss) => void = () => undefined;
  const sentinel = {
    setGuarding: (now: boolean) => void guarding.push(now),
    listen: (onLoss: (loss: SentinelLoss) => void) => {
      lose = onLoss;
    },
  } satisfies Pick<SentinelKeeper, 'setGuarding' | 'listen'>;
  const watched = joinSentinel({
    sentinel,
    guard,
    clock: recorded.time,
    notes: {
      leave: () => Promise.reject(new Error('not main’s to leave')),
      take: async () => {
        if (deaths === 'unreadable') throw new Error('EIO');
        return { deaths, problem: null };
      },
    },
    keeping: { tell: async (entry) => void told.push(entry) },
    log: pino({ level: 'silent' }),
    onProblem: ({ code }) => problems.push(code),
  });
  tell({ type: 'os.unlocked', evidence: 'x' });
  tell({ type: 'enrollment.changed', enrollment: { userId: 'u', deviceId: 'd' } });
  await watched.begin();
  const cause = (): string | null => {
    const { state } = guard.current();
    return 'cause' in state ? state.cause : null;
  };
  return { guard, tell, guarding, told, problems, lose: (loss: SentinelLoss) => lose(loss), cause };
}

describe('the guard and its sentinel', () => {
  it('tells the sentinel as soon as somebody is guarded, and when nobody is any more', async () => {
    const { guarding, tell } = await joined();
    expect(guarding.at(0)).toBe(false);
    expect(guarding.at(-1)).toBe(true);
    tell({ type: 'os.locked', evidence: 'x' });
    tell({ type: 'enrollment.changed', enrollment: null });
    expect(guarding.at(-1)).toBe(false);
  });

  it('writes down what the sentinel noted, and locks nothing when the lock was seen', async () => {
    const { told, guard } = await joined([DEATH, { ...DEATH, how: 'hung' }]);
    expect(told).toEqual([
      { what: 'app-died', ...DEATH },
      { what: 'app-died', ...DEATH, how: 'hung' },
    ]);
    expect(guard.current().state.name).toBe('verifying');
  });

  it('asks for the lock that the sentinel could not see', async () => {
    const { guard, cause } = await joined([DEATH, { ...DEATH, lock: 'not-seen', lockedAfterMs: null }]);
    expect(guard.current().state.name).toBe('locking');
    expect(cause()).toBe('app-died');
  });

  it('goes on when the note cannot be taken', async () => {
    const { guard, told } = await joined('unreadable');
    expect(told).toEqual([]);
    expect(guard.current().state.name).toBe('verifying');
  });

  it('writes down a sentinel that was replaced, and locks nothing', async () => {
    const { lose, told, guard, problems } = await joined();
    lose({ reason: 'it ended', again: false });
    expect(told).toEqual([{ what: 'sentinel-died', evidence: 'it ended' }]);
    expect(guard.current().state.name).toBe('verifying');
    expect(problems).toEqual([]);
  });

  it('locks when no sentinel stays, and says so', async () => {
    const { lose, cause, problems } = await joined();
    lose({ reason: 'it ended', again: true });
    expect(cause()).toBe('sentinel-lost');
    expect(problems).toEqual(['SENTINEL_LOST']);
  });
});
