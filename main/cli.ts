import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { runAuditCli } from './audit-cli.ts';
import { sourceOf } from './core/policy.ts';
import { createEnrollmentRecordFile } from './settings/enrollment-record.ts';
import { createGuardingSwitch, type GuardingReading } from './settings/guarding-switch.ts';
import type { TrustedOwner } from './settings/json-file.ts';
import { machinePolicyFile, type Surroundings, userDataDirectory } from './settings/places.ts';
import { administratorOf, createPolicyFiles, type PolicyReading } from './settings/policy-files.ts';

/**
 * The console command, for the day the set-up is broken and the curtain is in the way: works over SSH, without a display and
 * without the app running. It only leaves a marker; a running app sees it, stops guarding and writes it to its record.
 */
export const EXIT_CODES = {
  done: 0,
  /** The policy forbids it, the set-up is another user's, or there is nothing to switch. */
  refused: 1,
  /** Unknown command or option. */
  usage: 2,
  /** A file could not be written. */
  failed: 3,
} as const;

export const CLI_COMMANDS = ['disable', 'enable', 'status', 'audit', 'help'] as const;
type Command = (typeof CLI_COMMANDS)[number];

const USAGE = `Usage: presence-locker <command> [--user-data-dir=FOLDER]

  disable          stop guarding this workstation until “enable”
  enable           guard it again
  status [--json]  whether somebody is enrolled and whether guarding is on
  audit verify FILE [--json] [--expect HASH]
                   whether a record of what happened is what was written (exit codes of its own: audit --help)
  help             this text

Works from a console or an SSH login of the same user.
Exit codes: 0 done, 1 refused, 2 unknown command or option, 3 a file could not be written.
`;

export interface CliIo extends Surroundings {
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
  /** The user running the command; null on Windows. */
  readonly uid: number | null;
  readonly wallNow: () => number;
  readonly machinePolicyFile: string;
  readonly administrator: TrustedOwner;
}

/** This process as the command sees it. */
export const processCliIo = (): CliIo => ({
  platform: process.platform,
  env: process.env,
  homeDirectory: homedir(),
  print: (text) => void process.stdout.write(text),
  printError: (text) => void process.stderr.write(text),
  uid: process.getuid?.() ?? null,
  wallNow: Date.now,
  machinePolicyFile: machinePolicyFile(process.platform),
  administrator: administratorOf(process.platform),
});

const commandOf = (word: string | undefined): Command | undefined =>
  word === '--help' || word === '-h' ? 'help' : CLI_COMMANDS.find((command) => command === word);

/** @param argv without the program's and the script's name. */
export const isCliCommand = (argv: readonly string[]): boolean => commandOf(argv[0]) !== undefined;

/** @returns the exit code. Never rejects. */
export async function runCli(argv: readonly string[], io: CliIo): Promise<number> {
  const command = commandOf(argv[0]);
  if (command === 'audit') return await runAuditCli(argv.slice(1), io);
  const options = readOptions(argv.slice(1));
  if (command === undefined || options === null || (options.json && command !== 'status')) {
    if (argv.length > 0) io.printError(`Not understood: ${argv.join(' ')}\n\n`);
    io.printError(USAGE);
    return EXIT_CODES.usage;
  }
  if (command === 'help') {
    io.print(USAGE);
    return EXIT_CODES.done;
  }
  const setUp = await openSetUp(options.userData ?? userDataDirectory(io), io);
  if (typeof setUp === 'string') {
    io.printError(`${setUp}\n`);
    return EXIT_CODES.refused;
  }
  try {
    if (command === 'status') return await status(setUp, options.json, io);
    return command === 'disable' ? await disable(setUp, io) : await enable(setUp, io);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown fault';
    io.printError(`The switch in ${setUp.folder} could not be written (${code}).\n`);
    return EXIT_CODES.failed;
  }
}

function readOptions(words: readonly string[]): { readonly json: boolean; readonly userData: string | null } | null {
  let json = false;
  let userData: string | null = null;
  for (const word of words) {
    const folder = /^--user-data-dir=(.+)$/.exec(word)?.[1];
    if (word === '--json') json = true;
    else if (folder !== undefined) userData = folder;
    else return null;
  }
  return { json, userData };
}

interface SetUp {
  readonly folder: string;
  readonly guardingSwitch: ReturnType<typeof createGuardingSwitch>;
  readonly enrollment: ReturnType<typeof createEnrollmentRecordFile>;
  readonly policy: PolicyReading;
}

