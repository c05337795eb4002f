import type { Ask } from './call-gateway.ts';
import { CODE_WORDS } from './code-words.ts';
import { DEVICE_WORDS } from './device-words.ts';
import type { Report } from './report.ts';
import { USER_WORDS } from './user-words.ts';

/** Every option besides `--config`, `--json` and `--help`, which all words take. No code and no secret is one of them. */
export const OPTIONS = {
  user: { value: 'USER', help: 'the person, by user id' },
  name: { value: 'NAME', help: 'what the phone shows; makes the person if there is none' },
  only: { value: 'link|recovery', help: 'revokes this kind alone' },
} as const satisfies Record<string, { readonly value: string; readonly help: string }>;
export type OptionName = keyof typeof OPTIONS;

export interface Typed {
  /** What stands after the word, where the word asks for it. */
  readonly operand: string;
  /** @throws UsageError when it was not given */
  needed(option: OptionName): string;
  given(option: OptionName): string | undefined;
}

/** A word of the administrator, e.g. `users list`. */
export interface Word {
  /** What stands after it; `null`: nothing. */
  readonly operand: 'USER' | 'ID' | null;
  /** Must be given. */
  readonly needs: readonly OptionName[];
  /** May be given. */
  readonly takes: readonly OptionName[];
  /** What it does, in one sentence. */
  readonly summary: string;
  run(typed: Typed, ask: Ask, report: Report): Promise<void>;
}

/** docs/operations.md shows exactly these (checked by `npm run check`). */
export const WORDS: Readonly<Record<string, Word>> = { ...USER_WORDS, ...DEVICE_WORDS, ...CODE_WORDS };

/** `users show USER`, with its options as they are typed. */
export function formOf(name: string, { operand, needs, takes }: Word): string {
  const written = (option: OptionName) => `--${option} ${OPTIONS[option].value}`;
  return [
    name,
    ...(operand === null ? [] : [operand]),
    ...needs.map(written),
    ...takes.map((each) => `[${written(each)}]`),
  ].join(' ');
}
