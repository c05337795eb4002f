import type { SecretSources } from './account.ts';
import { type Asked, OPTIONS, type OptionName } from './asked-options.ts';
import { type Ending, EXIT_CODES } from './exit-codes.ts';
import type { Report } from './report.ts';
import { SESSION_WORDS } from './session-words.ts';
import { USER_AND_DEVICE_WORDS } from './user-and-device-words.ts';

/** What a word finds around it. */
export interface ServiceSurroundings extends SecretSources {
  /** Standard input, for a sealed session: no secret, so a terminal is as good. */
  readonly sessionInput: AsyncIterable<Uint8Array>;
}

export interface Call {
  readonly asked: Asked;
  readonly surroundings: ServiceSurroundings;
  readonly report: Report;
  /** Aborted by Ctrl+C or another signal to end. */
  readonly signal: AbortSignal;
}

/** A word of `presence-locker` for the account at the service, e.g. `users add`. */
export interface Word {
  readonly summary: string;
  readonly users: 'none' | 'one' | 'some';
  /** Besides `json`. */
  readonly options: readonly OptionName[];
  run(call: Call): Promise<Ending>;
}

export const SERVICE_WORDS: Readonly<Record<string, Word>> = { ...USER_AND_DEVICE_WORDS, ...SESSION_WORDS };

const GROUPS: ReadonlySet<string> = new Set(Object.keys(SERVICE_WORDS).map((name) => name.split(' ')[0] ?? ''));

/** Whether the first word is about the account: `users`, `devices`, `session`. */
export const isServiceGroup = (word: string | undefined): boolean => word !== undefined && GROUPS.has(word);

export function serviceUsage(): string {
  const people = { none: '', one: ' USER', some: ' USER …' } as const;
  const words = Object.entries(SERVICE_WORDS).map(
    ([name, word]) => `  ${`${name}${people[word.users]}`.padEnd(22)} ${word.summary}`,
  );
  const options = Object.entries(OPTIONS).map(
    ([name, { value, help }]) => `  ${`--${name}${value === null ? '' : ` ${value}`}`.padEnd(26)} ${help}`,
  );
  const codes = Object.values(EXIT_CODES).map(({ code, meaning }) => `  ${String(code).padEnd(4)} ${meaning}`);
  return `For the account at the service (Activeconnect, IAMPASS):

${words.join('\n')}

Options of these:
${options.join('\n')}

Exit codes:
${codes.join('\n')}
`;
}
