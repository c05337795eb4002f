import type { GuardStep } from '../../main/runtime/guard.ts';

/** Entries shown after a violation. */
const REMEMBERED = 60;

type Entry =
  | { readonly at: number; readonly what: string; readonly detail: string }
  | { readonly at: number; readonly step: GuardStep };

/** What happened, kept cheaply and put into words only when somebody reads it. */
export class Trace {
  readonly #recent: Entry[] = [];
  readonly #write: ((line: string) => void) | null;

  /** @param write gets every line as it happens; null: only the last ones are kept. */
  constructor(write: ((line: string) => void) | null) {
    this.#write = write;
  }

  note(at: number, what: string, detail = ''): void {
    this.#add({ at, what, detail });
  }

  step(step: GuardStep): void {
    // A watchdog tick that did nothing.
    if (step.event.type === 'timer.fired' && step.effects.length === 0) return;
    this.#add({ at: step.event.at, step });
  }

  last(): string[] {
    return this.#recent.slice(-REMEMBERED).map(inWords);
  }

  #add(entry: Entry): void {
    this.#write?.(inWords(entry));
    this.#recent.push(entry);
    if (this.#recent.length > 4 * REMEMBERED) this.#recent.splice(0, 3 * REMEMBERED);
  }
}

function inWords(entry: Entry): string {
  const at = entry.at.toFixed(3).padStart(13);
  if (!('step' in entry)) return `${at}  world  ${entry.what} ${entry.detail}`.trimEnd();
  const { event, machine, effects } = entry.step;
  const { at: _at, ...told } = event;
  const done = effects.map((effect) => (effect.type === 'audit' ? `audit:${effect.entry.what}` : effect.type));
  return `${at}  guard  ${JSON.stringify(told)} → ${machine.state.name}${done.length === 0 ? '' : ` [${done.join(' ')}]`}`;
}
