import { parseArgs } from 'node:util';
import { ADMIN_EXIT_CODES, helpOf, isAdminGroup, runAdminCommand } from './admin/command/command.ts';
import { adminSocketPathOf } from './admin-of-config.ts';
import { loadConfig } from './config.ts';
import { ConfigurationError } from './configuration-error.ts';
import { printFreshToken } from './token-command.ts';

/** `presence-locker-gateway`, and `npm run gateway --`: runs a gateway, makes a token, or asks the running gateway for its administrator. */
const EXIT_FAILED = 1;
const EXIT_BAD_CONFIG = 2;
const USAGE = '`--config FILE`, `token`, or one of `users`, `devices`, `codes`; `--help` shows them';
const HELP = `--config FILE
    Runs a gateway.
token
    Prints, once, a fresh token for a workstation, and its hash for the configuration.
`;

async function main(argv: readonly string[]): Promise<void> {
  if (isAdminGroup(argv[0])) {
    process.exitCode = await runAdminCommand(argv, {
      print: (text) => void process.stdout.write(text),
      printError: (text) => void process.stderr.write(text),
      socketPathOf: async (configPath) => adminSocketPathOf(await loadConfig(configPath)),
    });
    return;
  }
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { config: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  const [word, ...others] = positionals;
  if (values.help === true) {
    process.stdout.write(`${HELP}${helpOf(() => true)}`);
    process.exitCode = ADMIN_EXIT_CODES.done;
  } else if (word === 'token' && others.length === 0 && values.config === undefined) printFreshToken();
  else if (values.config !== undefined && word === undefined) {
    // Loaded for it alone: a command should not wait for everything a gateway is made of.
    const { serve } = await import('./serve-command.ts');
    await serve(values.config);
  } else throw new ConfigurationError('command line', USAGE);
}

main(process.argv.slice(2)).catch((fault: unknown) => {
  const badConfig = fault instanceof ConfigurationError || isArgumentFault(fault);
  process.stderr.write(`${fault instanceof Error ? fault.message : 'The gateway could not start.'}\n`);
  process.exit(badConfig ? EXIT_BAD_CONFIG : EXIT_FAILED);
});

function isArgumentFault(fault: unknown): boolean {
  return fault instanceof TypeError && 'code' in fault && String(fault.code).startsWith('ERR_PARSE_ARGS');
}
