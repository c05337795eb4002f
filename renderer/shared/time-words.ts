/**
 * Times in words. Durations come from a monotonic clock and are rounded so that a promise is kept (up while counting down);
 * moments come from the wall clock and are for display only.
 */
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Up to here a countdown is told in seconds alone; people count seconds, not "1 minute 28 seconds". */
export const SECONDS_ONLY_UP_TO_MS = 99 * SECOND_MS;
/** A weekday names a moment only within the last week, without today's own name. */
const WEEKDAY_NAMES_WITHIN_DAYS = 6;

export interface Place {
  /** Language of the words around the time. */
  readonly locale: string;
  readonly timeZone?: string;
  readonly hour12?: boolean;
}

/** The person's own hour format, in the language of the words. */
export function localPlace(locale: string): Place {
  const { hour12 } = new Intl.DateTimeFormat(undefined, { hour: 'numeric' }).resolvedOptions();
  return hour12 === undefined ? { locale } : { locale, hour12 };
}

/** "48 seconds", "1 second", "5 minutes": what is left of a countdown, rounded up. */
export function durationLeft(ms: number): string {
  const seconds = secondsLeft(ms);
  if (seconds * SECOND_MS <= SECONDS_ONLY_UP_TO_MS) return counted(seconds, 'second');
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 100) return counted(minutes, 'minute');
  return counted(Math.ceil(minutes / 60), 'hour');
}

/** Whole seconds left, rounded up: 0 only when the time is really over. */
export function secondsLeft(ms: number): number {
  return Math.max(0, Math.ceil(ms / SECOND_MS));
}

/** What stands in a ring: "48", or "4:59" when seconds alone would be a riddle. */
export function ringTime(ms: number): { readonly value: string; readonly unit: 'seconds' | 'minutes' } {
  const seconds = secondsLeft(ms);
  if (seconds * SECOND_MS <= SECONDS_ONLY_UP_TO_MS) return { value: String(seconds), unit: 'seconds' };
  return { value: `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`, unit: 'minutes' };
}

/** "just now", "2 s ago", "4 min ago", "3 h ago", "2 days ago". A moment in the future is "just now": the clock was set back. */
export function ago(atWall: number, nowWall: number): string {
  const past = nowWall - atWall;
  if (past < SECOND_MS) return 'just now';
  if (past < MINUTE_MS) return `${Math.floor(past / SECOND_MS)} s ago`;
  if (past < HOUR_MS) return `${Math.floor(past / MINUTE_MS)} min ago`;
  if (past < DAY_MS) return `${Math.floor(past / HOUR_MS)} h ago`;
  return `${counted(Math.floor(past / DAY_MS), 'day')} ago`;
}

/** "09:14", or "9:14 am" where people count so. */
export function clockTime(atWall: number, place: Place): string {
  return new Intl.DateTimeFormat(place.locale, {
    hour: place.hour12 === true ? 'numeric' : '2-digit',
    minute: '2-digit',
    ...zone(place),
    ...(place.hour12 === undefined ? {} : { hour12: place.hour12 }),
  }).format(atWall);
}

/** "08:52" today, "Fri 17:40" in the last week, "12 Mar 17:40" this year, "12 Mar 2024" before. */
export function moment(atWall: number, nowWall: number, place: Place): string {
  const days = dayNumber(nowWall, place) - dayNumber(atWall, place);
  const time = clockTime(atWall, place);
  if (days === 0) return time;
  const part = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(place.locale, { ...options, ...zone(place) }).format(atWall);
  if (days > 0 && days <= WEEKDAY_NAMES_WITHIN_DAYS) return `${part({ weekday: 'short' })} ${time}`;
  const sameYear =
    part({ year: 'numeric' }) ===
    new Intl.DateTimeFormat(place.locale, { year: 'numeric', ...zone(place) }).format(nowWall);
  const date = `${part({ day: 'numeric' })} ${part({ month: 'short' })}`;
  return sameYear ? `${date} ${time}` : `${date} ${part({ year: 'numeric' })}`;
}

/** "5 min", "1 h", "1 h 30 min": a length someone chooses. */
export function minutesChoice(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours === 0) return `${minutes} min`;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

function zone(place: Place): { timeZone?: string } {
  return place.timeZone === undefined ? {} : { timeZone: place.timeZone };
}

/** Calendar days since the epoch where the person is, so that midnight and daylight saving are theirs. */
function dayNumber(atWall: number, place: Place): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    calendar: 'iso8601',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    ...zone(place),
  }).formatToParts(atWall);
  const field = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? Number.NaN);
  return Date.UTC(field('year'), field('month') - 1, field('day')) / DAY_MS;
}
