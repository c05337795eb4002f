export interface Console {
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
}

/** A column of a table: its head, and what stands in a row. */
export type Columns<Row> = Readonly<Record<string, (row: Row) => string>>;

/** What a command tells: to a person in tables and sentences, or to a program one JSON object a line. Codes go to standard output and nowhere else. */
export class Report {
  readonly #json: boolean;
  readonly #console: Console;
  #tables = 0;

  constructor(json: boolean, console: Console) {
    this.#json = json;
    this.#console = console;
  }

  /** @param whenEmpty the sentence in place of a table without rows */
  rows<Row extends object>(rows: readonly Row[], columns: Columns<Row>, whenEmpty: string): void {
    if (this.#json) for (const row of rows) this.#object(row);
    else {
      const table = rows.length === 0 ? `${whenEmpty}\n` : tableOf(rows, columns);
      this.#console.print(this.#tables === 0 ? table : `\n${table}`);
      this.#tables += 1;
    }
  }

  /** A fact for a program, or its lines for a person; those of a code stand alone, so that they can be piped on. */
  fact(fact: object, lines: readonly string[]): void {
    if (this.#json) this.#object(fact);
    else for (const line of lines) this.#console.print(`${printable(line)}\n`);
  }

  /** A fact for a program; what a person is told instead is up to the caller. */
  either(fact: object, tellPerson: () => void): void {
    if (this.#json) this.#object(fact);
    else tellPerson();
  }

  /** Beside the result; for a person only. */
  note(sentence: string): void {
    if (!this.#json) this.#console.printError(`${printable(sentence)}\n`);
  }

  /** Part of a result is missing: a program must know as well. */
  warning(sentence: string): void {
    this.#console.printError(`${printable(sentence)}\n`);
  }

  #object(fact: object): void {
    this.#console.print(`${escaped(JSON.stringify(fact))}\n`);
  }
}

/** Phones and workstations name themselves: a name must not move the cursor, colour the screen or turn the writing round. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');
}

/** The same characters as JSON writes them; it leaves some of them bare. */
function escaped(json: string): string {
  return json.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
      .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

function tableOf<Row>(rows: readonly Row[], columns: Columns<Row>): string {
  const heads = Object.keys(columns);
  const lines = [heads, ...rows.map((row) => Object.values(columns).map((cell) => printable(cell(row))))];
  const widths = heads.map((_, place) => Math.max(...lines.map((line) => line[place]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, place) => cell.padEnd(widths[place] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** To the minute, UTC. */
export function shownTime(at: number | null): string {
  return at === null ? 'never' : `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

export const yesOrNo = (yes: boolean): string => (yes ? 'yes' : 'no');

/** `counted(1, 'phone')` is “1 phone”. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
