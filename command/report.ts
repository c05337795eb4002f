import { type Ending, EXIT_CODES } from './exit-codes.ts';

export interface Console {
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
}

/** What a word tells: to a person in sentences, or to a program one JSON object a line, and never both on standard output. */
export interface Report {
  /** @param line for a person; it may be what somebody pipes on, so it stands alone on standard output. */
  fact(facts: Readonly<Record<string, unknown>>, line: string): void;
  /** For a person only, beside the result. */
  note(sentence: string): void;
  /** @param code stable, for programs. */
  failure(ending: Ending, code: string, sentence: string): void;
}

export function createReport(json: boolean, { print, printError }: Console): Report {
  const object = (facts: Readonly<Record<string, unknown>>): void => print(`${JSON.stringify(facts)}\n`);
  if (json) {
    return {
      fact: (facts) => object({ ok: true, ...facts }),
      note: () => undefined,
      failure: (ending, code, message) => object({ ok: false, exitCode: EXIT_CODES[ending].code, code, message }),
    };
  }
  return {
    fact: (_facts, line) => print(`${line}\n`),
    note: (sentence) => printError(`${sentence}\n`),
    failure: (_ending, _code, sentence) => printError(`${sentence}\n`),
  };
}
