import { parseArgs } from 'node:util';
import {
  type ActiveconnectSimulatorOptions,
  DEFAULT_CLOSE_MS,
  DEFAULT_HOST,
  DEFAULT_PENDING_MS,
  DEFAULT_WALKAWAY_MS,
  SimulatorOptionError,
  startActiveconnectSimulator,
} from './activeconnect/simulator.ts';
import { simulatedAuthsignal } from './authsignal/command.ts';
import { simulatedTwoFactor } from './wcd-2factor/command.ts';

const EXIT_OK = 0;
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

/** A running stand-in: what it prints when it listens, and how it ends. */
interface RunningSimulator {
  readonly announcement: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

interface SimulatedService {
  readonly summary: string;
  readonly help: string;
  start(args: readonly string[]): Promise<RunningSimulator>;
}

class UsageError extends Error {}

function wholeNumber(flag: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`--${flag} must be a whole number from ${least} to ${most}, not "${text}".`);
}

const MAX_MS = 30 * 24 * 3600 * 1000;

function activeconnectOptions(args: readonly string[]): ActiveconnectSimulatorOptions {
  const { values } = parseArgs({
    args: [...args],
    strict: true,
    allowPositionals: false,
    options: {
      host: { type: 'string' },
      port: { type: 'string' },
      'app-id': { type: 'string' },
      'app-secret': { type: 'string' },
      'walkaway-ms': { type: 'string' },
      'close-ms': { type: 'string' },
      'pending-ms': { type: 'string' },
      'allow-faults': { type: 'boolean' },
    },
  });
  return {
    host: values.host,
    port: wholeNumber('port', values.port, 0, 65_535),
    appId: values['app-id'],
    appSecret: values['app-secret'],
    walkawayMs: wholeNumber('walkaway-ms', values['walkaway-ms'], 1, MAX_MS),
    closeMs: wholeNumber('close-ms', values['close-ms'], 1, MAX_MS),
    pendingMs: wholeNumber('pending-ms', values['pending-ms'], 1, MAX_MS),
    allowFaults: values['allow-faults'],
  };
}

const SERVICES: Readonly<Record<string, SimulatedService>> = {
  activeconnect: {
    summary: 'Activeconnect and IAMPASS (one service), with a phone at /phone/<userId>',
    help: `Options of activeconnect:
  --host H          address to listen on (default ${DEFAULT_HOST}; 0.0.0.0 to use a real phone's browser)
  --port N          port (default 0: any free one)
  --app-id A        application id (default random)
  --app-secret S    application secret (default random)
  --walkaway-ms N   phone away until "walkaway" (default ${DEFAULT_WALKAWAY_MS})
  --close-ms N      phone away until "closed" (default ${DEFAULT_CLOSE_MS})
  --pending-ms N    unanswered until "timeout" (default ${DEFAULT_PENDING_MS})
  --allow-faults    take faults to inject at POST /faults (tests only)`,
    async start(args) {
      const { url, appId, appSecret, close } = await startActiveconnectSimulator(activeconnectOptions(args));
      return { announcement: { url, appId, appSecret }, close };
    },
  },
  authsignal: simulatedAuthsignal,
  'wcd-2factor': simulatedTwoFactor,
};

function usage(): string {
  const services = Object.entries(SERVICES).map(([name, { summary, help }]) => `  ${name}   ${summary}\n\n${help}`);
  return `Stand-ins for provider services, each with a phone to operate. They protect nothing.

Usage: npm run simulator -- <service> [options]

Services:
${services.join('\n\n')}

When it listens it prints one JSON line: {"event":"listening","url":…} and what a client needs besides. Ctrl+C ends it.`;
}

function chosenService(name: string | undefined): SimulatedService {
  const known = Object.keys(SERVICES).join(', ');
  if (name === undefined) throw new UsageError(`Name a service: ${known}.`);
  const service = Object.hasOwn(SERVICES, name) ? SERVICES[name] : undefined;
  if (service === undefined) throw new UsageError(`There is no simulated service "${name}". There is: ${known}.`);
  return service;
}

/** @returns the exit code and the sentence for whoever typed the command. */
function explain(error: unknown): { readonly code: number; readonly sentence: string } {
  if (error instanceof UsageError || error instanceof SimulatorOptionError)
    return { code: EXIT_USAGE, sentence: error.message };
  if (!(error instanceof Error)) return { code: EXIT_FAILED, sentence: 'The simulator failed for an unknown reason.' };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code.startsWith('ERR_PARSE_ARGS_')) return { code: EXIT_USAGE, sentence: error.message };
  if (code === 'EADDRINUSE')
    return { code: EXIT_FAILED, sentence: 'The port is in use by another program. Choose another one with --port.' };
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return { code: EXIT_FAILED, sentence: 'This machine does not have the address given with --host.' };
  }
  if (code === 'EACCES')
    return { code: EXIT_FAILED, sentence: 'This user may not listen on that port. Choose one above 1023.' };
  return { code: EXIT_FAILED, sentence: `The simulator failed: ${error.message}` };
}

function endWith(code: number): void {
  process.exitCode = code;
}

async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`${usage()}\n`);
    return endWith(EXIT_OK);
  }
  const [name, ...rest] = args;
  const running = await chosenService(name).start(rest);
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    running.close().then(
      () => endWith(EXIT_OK),
      (error: unknown) => fail(error),
    );
  };
  // Not `once`: Ctrl+C reaches this process directly and again through `npm run`, and the second must not cut the first short.
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.stdout.write(`${JSON.stringify({ event: 'listening', ...running.announcement })}\n`);
}

function fail(error: unknown): void {
  const { code, sentence } = explain(error);
  process.stderr.write(`${sentence}\n`);
  if (code === EXIT_USAGE) process.stderr.write('See npm run simulator -- --help\n');
  endWith(code);
}

main(process.argv.slice(2)).catch(fail);
