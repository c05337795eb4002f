#!/usr/bin/env node
import { isCliCommand, processCliIo, runCli } from '../main/cli.ts';
import { createKeychain } from '../main/secrets/keychain.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { runServiceCommand } from './service-command.ts';
import { isServiceGroup, serviceUsage } from './service-words.ts';

/**
 * The command `presence-locker` of the npm package: the workstation's own words (main/cli.ts) and those for the account at the service. Runs on
 * Node 20.19 or newer, without Electron and without a display.
 */
async function main(argv: readonly string[]): Promise<number> {
  const [word] = argv;
  if (isServiceGroup(word)) {
    const interrupted = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort());
    const { stdin } = process;
    return await runServiceCommand(argv, {
      print: (text) => void process.stdout.write(text),
      printError: (text) => void process.stderr.write(text),
      keychain: createKeychain(),
      standardInput: stdin.isTTY ? null : stdin,
      sessionInput: stdin,
      signal: interrupted.signal,
    });
  }
  if (!isCliCommand(argv) && word !== undefined) {
    // What follows a mistyped word may be anything, a secret included: it is not repeated.
    process.stderr.write('The first word is none that presence-locker knows. See presence-locker --help\n');
    return EXIT_CODES.usage.code;
  }
  const code = await runCli(argv, processCliIo());
  const asksForHelp = word === 'help' || word === '--help' || word === '-h';
  if (asksForHelp || word === undefined) (asksForHelp ? process.stdout : process.stderr).write(`\n${serviceUsage()}`);
  return code;
}

// Who reads the output may stop reading, e.g. `| head`.
process.stdout.on('error', () => process.exit(EXIT_CODES.interrupted.code));
process.exitCode = await main(process.argv.slice(2));
