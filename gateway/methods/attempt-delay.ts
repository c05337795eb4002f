/** Wrong attempts in a row that cost nothing: people mistype. */
const FREE_ATTEMPTS = 2;
/** Wait after the first one beyond; doubles with each further one. */
const FIRST_DELAY_MS = 30_000;
const LONGEST_DELAY_MS = 60 * 60_000;

/** @param wrongInARow attempts with one config. @returns how long nothing is looked at after the last of them. */
export function delayAfter(wrongInARow: number): number {
  const beyond = wrongInARow - FREE_ATTEMPTS;
  return beyond <= 0 ? 0 : Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (beyond - 1));
}
