import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Effect, LockState } from '../../main/core/lock-types.ts';
import { COLUMNS } from './state-event-columns.ts';
import { SITUATIONS, type SituationName } from './state-event-situations.ts';
import { TABLE } from './state-event-table.ts';

const names = Object.keys(TABLE).filter((name): name is SituationName => name in SITUATIONS);

/** Type and what matters about it: cause, kind, reason. */
function shown(effect: Effect): string {
  switch (effect.type) {
    case 'requestLock':
      return `requestLock(${effect.cause})`;
    case 'startSession':
      return `startSession(${effect.reason})`;
    case 'setPolling':
      return `setPolling(${effect.polling === null ? 'off' : 'on'})`;
    case 'notify':
      return `notify(${effect.notification.kind})`;
    case 'withdrawNotification':
      return `withdrawNotification(${effect.notification})`;
    case 'audit':
      return `audit(${effect.entry.what})`;
    default:
      return effect.type;
  }
}

/** Of several settings of the poll, the last one counts. */
function inWords(state: LockState['name'], effects: readonly Effect[]): string {
  const lastPolling = effects.findLastIndex(({ type }) => type === 'setPolling');
  const told = effects.filter(({ type }, at) => type !== 'schedule' && (type !== 'setPolling' || at === lastPolling));
  return `${state} | ${told.map(shown).sort().join(' ')}`.trim();
}

function expectedWords(cell: string, before: LockState['name']): string {
  const [state = '', effects = ''] = cell.split('|');
  const next = state.trim() === '=' ? before : state.trim();
  return `${next} | ${effects.split(' ').filter(Boolean).sort().join(' ')}`.trim();
}

/** Words of a union as written in the vocabulary, so that a state or an event added there and not here fails this test. */
function wordsOf(union: string, key: string): string[] {
  const source = readFileSync(new URL('../../main/core/lock-types.ts', import.meta.url), 'utf8');
  const from = source.indexOf(`export type ${union} =`);
  const block = source.slice(from, source.indexOf('\nexport type', from + 1));
  return [
    ...new Set([...block.matchAll(new RegExp(`readonly ${key}: '([^']+)'`, 'g'))].map(([, word = '']) => word)),
  ].sort();
}

describe('the table', () => {
  it('has a row for every state', () => {
    const expected = wordsOf('LockState', 'name');
    expect(expected).toContain('unenrolled');
    expect([...new Set(names.map((name) => SITUATIONS[name]().state.name))].sort()).toEqual(expected);
  });

  it('has a column for every event, in every row', () => {
    const expected = wordsOf('LockEvent', 'type');
    expect(expected).toContain('curtain.lost');
    for (const name of names) {
      const story = SITUATIONS[name]();
      const types = Object.values(COLUMNS).filter(({ type, draft }) => type !== 'timer.fired' || draft(story) !== null);
      expect([...new Set(types.map(({ type }) => type))].sort(), name).toEqual(expected);
    }
  });

  it.each(names)('has one cell for each column that can happen: %s', (name) => {
    const { nothing, cells } = TABLE[name];
    const story = SITUATIONS[name]();
    const possible = Object.keys(COLUMNS).filter((column) => COLUMNS[column]?.draft(story) !== null);
    expect([...nothing, ...Object.keys(cells)].sort()).toEqual(possible.sort());
  });
});

describe.each(names)('%s', (name) => {
  const { nothing, cells } = TABLE[name];
  const told = (column: string) => {
    const story = SITUATIONS[name]();
    const before = story.state;
    if (column === 'timer.fired when due') story.now = story.machine.context.wakeAt ?? story.now;
    const draft = COLUMNS[column]?.draft(story) ?? null;
    if (draft === null) throw new Error(`no column “${column}” here`);
    story.tell(draft);
    return { before, after: story.state, effects: story.effects };
  };

  it.each(nothing)('changes nothing on %s', (column) => {
    const { before, after, effects } = told(column);
    expect(after).toEqual(before);
    expect(inWords(after.name, effects)).toBe(inWords(before.name, []));
  });

  it.each(Object.entries(cells))('on %s → %s', (column, cell) => {
    const { before, after, effects } = told(column);
    expect(inWords(after.name, effects)).toBe(expectedWords(cell, before.name));
  });
});
