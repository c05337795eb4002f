import { describe, expect, test } from 'vitest';
import {
  ago,
  clockTime,
  durationLeft,
  minutesChoice,
  moment,
  ringTime,
  secondsLeft,
} from '../../renderer/shared/time-words.ts';

const LONDON = { locale: 'en-GB', timeZone: 'Europe/London', hour12: false } as const;
const NOW = Date.UTC(2025, 2, 14, 9, 14);

describe('what is left', () => {
  test.each([
    [48_000, '48 seconds'],
    [47_001, '48 seconds'],
    [1_000, '1 second'],
    [1, '1 second'],
    [0, '0 seconds'],
    [-5, '0 seconds'],
    [99_000, '99 seconds'],
    [99_001, '2 minutes'],
    [27 * 60_000, '27 minutes'],
    [60 * 60_000, '60 minutes'],
    [480 * 60_000, '8 hours'],
  ])('%i ms is told as "%s"', (ms, told) => {
    expect(durationLeft(ms)).toBe(told);
  });

  test('never says that the time is over before it is', () => {
    expect(secondsLeft(1)).toBe(1);
    expect(secondsLeft(0)).toBe(0);
  });

  test('stands in the ring as seconds, and as minutes and seconds when that is shorter to read', () => {
    expect(ringTime(48_000)).toEqual({ value: '48', unit: 'seconds' });
    expect(ringTime(287_000)).toEqual({ value: '4:47', unit: 'minutes' });
    expect(ringTime(241_000)).toEqual({ value: '4:01', unit: 'minutes' });
  });
});

describe('what is past', () => {
  test.each([
    [0, 'just now'],
    [999, 'just now'],
    [2_000, '2 s ago'],
    [59_999, '59 s ago'],
    [4 * 60_000, '4 min ago'],
    [3 * 3_600_000, '3 h ago'],
    [24 * 3_600_000, '1 day ago'],
    [72 * 3_600_000, '3 days ago'],
  ])('%i ms ago is told as "%s"', (ms, told) => {
    expect(ago(NOW - ms, NOW)).toBe(told);
  });

  test('a moment in the future, after the clock was set back, is just now and not negative', () => {
    expect(ago(NOW + 5_000, NOW)).toBe('just now');
  });
});

describe('moments', () => {
  test('today is a time alone', () => {
    expect(moment(Date.UTC(2025, 2, 14, 8, 52), NOW, LONDON)).toBe('08:52');
  });

  test('in the last week the weekday is named', () => {
    expect(moment(Date.UTC(2025, 2, 13, 17, 40), NOW, LONDON)).toBe('Thu 17:40');
    expect(moment(Date.UTC(2025, 2, 8, 17, 40), NOW, LONDON)).toBe('Sat 17:40');
  });

  test('a week ago today is a date, because the weekday would mean today', () => {
    expect(moment(Date.UTC(2025, 2, 7, 17, 40), NOW, LONDON)).toBe('7 Mar 17:40');
  });

  test('another year is a date without a time', () => {
    expect(moment(Date.UTC(2024, 11, 31, 17, 40), NOW, LONDON)).toBe('31 Dec 2024');
  });

  test('the day changes at the person’s own midnight', () => {
    const tokyo = { ...LONDON, timeZone: 'Asia/Tokyo' };
    const late = Date.UTC(2025, 2, 13, 14, 59);
    expect(moment(late, NOW, tokyo)).toBe('Thu 23:59');
    expect(moment(late + 60_000, NOW, tokyo)).toBe('00:00');
  });

  test('a day with 23 hours is still one day', () => {
    const monday = Date.UTC(2025, 2, 31, 8, 0);
    expect(moment(Date.UTC(2025, 2, 30, 0, 30), monday, LONDON)).toBe('Sun 00:30');
  });

  test('the hour format is the person’s', () => {
    expect(clockTime(Date.UTC(2025, 2, 14, 17, 40), { ...LONDON, hour12: true })).toBe('5:40 pm');
  });
});

test('lengths to choose from are short', () => {
  expect([5, 60, 90, 120].map(minutesChoice)).toEqual(['5 min', '1 h', '1 h 30 min', '2 h']);
});
