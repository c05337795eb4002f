import { parseArgs } from 'node:util';
import { askAt, CallFailed } from './call-gateway.ts';
import { type Console, Report } from './report.ts';
import { UsageError } from './usage-error.ts';
import { formOf, OPTIONS, type OptionName, type Typed, WORDS, type Word } from './words.ts';

/** How the command ends. docs/operations.md names them. */
export const ADMIN_EXIT_CODES = {
  done: 0,
  /** The gateway is not running, or refused. Nothing has changed. */
  refused: 1,
  /** What was typed, or the configuration, cannot be used. */
  usage: 2,
} as const;

export interface AdminCommandIo extends Console {
  /** Where the gateway of this configuration file listens for its administrator; `null` where it cannot (Windows). */
  socketPathOf(configPath: string): Promise<string | null>;
}

const GROUPS: ReadonlySet<string> = new Set(Object.keys(WORDS).map((name) => name.split(' ')[0] ?? ''));

/** Whether the first word is the administrator's: `users`, `devices`, `codes`. */
export const isAdminGroup = (word: string | undefined): boolean => word !== undefined && GROUPS.has(word);

/** Runs one command against the running gateway. @returns the exit code. Rejects only with what `socketPathOf` rejects with */
export async function runAdminCommand(argv: readonly string[], io: AdminCommandIo): Promise<number> {
  try {
    const [group = '', second = ''] = argv;
    const name = `${group} ${second}`;
    const word = Object.hasOwn(WORDS, name) ? WORDS[name] : undefined;
    if (word === undefined) {
      if (second !== '' && !isHelp(second)) throw new UsageError(`“${group}” has no such word.`);
      (second === '' ? io.printError : io.print)(helpOf((each) => each.startsWith(`${group} `)));
      return second === '' ? ADMIN_EXIT_CODES.usage : ADMIN_EXIT_CODES.done;
    }
    const { values, positionals } = parsed(argv.slice(2), word);
    if (values['help'] === true) {
      io.print(helpOf((each) => each === name));
      return ADMIN_EXIT_CODES.done;
    }
    const typed = typedOf(word, values, positionals);
    const { config } = values;
    if (typeof config !== 'string')
      throw new UsageError('--config FILE: the configuration of the gateway that is meant.');
    const socketPath = await io.socketPathOf(config);
    if (socketPath === null) throw new CallFailed('The administrator’s socket is not served on Windows.');
    await word.run(typed, askAt(socketPath), new Report(values['json'] === true, io));
    return ADMIN_EXIT_CODES.done;
  } catch (fault) {
    if (fault instanceof UsageError) {
      io.printError(`${fault.message} “${argv[0] ?? ''} --help” shows what there is.\n`);
      return ADMIN_EXIT_CODES.usage;
    }
    if (!(fault instanceof CallFailed)) throw fault;
    io.printError(`${fault.message}\n`);
    return ADMIN_EXIT_CODES.refused;
  }
}

/** Of every word whose name is chosen. */
export function helpOf(chosen: (name: string) => boolean): string {
  const words = Object.entries(WORDS).filter(([name]) => chosen(name));
  const options = new Set(words.flatMap(([, { needs, takes }]) => [...needs, ...takes]));
  const shown = [
    ['--config FILE', 'the configuration of the running gateway'],
    ...[...options].map((option) => [`--${option} ${OPTIONS[option].value}`, OPTIONS[option].help]),
    ['--json', 'one JSON object a line, times in Unix milliseconds'],
    ['--help', 'this text'],
  ];
  return [
    ...words.map(([name, word]) => `${formOf(name, word)}\n    ${word.summary}\n`),
    '\n',
    ...shown.map(([option = '', help = '']) => `  ${option.padEnd(24)} ${help}\n`),
    '\nCodes are printed once, to standard output. Exit codes: 0 done, 1 not running or refused, 2 not understood.\n',
  ].join('');
}

const isHelp = (word: string): boolean => word === '--help' || word === '-h';

function parsed(argv: readonly string[], { needs, takes }: Word) {
  const own = Object.fromEntries([...needs, ...takes].map((name) => [name, { type: 'string' as const }]));
  const options = {
    ...own,
    config: { type: 'string' as const },
    json: { type: 'boolean' as const },
    help: { type: 'boolean' as const, short: 'h' },
  };
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (fault) {
    // Node names the option and not its value.
    const sentence = fault instanceof Error ? (fault.message.split('. ')[0] ?? '') : 'Not understood';
    throw new UsageError(`${sentence.replace(/\.$/, '')}.`);
  }
}

function typedOf(
  { operand, needs }: Word,
  values: Readonly<Record<string, unknown>>,
  positionals: readonly string[],
): Typed {
  const given = (option: OptionName) => {
    const value = values[option];
    return typeof value === 'string' ? value : undefined;
  };
  const needed = (option: OptionName) => {
    const value = given(option);
    if (value === undefined) throw new UsageError(`--${option} ${OPTIONS[option].value}: ${OPTIONS[option].help}.`);
    return value;
  };
  for (const option of needs) needed(option);
  const [first] = positionals;
  if (operand !== null && first === undefined) throw new UsageError(`${operand} is missing.`);
  if (positionals.length > (operand === null ? 0 : 1)) throw new UsageError('There is a word too many.');
  return { operand: first ?? '', given, needed };
}
