/** Elements someone can stand on with the keyboard. */
const FOCUSABLE = 'button, input, select, textarea, a[href], summary';

/**
 * Keeps keyboard and pointer inside the curtain: Tab goes round, a held key presses nothing (CVE-2015-7496: mashed and held keys),
 * no context menu, nothing dropped onto the page replaces it.
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
  for (const name of ['contextmenu', 'dragover', 'drop'] as const) page.addEventListener(name, refuse);
  return () => {
    page.removeEventListener('keydown', onKey);
    for (const name of ['contextmenu', 'dragover', 'drop'] as const) page.removeEventListener(name, refuse);
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
