import { describe, expect, it } from 'vitest';
import type { OsSignal } from '../../main/core/ports.ts';
import { SessionWatchOfSources } from '../../main/os/session-watch-of-sources.ts';
import { FakeSource, locked, unlocked } from './fake-source.ts';

async function started(...sources: FakeSource[]) {
  const heard: OsSignal[] = [];
  const watch = new SessionWatchOfSources(sources);
  const state = await watch.start((signal) => heard.push(signal));
  return { watch, heard, state };
}

describe('a watch of several sources', () => {
  it('is locked when any source sees a lock at the start', async () => {
    const { heard, state } = await started(
      new FakeSource('a', { initial: unlocked('a open') }),
      new FakeSource('b', { initial: locked('b shut') }),
    );
    expect(state).toBe('locked');
    expect(heard).toEqual([locked('b shut')]);
  });

  it('is unknown, and reports nothing, when no source says anything', async () => {
    const { heard, state } = await started(new FakeSource('a'));
    expect(state).toBe('unknown');
    expect(heard).toEqual([]);
  });

  it('reports one lock for two sources that see it one after the other', async () => {
    const [a, b] = [new FakeSource('a', { initial: unlocked('a') }), new FakeSource('b', { initial: unlocked('b') })];
    const { heard } = await started(a, b);
    heard.length = 0;
    a.report(locked('a'));
    b.report(locked('b'));
    expect(heard).toEqual([locked('a')]);
  });

  it('is unlocked only when the last source that saw a lock sees none', async () => {
    const [a, b] = [new FakeSource('a', { initial: locked('a') }), new FakeSource('b', { initial: locked('b') })];
    const { heard } = await started(a, b);
    heard.length = 0;
    a.report(unlocked('a'));
    expect(heard).toEqual([]);
    b.report(unlocked('b'));
    expect(heard.map((signal) => signal.type)).toEqual(['os.unlocked']);
  });

  it('goes on without a source that does not exist here, and says which', async () => {
    const missing: string[] = [];
    const watch = new SessionWatchOfSources(
      [new FakeSource('a', { failure: new Error('no such service') }), new FakeSource('b', { initial: unlocked('b') })],
      { onSourceUnavailable: (name, reason) => missing.push(`${name}: ${reason}`) },
    );
    expect(await watch.start(() => undefined)).toBe('unlocked');
    expect(missing).toEqual(['a: no such service']);
  });

  it('still believes a source that failed at the start and speaks later', async () => {
    const late = new FakeSource('late', { failure: new Error('not yet') });
    const { heard } = await started(late, new FakeSource('b', { initial: unlocked('b') }));
    late.report(locked('late'));
    expect(heard.at(-1)).toEqual(locked('late'));
  });

  it('throws when no source can observe the session, instead of guessing', async () => {
    const broken = new FakeSource('logind', { failure: new Error('no bus') });
    await expect(started(broken)).rejects.toThrow('the session cannot be observed: logind: no bus');
    expect(broken.stopped).toBe(1);
  });

  it('passes sleep and activity on as they come, duplicates included', async () => {
    const a = new FakeSource('a', { initial: unlocked('a') });
    const { heard } = await started(a);
    heard.length = 0;
    const signals: OsSignal[] = [
      { type: 'os.suspending' },
      { type: 'os.resumed' },
      { type: 'os.resumed' },
      { type: 'os.activity' },
    ];
    for (const signal of signals) a.report(signal);
    expect(heard).toEqual(signals);
  });

  it('confirms a requested lock that stands already, and does not repeat a state that was not asked for', async () => {
    const a = new FakeSource('a', { initial: locked('a') });
    const { watch, heard } = await started(a);
    heard.length = 0;
    watch.expectChange('unlocked');
    expect(heard).toEqual([]);
    watch.expectChange('locked');
    expect(heard).toEqual([locked('a')]);
    expect(a.expected).toBe(2);
  });

  it('says nothing after it was stopped', async () => {
    const a = new FakeSource('a', { initial: unlocked('a') });
    const { watch, heard } = await started(a);
    await watch.stop();
    heard.length = 0;
    a.report(locked('a'));
    a.report({ type: 'os.activity' });
    expect(heard).toEqual([]);
  });
});
