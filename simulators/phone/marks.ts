/**
 * The product's marks: the ring is the workstation, the dot is the person. Drawn inline, so that they take the colour
 * of their state, and without `style`, which the page's content security policy forbids. Thinner than the 16 px
 * original, for they are shown large here and stand where the countdown's ring stands.
 */
const stroke = 'fill="none" stroke="currentColor" stroke-width="1" stroke-linecap="round"';
const ring = `<circle cx="8" cy="8" r="6" ${stroke}/>`;

const DRAWINGS = {
  present: `${ring}<circle cx="8" cy="8" r="2.2" fill="currentColor"/>`,
  leaving: `<path d="M11.6 12.8A6 6 0 1 1 11.6 3.2" ${stroke}/><circle cx="13.4" cy="8" r="1.6" fill="currentColor"/>`,
  unenrolled: `<circle cx="8" cy="8" r="6" stroke-dasharray="2.2 2.512" ${stroke}/>`,
  problem: `${ring}<path d="M8 4.9v3.6" ${stroke}/><circle cx="8" cy="10.9" r="0.7" fill="currentColor"/>`,
} as const;
export type Mark = keyof typeof DRAWINGS;

export function drawMark(mark: Mark): string {
  return `<svg class="mark" viewBox="0 0 16 16" aria-hidden="true">${DRAWINGS[mark]}</svg>`;
}

/** A ring that empties from `fromIso` to `toIso`; the page's script moves it and writes the seconds left. */
export function drawCountdown(fromIso: string, toIso: string): string {
  return `<div class="countdown" data-from="${fromIso}" data-to="${toIso}" role="timer" aria-live="off"><svg viewBox="0 0 100 100" fill="none" aria-hidden="true"><circle class="track" cx="50" cy="50" r="45"/><circle class="left" cx="50" cy="50" r="45" pathLength="100" stroke-dasharray="100 100" transform="rotate(-90 50 50)"/><circle class="dot" cx="50" cy="5" r="4.5"/></svg><span class="seconds"></span></div>`;
}

export const FAVICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" color="#2563c9">${DRAWINGS.present}</svg>`;
