import { parseArgs } from 'node:util';
import { DEFAULT_HOST, SimulatorOptionError } from '../activeconnect/simulator.ts';
import { DEFAULT_PERSON, DEFAULT_PREFIX, startTwoFactorSimulator } from './simulator.ts';

/** `npm run simulator -- wcd-2factor …` */
export const simulatedTwoFactor = {
  summary: 'WebCase 2factor, with a phone at /phone/<person> that shows the codes sent',
  help: `Options of wcd-2factor:
  --host H            address to listen on (default ${DEFAULT_HOST}; 0.0.0.0 to use a real phone's browser)
  --port N            port (default 0: any free one)
  --prefix P          where the interface is mounted (default ${DEFAULT_PREFIX})
  --header NAME       header by which people sign in (default Authorization)
  --authorization V   the header's whole value (default "Token " and something random); V:<userId> signs that person in
  --person ID         whose value that is (default ${DEFAULT_PERSON})
  --schemas           send the methods' JSON schemas, which the vendor's server keeps to itself
  --allow-faults      take faults to inject at POST /faults (tests only)`,
  /** @throws SimulatorOptionError */
  async start(args: readonly string[]) {
    const { values } = parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: false,
      options: {
        host: { type: 'string' },
        port: { type: 'string' },
        prefix: { type: 'string' },
        header: { type: 'string' },
        authorization: { type: 'string' },
        person: { type: 'string' },
        schemas: { type: 'boolean' },
        'allow-faults': { type: 'boolean' },
      },
    });
    const { host, prefix, header: headerName, authorization, person, schemas } = values;
    const simulator = await startTwoFactorSimulator({
      host,
      port: portOf(values.port),
      prefix,
      headerName,
      authorization,
      person,
      schemas,
      allowFaults: values['allow-faults'],
    });
    return {
      announcement: { url: simulator.url, authorization: simulator.authorization, phone: simulator.phone().pageUrl },
      close: simulator.close,
    };
  },
};

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new SimulatorOptionError(`--port must be a whole number from 0 to 65535, not "${text}".`);
}
