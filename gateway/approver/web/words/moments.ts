const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Up to here a countdown is told in seconds alone. */
const SECONDS_ONLY_UP_TO_MS = 99 * SECOND_MS;
/** A weekday names a moment only within the last week, without today's own name. */
const WEEKDAY_NAMES_WITHIN_DAYS = 6;

/** "48 seconds", "5 minutes": rounded up, so that it never says that the time is over before it is. */
export function durationLeft(ms: number, locale: string): string {
  const inUnit = (count: number, unit: 'second' | 'minute') =>
    new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(Math.max(0, Math.ceil(count)));
  return ms <= SECONDS_ONLY_UP_TO_MS ? inUnit(ms / SECOND_MS, 'second') : inUnit(ms / MINUTE_MS, 'minute');
}

/** "15 minutes", "1 hour". */
export function lengthInWords(minutes: number, locale: string): string {
  const inUnit = (count: number, unit: 'minute' | 'hour') =>
    new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(count);
  const hours = (minutes * MINUTE_MS) / HOUR_MS;
  return Number.isInteger(hours) ? inUnit(hours, 'hour') : inUnit(minutes, 'minute');
}

/** "just now", "4 minutes ago", "2 days ago". A moment in the future is now: a clock was set back. */
export function ago(at: number, now: number, locale: string): string {
  const past = Math.max(0, now - at);
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  if (past < MINUTE_MS) return format.format(-Math.floor(past / SECOND_MS), 'second');
  if (past < HOUR_MS) return format.format(-Math.floor(past / MINUTE_MS), 'minute');
  if (past < DAY_MS) return format.format(-Math.floor(past / HOUR_MS), 'hour');
  return format.format(-Math.floor(past / DAY_MS), 'day');
}

/** "09:14" today, "Fri 09:14" in the last week, "12 Mar 2026, 09:14" otherwise; in the person's own time zone. */
export function moment(at: number, now: number, locale: string): string {
  const show = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options).format(at);
  const time = { hour: '2-digit', minute: '2-digit' } as const;
  const days = Math.round((midnightBefore(now) - midnightBefore(at)) / DAY_MS);
  if (days === 0) return show(time);
  if (days > 0 && days <= WEEKDAY_NAMES_WITHIN_DAYS) return show({ weekday: 'short', ...time });
  return show({ day: 'numeric', month: 'short', year: 'numeric', ...time });
}

function midnightBefore(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}
