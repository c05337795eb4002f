import { pino } from 'pino';
import { loadConfig } from './config.ts';
import { gatewayOfConfig, listenAddressOf } from './gateway-of-config.ts';
import { describeFault } from './logger.ts';

const EXIT_FAILED = 1;

/** Names under which a secret might reach a log line by mistake: a second net, nothing is meant to get there. */
const REDACTED = ['token', 'secret', 'appSecret', 'handle', 'session_secret', 'session_token', 'authorization'];

/** `--config FILE`: runs a shared gateway until SIGTERM or SIGINT. Standard output carries JSON lines for programs, standard error the log. */
export async function serve(configPath: string): Promise<void> {
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
  await gateway.listenForAdministrator();
  const { url } = await gateway.listen(address);
  process.stdout.write(`${JSON.stringify({ event: 'listening', url })}\n`);
}
