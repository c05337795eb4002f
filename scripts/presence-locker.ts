import { processCliIo, runCli } from '../main/cli.ts';

/** `npm run presence-locker -- disable|enable|status`: the console command from a clone, without Electron and without a display. */
process.exitCode = await runCli(process.argv.slice(2), processCliIo());
