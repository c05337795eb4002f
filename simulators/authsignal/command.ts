import { parseArgs } from 'node:util';
import { DEFAULT_HOST, SimulatorOptionError } from '../activeconnect/simulator.ts';
import { DEFAULT_TOKEN_MS, startAuthsignalSimulator } from './simulator.ts';

/** `npm run simulator -- authsignal …` */
export const simulatedAuthsignal = {
  summary: 'Authsignal, with a phone at /phone/<userId> and the tenant’s rules at POST /rules',
  help: `Options of authsignal:
  --host H          address to listen on (default ${DEFAULT_HOST}; 0.0.0.0 to use a real phone's browser)
  --port N          port (default 0: any free one)
  --secret S        the tenant's secret key (default random)
  --token-ms N      how long the link and token of an action work (default ${DEFAULT_TOKEN_MS})
  --webhook-url U   where signed events are delivered (default nowhere; also POST /webhooks)
  --allow-faults    take faults at POST /faults and odd deliveries at POST /deliveries (tests only)`,
  /** @throws SimulatorOptionError */
  async start(args: readonly string[]) {
    const { values } = parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: false,
      options: {
        host: { type: 'string' },
        port: { type: 'string' },
        secret: { type: 'string' },
        'token-ms': { type: 'string' },
        'webhook-url': { type: 'string' },
        'allow-faults': { type: 'boolean' },
      },
    });
    const { url, secret, close } = await startAuthsignalSimulator({
      host: values.host,
      port: wholeNumber('port', values.port, 0, 65_535),
      secret: values.secret,
      tokenMs: wholeNumber('token-ms', values['token-ms'], 1, MAX_MS),
      webhookUrl: values['webhook-url'],
      allowFaults: values['allow-faults'],
    });
    return { announcement: { url, secret }, close };
  },
};

const MAX_MS = 30 * 24 * 3_600_000;

function wholeNumber(flag: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new SimulatorOptionError(`--${flag} must be a whole number from ${least} to ${most}, not "${text}".`);
}