/** @returns the set-up, or a sentence why this user may not touch it. */
async function openSetUp(folder: string, io: CliIo): Promise<SetUp | string> {
  const owner: TrustedOwner = io.uid === null ? null : { uid: io.uid };
  // A folder that cannot be looked at is no set-up of this user; reading its files says so.
  const found = await stat(folder).catch(() => null);
  if (found !== null && owner !== null && found.uid !== owner.uid) {
    // Root too: a file of root's would not be believed by the user's app, and root can become that user.
    return `The set-up in ${folder} belongs to another user. Run this command as that user.`;
  }
  const { machinePolicyFile: machineFile, administrator } = io;
  const files = { userDataDirectory: folder, machinePolicyFile: machineFile, user: owner, administrator };
  return {
    folder,
    guardingSwitch: createGuardingSwitch(folder, owner),
    enrollment: createEnrollmentRecordFile(folder, owner),
    policy: await createPolicyFiles(files).read(),
  };
}

async function disable({ folder, guardingSwitch, enrollment, policy }: SetUp, io: CliIo): Promise<number> {
  if (!policy.policy.allowDisable) {
    const who = {
      machine: 'The policy of this computer',
      gateway: 'Your organisation’s gateway',
      user: 'Your own policy',
    };
    const source = sourceOf(policy, 'allowDisable');
    io.printError(`${source === 'default' ? 'The policy' : who[source]} does not allow guarding to be switched off.\n`);
    if (policy.problem !== null) io.printError(`${policy.problem}\n`);
    return EXIT_CODES.refused;
  }
  if ((await enrollment.read()).kind === 'absent') {
    io.printError(
      `Nobody is enrolled in ${folder}, so nothing is guarded. Name another folder with --user-data-dir.\n`,
    );
    return EXIT_CODES.refused;
  }
  const before = await guardingSwitch.read();
  if (before.guarding) await guardingSwitch.switchOff(io.wallNow());
  io.print(
    before.guarding
      ? 'Guarding is off. This is recorded and shown. “presence-locker enable” switches it on again.\n'
      : `${sentenceOf(before)} Nothing was changed.\n`,
  );
  return EXIT_CODES.done;
}

async function enable({ guardingSwitch }: SetUp, io: CliIo): Promise<number> {
  const wasOff = await guardingSwitch.switchOn();
  io.print(wasOff ? 'Guarding is on again.\n' : 'Guarding was on already.\n');
  return EXIT_CODES.done;
}

function sentenceOf(reading: GuardingReading): string {
  if (reading.guarding) return 'Guarding is on.';
  return `Guarding has been off since ${new Date(reading.sinceWall).toISOString()}.`;
}

async function status(setUp: SetUp, json: boolean, io: CliIo): Promise<number> {
  const { folder, policy } = setUp;
  const [guarding, record] = await Promise.all([setUp.guardingSwitch.read(), setUp.enrollment.read()]);
  const problems = [
    record.kind === 'invalid' ? record.problem : null,
    guarding.guarding ? guarding.problem : null,
    policy.problem,
  ].filter((problem) => problem !== null);
  const enrolled = record.kind === 'valid' ? record.value : null;
  if (json) {
    const facts = {
      folder,
      enrolled: record.kind === 'invalid' || enrolled?.registered === true,
      mode: enrolled?.mode ?? null,
      trial: enrolled?.trial ?? false,
      guarding: guarding.guarding,
      disabledSinceWall: guarding.guarding ? null : guarding.sinceWall,
      disableAllowed: policy.policy.allowDisable,
      problems,
    };
    io.print(`${JSON.stringify(facts)}\n`);
    return EXIT_CODES.done;
  }
  const enrollment =
    record.kind === 'invalid'
      ? 'Somebody is enrolled, but the record cannot be read.'
      : enrolled === null
        ? 'Nobody is enrolled.'
        : enrolled.registered
          ? `A phone is enrolled${enrolled.trial ? ' (trial)' : ''}.`
          : 'An enrollment was begun and not finished.';
  const allowed = policy.policy.allowDisable ? 'It can be switched off here.' : 'It cannot be switched off here.';
  io.print([enrollment, `${sentenceOf(guarding)} ${allowed}`, ...problems, `Settings: ${folder}`, ''].join('\n'));
  return EXIT_CODES.done;
}
