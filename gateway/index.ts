import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { loadConfig } from './config.ts';
import { ConfigurationError } from './configuration-error.ts';
import { gatewayOfConfig, listenAddressOf } from './gateway-of-config.ts';
import { describeFault } from './logger.ts';
import { freshToken, hashToken } from './tokens.ts';

/**
 * `npm run gateway -- --config FILE` runs a shared gateway; `npm run gateway -- token` prints a fresh workstation token.
 * Standard output carries JSON lines for programs, standard error the log.
 */
const EXIT_FAILED = 1;
const EXIT_BAD_CONFIG = 2;
const USAGE = '`--config FILE`, or `token`';

/** Names under which a secret might reach a log line by mistake: a second net, nothing is meant to get there. */
const REDACTED = ['token', 'secret', 'appSecret', 'handle', 'session_secret', 'session_token', 'authorization'];

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { config: { type: 'string' } },
    allowPositionals: true,
  });
  if (positionals[0] === 'token' && positionals.length === 1) printFreshToken();
  else if (values.config !== undefined && positionals.length === 0) await serve(values.config);
  else throw new ConfigurationError('command line', USAGE);
}

function printFreshToken(): void {
  const token = freshToken();
  print({ event: 'token', token, sha256: hashToken(token).toString('hex') });
  process.stderr.write('Give the token to the workstation; put only the sha256 into the gateway’s configuration.\n');
}

async function serve(configPath: string): Promise<void> {
  const logger = pino(
    { redact: { paths: [...REDACTED, ...REDACTED.map((name) => `*.${name}`)], censor: '[redacted]' } },
    pino.destination({ dest: 2, sync: true }),
  );
  const config = await loadConfig(configPath);
  const address = await listenAddressOf(config, logger);
  const gateway = await gatewayOfConfig(config, logger);
  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'the gateway stops');
    gateway.close().then(
      () => process.exit(0),
      (fault: unknown) => {
        logger.error({ fault: describeFault(fault) }, 'the gateway did not stop cleanly');
        process.exit(EXIT_FAILED);
      },
    );
  };
  // Not `once`: Ctrl+C reaches this process directly and again through `npm run`, and the second must not cut the farewell short.
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  const certificate = address.kind === 'tcp' ? address.tls : null;
  // Only with a certificate: otherwise the signal goes on meaning that the terminal is gone.
  if (certificate?.reload !== undefined) process.on('SIGHUP', () => certificate.reload?.());
  const { url } = await gateway.listen(address);
  print({ event: 'listening', url });
}

function print(line: Record<string, string>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

main().catch((fault: unknown) => {
  const badConfig = fault instanceof ConfigurationError || isArgumentFault(fault);
  process.stderr.write(`${fault instanceof Error ? fault.message : 'The gateway could not start.'}\n`);
  process.exit(badConfig ? EXIT_BAD_CONFIG : EXIT_FAILED);
});

function isArgumentFault(fault: unknown): boolean {
  return fault instanceof TypeError && 'code' in fault && String(fault.code).startsWith('ERR_PARSE_ARGS');
}
