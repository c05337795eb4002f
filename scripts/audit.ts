import { runAuditCli } from '../main/audit-cli.ts';

/** `npm run audit -- verify FILE`: whether a record is what the app wrote. */
process.exitCode = await runAuditCli(process.argv.slice(2), {
  print: (text) => void process.stdout.write(text),
  printError: (text) => void process.stderr.write(text),
});
