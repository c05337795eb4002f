import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { de } from '../../gateway/approver/web/words/de.ts';
import { en } from '../../gateway/approver/web/words/en.ts';
import { ago, durationLeft, moment } from '../../gateway/approver/web/words/moments.ts';
import { APPROVER_ERRORS } from '../../protocol/approver.ts';
import { ACTIVITY_KINDS, PHONE_NAME_CHARACTERS } from '../../protocol/approver-state.ts';
import { StartReasonSchema } from '../../protocol/frames.ts';

const WEB = fileURLToPath(new URL('../../gateway/approver/web', import.meta.url));
/** Names are the same in both. */
const SAME = ['enroll.phoneNames.iphone', 'enroll.phoneNames.ipad'];
/** Looked up by a value of the protocol, not by name. */
const BY_VALUE = [
  'request.reasons',
  'activity.kinds',
  'errors',
  'passkey',
  'outcome.overText',
  'outcome.approvedFor',
  'outcome.deniedFor',
  'enroll.phoneNames',
  'tabs',
];

/** Every word by its place: texts as they are, functions by an example. */
function flat(words: object, place = ''): readonly (readonly [string, string])[] {
  return Object.entries(words).flatMap(([key, word]): readonly (readonly [string, string])[] => {
    const here = place === '' ? key : `${place}.${key}`;
    if (typeof word === 'string') return [[here, word]];
    if (typeof word === 'function') return [[here, String(word(2, 3))]];
    return flat(word, here);
  });
}

test('both languages have every word, and none was forgotten to be translated', () => {
  const english = flat(en);
  const german = new Map(flat(de));
  expect([...german.keys()]).toEqual(english.map(([place]) => place));
  const empty = [...english, ...german].filter(([, word]) => word.trim() === '');
  expect(empty).toEqual([]);
  const same = english.filter(([place, word]) => german.get(place) === word).map(([place]) => place);
  expect(same.toSorted()).toEqual(SAME.toSorted());
});

test('every code, kind and reason of the protocol has its sentence in both', () => {
  for (const words of [en, de]) {
    expect(Object.keys(words.errors)).toEqual(expect.arrayContaining(Object.keys(APPROVER_ERRORS)));
    expect(Object.keys(words.activity.kinds).toSorted()).toEqual([...ACTIVITY_KINDS].toSorted());
    expect(Object.keys(words.request.reasons).toSorted()).toEqual([...StartReasonSchema.options].toSorted());
    for (const name of Object.values(words.enroll.phoneNames))
      expect(name.length).toBeLessThanOrEqual(PHONE_NAME_CHARACTERS);
  }
});

test('no word is kept that no page says', () => {
  const source = globSync('**/*.{ts,tsx}', { cwd: WEB })
    .filter((file) => !/words[\\/](en|de)\.ts$/.test(file))
    .map((file) => readFileSync(path.join(WEB, file), 'utf8'))
    .join('\n');
  const unused = flat(en)
    .map(([place]) => place)
    .filter((place) => !BY_VALUE.some((group) => place.startsWith(`${group}.`)))
    .filter((place) => !new RegExp(`\\.${place.split('.').at(-1)}\\b`).test(source));
  expect(unused).toEqual([]);
});

test('a time left is never told as over before it is, in either language', () => {
  expect(durationLeft(1, 'en-GB')).toBe('1 second');
  expect(durationLeft(48_000, 'de-DE')).toBe('48 Sekunden');
  expect(durationLeft(100_000, 'en-GB')).toBe('2 minutes');
  expect(durationLeft(-5, 'en-GB')).toBe('0 seconds');
});

test('a moment in the future is now and not negative: a clock was set back', () => {
  expect(ago(5_000, 0, 'en-GB')).toBe('now');
  expect(ago(0, 240_000, 'en-GB')).toBe('4 minutes ago');
  expect(ago(0, 240_000, 'de-DE')).toBe('vor 4 Minuten');
});

test('a moment names the weekday only within the last week', () => {
  const now = new Date(2025, 2, 14, 9, 14).getTime();
  expect(moment(new Date(2025, 2, 14, 8, 52).getTime(), now, 'en-GB')).toBe('08:52');
  expect(moment(new Date(2025, 2, 13, 17, 40).getTime(), now, 'en-GB')).toMatch(/^Thu\D+17:40$/);
  expect(moment(new Date(2025, 2, 7, 17, 40).getTime(), now, 'en-GB')).toMatch(/7 Mar 2025/);
});
