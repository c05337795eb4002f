import { type EmbeddedGatewayConfig, type FromGatewayProcess, ToGatewayProcessSchema } from '../protocol/embedded.ts';
import { assertNever } from '../protocol/result.ts';
import { createSystemClock } from './clock.ts';
import { ConfigurationError } from './configuration-error.ts';
import { createGateway, type Gateway } from './gateway.ts';
import { describeFault, type GatewayLogger, type LogFields } from './logger.ts';
import { providerOfAccount } from './providers/provider-of-account.ts';
import { openSealedFileStore } from './store/sealed-file-store.ts';
import { hashToken } from './tokens.ts';

/** The process's own message port to main. */
export interface EmbeddedPort {
  postMessage(message: FromGatewayProcess): void;
  onMessage(listener: (claimedMessage: unknown) => void): void;
  /** Main is gone, or has closed the port. */
  onClose(listener: () => void): void;
}

/** Ownership of stored sessions hangs on this name, so they survive the change of the per-run token. */
const EMBEDDED_TOKEN_NAME = 'embedded';
/** One workstation, and whoever reconnects while an old connection is still dying. */
const EMBEDDED_MAX_CONNECTIONS = 16;
const MAX_LOG_CHARACTERS = 2_000;
const MAX_SENTENCE_CHARACTERS = 500;

/** Runs the gateway for main, told over `port` what to do. Resolves when it is to end: told to stop, port closed, or unable to start. */
export async function runEmbeddedGateway(port: EmbeddedPort): Promise<void> {
  const logger = portLogger(port);
  let starting: Promise<Gateway> | null = null;
  await new Promise<void>((end) => {
    port.onClose(end);
    port.onMessage((claimedMessage) => {
      const message = ToGatewayProcessSchema.safeParse(claimedMessage);
      if (!message.success) {
        // Which member was wrong, never its value: the message carries secrets.
        const member = message.error.issues[0]?.path.map(String).join('.') ?? '';
        logger.warn({ member }, 'a message from main was not understood');
        if (starting === null)
          port.postMessage({ type: 'failed', sentence: 'The gateway was started with settings it does not know.' });
        return;
      }
      switch (message.data.type) {
        case 'start': {
          const { config } = message.data;
          if (starting !== null) {
            logger.warn({}, 'the gateway was started twice; the second start is ignored');
            return;
          }
          starting = startGateway(config, logger);
          starting.then(
            () => port.postMessage({ type: 'listening', socketPath: config.socketPath }),
            (fault: unknown) => {
              port.postMessage({ type: 'failed', sentence: sentenceOf(fault).slice(0, MAX_SENTENCE_CHARACTERS) });
              end();
            },
          );
          return;
        }
        case 'stop':
          end();
          return;
        default:
          assertNever(message.data, 'message to the gateway process');
      }
    });
  });
  await closeIfStarted(starting);
}

async function closeIfStarted(starting: Promise<Gateway> | null): Promise<void> {
  const gateway = await starting?.catch(() => null);
  await gateway?.close();
}

/** Listening when it resolves. */
async function startGateway(config: EmbeddedGatewayConfig, logger: GatewayLogger): Promise<Gateway> {
  const clock = createSystemClock();
  const provider = providerOfAccount(config.provider, clock);
  const store = await openSealedFileStore({
    directory: config.storeDirectory,
    key: Buffer.from(config.storeKeyBase64, 'base64'),
    providerId: provider.id,
  });
  const gateway = await createGateway({
    provider,
    store,
    clock,
    logger,
    leaseMs: config.leaseMs,
    acceptedTokens: [{ name: EMBEDDED_TOKEN_NAME, sha256: hashToken(config.token) }],
    limits: { maxConnections: EMBEDDED_MAX_CONNECTIONS },
  });
  try {
    await gateway.listen({ kind: 'socket', path: config.socketPath });
  } catch (fault) {
    await gateway.close();
    throw fault;
  }
  return gateway;
}

function sentenceOf(fault: unknown): string {
  if (fault instanceof ConfigurationError) return `The gateway cannot use a setting. ${fault.message}.`;
  const code = fault instanceof Error && 'code' in fault ? ` (${String(fault.code)})` : '';
  return `The gateway could not start${code}.`;
}

/** Log lines for main's log: one line, bounded; audit entries go the same way. */
function portLogger(port: EmbeddedPort): GatewayLogger {
  const log = (level: 'info' | 'warn' | 'error') => (fields: LogFields, text: string) => {
    const details = Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name}=${String(value)}`);
    const message = [text, ...details]
      .join(' ')
      .replace(/\p{Cc}/gu, ' ')
      .slice(0, MAX_LOG_CHARACTERS);
    try {
      port.postMessage({ type: 'log', level, message });
    } catch (fault) {
      // Main is gone and with it its log; standard error is all that is left.
      process.stderr.write(`${message} (${describeFault(fault)})\n`);
    }
  };
  return { info: log('info'), warn: log('warn'), error: log('error') };
}
