import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OsSignal } from '../../main/core/ports.ts';
import { type CoverProbe, LOCKER_SETTLE_MS, LockerProcessSource } from '../../main/os/linux/locker-process-source.ts';
import { type ProcessFacts, type ProcessTable, parseProcessStat } from '../../main/os/linux/process-table.ts';

interface FakeProcess {
  readonly name: string;
  readonly uid?: number;
  readonly display?: string | 'unreadable';
  readonly parent?: number;
  readonly alive?: boolean;
  readonly group?: string;
  readonly startedAt?: string;
}

class FakeTable implements ProcessTable {
  readonly processes = new Map<number, FakeProcess>([[10, { name: 'presence-locker', group: 'session-2.scope' }]]);

  async ids(): Promise<readonly number[]> {
    return [...this.processes.keys()];
  }
  async facts(processId: number): Promise<ProcessFacts | null> {
    const found = this.processes.get(processId);
    if (found === undefined) return null;
    const { name, parent = 1, alive = true, startedAt = '100' } = found;
    return { processId, parentId: parent, name, alive, startedAt };
  }
  async userId(processId: number): Promise<number | null> {
    return this.processes.get(processId)?.uid ?? 1_000;
  }
  async environment(processId: number, variable: string): Promise<string | undefined | 'unreadable'> {
    const display = this.processes.get(processId)?.display ?? 'unreadable';
    return variable === 'DISPLAY' || display === 'unreadable' ? display : undefined;
  }
  async controlGroup(processId: number): Promise<string | null> {
    return this.processes.get(processId)?.group ?? null;
  }
}

describe('the observer of locker processes', () => {
  let table: FakeTable;
  let cover: Awaited<ReturnType<CoverProbe>>;
  let heard: OsSignal[];
  let source: LockerProcessSource;

  beforeEach(() => {
    vi.useFakeTimers();
    table = new FakeTable();
    cover = 'covered';
    heard = [];
    source = new LockerProcessSource({
      table,
      expected: { userId: 1_000, processId: 10, display: ':1', waylandDisplay: undefined },
      cover: async () => cover,
      now: () => Date.now(),
    });
  });
  afterEach(async () => {
    await source.stop();
    vi.useRealTimers();
  });

  const start = async (): Promise<void> => await source.start((signal) => heard.push(signal));
  const last = (): string | undefined => heard.at(-1)?.type;

  it('finds a locker that runs already', async () => {
    table.processes.set(20, { name: 'i3lock', display: ':1' });
    await start();
    expect(heard).toEqual([{ type: 'os.locked', evidence: 'i3lock (process 20) covers the screen' }]);
  });

  it('notices a locker that starts, and its end', async () => {
    await start();
    expect(last()).toBe('os.unlocked');
    table.processes.set(20, { name: 'swaylock', display: ':1' });
    await vi.advanceTimersByTimeAsync(1_100);
    expect(last()).toBe('os.locked');
    table.processes.delete(20);
    await vi.advanceTimersByTimeAsync(150);
    expect(last()).toBe('os.unlocked');
  });

  it('notices a process that turns into a locker', async () => {
    table.processes.set(20, { name: 'sh', display: ':1' });
    await start();
    table.processes.set(20, { name: 'i3lock', display: ':1' });
    await vi.advanceTimersByTimeAsync(6_000);
    expect(last()).toBe('os.locked');
  });

  it('does not believe a locker that does not cover the screen yet', async () => {
    cover = 'uncovered';
    table.processes.set(20, { name: 'i3lock', display: ':1' });
    await start();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(last()).toBe('os.unlocked');
    cover = 'covered';
    await vi.advanceTimersByTimeAsync(200);
    expect(last()).toBe('os.locked');
  });

  it('takes a locker whose windows are gone for an unlocked screen', async () => {
    table.processes.set(20, { name: 'i3lock', display: ':1' });
    await start();
    cover = 'uncovered';
    await vi.advanceTimersByTimeAsync(2_000);
    expect(last()).toBe('os.unlocked');
  });

  it('waits a moment where nobody can say whether the screen is covered', async () => {
    cover = 'unknown';
    table.processes.set(20, { name: 'swaylock', display: ':1' });
    await start();
    expect(last()).toBe('os.unlocked');
    await vi.advanceTimersByTimeAsync(LOCKER_SETTLE_MS + 200);
    expect(last()).toBe('os.locked');
  });

  it('takes a zombie for gone', async () => {
    table.processes.set(20, { name: 'i3lock', display: ':1' });
    await start();
    table.processes.set(20, { name: 'i3lock', display: ':1', alive: false });
    await vi.advanceTimersByTimeAsync(150);
    expect(last()).toBe('os.unlocked');
  });

  it('does not mistake a later process with the same id for the locker', async () => {
    table.processes.set(20, { name: 'i3lock', display: ':1' });
    await start();
    table.processes.set(20, { name: 'firefox', display: ':1', startedAt: '200' });
    await vi.advanceTimersByTimeAsync(150);
    expect(last()).toBe('os.unlocked');
  });

  it.each<[string, FakeProcess]>([
    ['of another user', { name: 'i3lock', display: ':1', uid: 1_001 }],
    ['on another display', { name: 'i3lock', display: ':2' }],
    ['of another login session whose environment is hidden', { name: 'slock', group: 'session-9.scope' }],
    ['that is no locker', { name: 'i3lock-helper', display: ':1' }],
  ])('ignores a process %s', async (_what, process) => {
    table.processes.set(20, process);
    await start();
    expect(last()).toBe('os.unlocked');
  });

  it('accepts a locker that hides its environment when its starter is on our display', async () => {
    table.processes.set(19, { name: 'xss-lock', display: ':1' });
    table.processes.set(20, { name: 'slock', parent: 19 });
    await start();
    expect(last()).toBe('os.locked');
  });

  it('accepts a locker that hides its environment when it runs in our login session', async () => {
    table.processes.set(20, { name: 'slock', group: 'session-2.scope' });
    await start();
    expect(last()).toBe('os.locked');
  });
});

describe('a line of /proc/<pid>/stat', () => {
  const rest = Array.from({ length: 18 }, (_, index) => String(index)).join(' ');

  it('is read even when the name holds spaces and parentheses', () => {
    expect(parseProcessStat(`42 (a) b (c) S 7 ${rest} 99`)).toMatchObject({
      processId: 42,
      parentId: 7,
      name: 'a) b (c',
      alive: true,
    });
  });
  it('tells a zombie', () => {
    expect(parseProcessStat(`42 (i3lock) Z 7 ${rest} 99`)?.alive).toBe(false);
  });
  it.each(['', '42', '42 (x', '42 (x) S', 'x (y) S 1'])('is refused when it is %j', (line) => {
    expect(parseProcessStat(line)).toBeNull();
  });
});
