import { parseArgs } from 'node:util';

/** Every option of the words for the service account. A secret is none of them: what stands on a command line is seen by everybody on the machine. */
export const OPTIONS = {
  config: { value: 'FILE', help: 'settings as JSON; an option here wins over the file' },
  service: { value: 'NAME', help: 'activeconnect or iampass' },
  'base-url': { value: 'URL', help: 'default: the service’s own address' },
  'app-id': { value: 'ID', help: 'application id' },
  'secret-file': { value: 'FILE', help: 'application secret in a file that only its owner can read' },
  'secret-keychain': { value: 'ACCOUNT', help: 'application secret in the keychain, as “presence-locker”' },
  'secret-stdin': { value: null, help: 'application secret on standard input' },
  'display-name': { value: 'NAME', help: 'what the phone shows' },
  phone: { value: 'NUMBER', help: 'E.164, e.g. +491701234567' },
  message: { value: 'TEXT', help: 'words of the SMS before the link' },
  methods: { value: 'A,B', help: 'acceptance, device, facial; default: the service chooses' },
  duration: { value: 'SECONDS', help: 'longest life of the session; default: the service’s' },
  'session-file': { value: 'FILE', help: 'the sealed session; - for standard input (watch, end)' },
  'key-file': {
    value: 'FILE',
    help: 'key of the sealed session: 32 bytes in base64; made by “session start” if absent',
  },
  'key-keychain': { value: 'ACCOUNT', help: 'the same in the keychain; default “command-session-key”' },
  'interval-ms': { value: 'N', help: 'time between two questions, default 2000' },
  'give-up-after-ms': { value: 'N', help: 'without an answer for so long, default 60000' },
  json: { value: null, help: 'one JSON object on standard output (watch: one for each change)' },
} as const satisfies Record<string, { readonly value: string | null; readonly help: string }>;
export type OptionName = keyof typeof OPTIONS;

/** What was typed cannot be understood. The message names options and words, never a value: a value may be a misplaced secret. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface Asked {
  readonly users: readonly string[];
  text(option: OptionName): string | undefined;
  given(option: OptionName): boolean;
  /** @throws UsageError unless a whole number from `least` to `most`, or absent */
  count(option: OptionName, least: number, most: number): number | undefined;
}

/** @throws UsageError */
export function readOptions(argv: readonly string[], accepted: readonly OptionName[]): Asked {
  const { values, positionals } = parse(argv, accepted);
  const text = (option: OptionName): string | undefined => {
    const value = values[option];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    users: positionals,
    text,
    given: (option) => values[option] !== undefined,
    count(option, least, most) {
      const typed = text(option);
      if (typed === undefined) return undefined;
      const count = /^\d{1,9}$/.test(typed) ? Number(typed) : Number.NaN;
      if (count >= least && count <= most) return count;
      throw new UsageError(`--${option}: expected a whole number from ${least} to ${most}.`);
    },
  };
}

function parse(argv: readonly string[], accepted: readonly OptionName[]) {
  const options = Object.fromEntries(
    accepted.map((name) => [name, { type: OPTIONS[name].value === null ? ('boolean' as const) : ('string' as const) }]),
  );
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (fault) {
    const secret = argv.some((word) => /^--(?:app-)?(?:secret|password)(?:=|$)/.test(word));
    if (secret)
      throw new UsageError(
        'A secret is never given on the command line: --secret-file, --secret-keychain or --secret-stdin.',
      );
    // Node names the option and not its value.
    const sentence = fault instanceof Error ? (fault.message.split('. ')[0] ?? '') : 'Not understood';
    throw new UsageError(`${sentence.replace(/\.$/, '')}.`);
  }
}
