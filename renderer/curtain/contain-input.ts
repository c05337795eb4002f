/** Elements someone can stand on with the keyboard. */
const FOCUSABLE = 'button, input, select, textarea, a[href], summary';

/**
 * `paste`: what somebody copied before they left would be read by whoever sits there, in a field that shows what is typed
 * (CVE-2007-6389); the field for a one-time code takes such a code for itself, and only that. Also the middle mouse button on X11. `drop` and `dragover` would replace the page, or bring text from beneath.
 */
const REFUSED = ['contextmenu', 'dragover', 'drop', 'paste'] as const;

/**
 * Keeps keyboard and pointer inside the curtain: Tab goes round, a held key presses nothing (CVE-2015-7496: mashed and held keys),
 * no context menu, nothing pasted or dropped.
 * @returns a function that lets go.
 */
export function containInput(page: Document): () => void {
  const onKey = (event: KeyboardEvent) => {
    const presses = event.key === 'Enter' || (event.key === ' ' && !(event.target instanceof HTMLInputElement));
    if (event.repeat && presses) event.preventDefault();
    if (event.key === 'Tab') goRound(page, event);
  };
  const refuse = (event: Event) => event.preventDefault();
  page.addEventListener('keydown', onKey);
  for (const name of REFUSED) page.addEventListener(name, refuse);
  return () => {
    page.removeEventListener('keydown', onKey);
    for (const name of REFUSED) page.removeEventListener(name, refuse);
  };
}

function goRound(page: Document, event: KeyboardEvent): void {
  const stops = [...page.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((stop) => stop.tabIndex >= 0);
  const first = stops.at(0);
  const last = stops.at(-1);
  if (first === undefined || last === undefined) {
    event.preventDefault();
    return;
  }
  const here = page.activeElement;
  const inside = here instanceof HTMLElement && stops.includes(here);
  if (event.shiftKey && (here === first || !inside)) {
    event.preventDefault();
    last.focus();
  } else if (!event.shiftKey && (here === last || !inside)) {
    event.preventDefault();
    first.focus();
  }
}
