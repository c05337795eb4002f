import { ConfigurationError, ProviderError } from '../library/activeconnect.ts';
import { SecretStoreFailed } from '../main/core/ports.ts';
import { ERROR_CODES } from '../protocol/error-codes.ts';
import { type Asked, readOptions, UsageError } from './asked-options.ts';
import { type Ending, EXIT_CODES, endingOf } from './exit-codes.ts';
import { type Console, createReport, type Report } from './report.ts';
import { SERVICE_WORDS, type ServiceSurroundings, serviceUsage, type Word } from './service-words.ts';
import { CommandFailed } from './session-file.ts';

export interface ServiceIo extends Console, ServiceSurroundings {
  /** Aborted by Ctrl+C or another signal to end. */
  readonly signal: AbortSignal;
}

/** @param argv from the first word on, e.g. `users add ada`. @returns the exit code. Never rejects. */
export async function runServiceCommand(argv: readonly string[], io: ServiceIo): Promise<number> {
  const json = argv.includes('--json');
  const report = createReport(json, io);
  if (argv.includes('--help') || argv.includes('-h')) {
    io.print(serviceUsage());
    return EXIT_CODES.done.code;
  }
  try {
    const [group = '', name = '', ...rest] = argv;
    const word = Object.hasOwn(SERVICE_WORDS, `${group} ${name}`) ? SERVICE_WORDS[`${group} ${name}`] : undefined;
    if (word === undefined) throw new UsageError(`After “${group}” comes ${wordsAfter(group)}.`);
    const asked = readOptions(rest, ['json', ...word.options]);
    requireUsers(word, asked);
    const ending = await word.run({ asked, surroundings: io, report, signal: io.signal });
    return EXIT_CODES[ending].code;
  } catch (fault) {
    return EXIT_CODES[tell(fault, report, io.signal)].code;
  }
}

function wordsAfter(group: string): string {
  const names = Object.keys(SERVICE_WORDS).filter((name) => name.startsWith(`${group} `));
  return names.map((name) => `“${name.slice(group.length + 1)}”`).join(', ');
}

const USER_ID = /^\P{Cc}+$/u;

function requireUsers({ users }: Word, asked: Asked): void {
  const count = asked.users.length;
  if (users === 'none' && count > 0) throw new UsageError('No person is named here: the session is in --session-file.');
  if (users === 'one' && count !== 1) throw new UsageError('Name one person: the user id at the service.');
  if (users === 'some' && count === 0) throw new UsageError('Name at least one person: the user id at the service.');
  // An unset variable of a script is an empty word, which the service would refuse in words of its own.
  if (!asked.users.every((user) => USER_ID.test(user)))
    throw new UsageError('A user id is empty or holds control characters.');
}

function tell(fault: unknown, report: Report, signal: AbortSignal): Ending {
  const failure = (ending: Ending, code: string, sentence: string): Ending => {
    report.failure(ending, code, sentence);
    return ending;
  };
  if (signal.aborted) return failure('interrupted', 'INTERRUPTED', 'Interrupted.');
  if (fault instanceof ProviderError) return failure(endingOf(fault.code), fault.code, sentenceOf(fault));
  if (fault instanceof UsageError) {
    failure('usage', 'USAGE', fault.message);
    report.note('See presence-locker --help');
    return 'usage';
  }
  if (fault instanceof ConfigurationError) return failure('usage', 'CONFIGURATION', `${fault.message}.`);
  if (fault instanceof SecretStoreFailed) {
    failure('failed', `KEYCHAIN_${fault.code.toUpperCase()}`, fault.message);
    report.note('Without a keychain: --secret-file FILE for the secret, --key-file FILE for the key of sessions.');
    return 'failed';
  }
  if (fault instanceof CommandFailed) return failure('failed', 'FILE', fault.message);
  // A bug of ours. Its words were not written for a screen and could quote anything.
  const name = fault instanceof Error ? fault.name : typeof fault;
  return failure('failed', 'INTERNAL', `Something that should not happen (${name}).`);
}

/** For an unknown person the client tells the call and its status; what that means comes first. */
function sentenceOf({ code, message }: ProviderError): string {
  return code === 'USER_UNKNOWN' ? `${ERROR_CODES[code].text} ${message}` : message;
}
