import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { hashToken } from '../../gateway/tokens.ts';
import { TOKEN } from '../gateway/gateway-under-test.ts';
import { ROOT } from '../gateway/running-process.ts';
import { baseEnvironment, type ManagedProcess, startManaged, waitFor } from './desktop/managed-process.ts';
import { findCaddy } from './desktop/tools.ts';

const START_TIMEOUT_MS = 30_000;
const ListeningSchema = z.object({ event: z.literal('listening'), url: z.string() });
const ExampleSchema = z.looseObject({
  listen: z.looseObject({}),
  provider: z.looseObject({}),
  database: z.looseObject({}),
});

export interface CaddyAndGateway {
  /** As a person types it: `https://localhost:PORT`. */
  readonly url: string;
  readonly httpPort: number;
  /** Of Caddy's own authority, which is trusted nowhere else. */
  readonly ca: string;
  /** Behind Caddy; nobody outside could reach it. */
  readonly gatewayUrl: string;
  readonly caddy: ManagedProcess;
  close(): Promise<void>;
}

/** The real Caddy with deploy/Caddyfile before a real gateway with deploy/gateway.example.json: only addresses, ports and secrets differ. */
export async function startCaddyAndGateway(): Promise<CaddyAndGateway> {
  const directory = mkdtempSync(join(tmpdir(), 'caddy-'));
  const started: ManagedProcess[] = [];
  const close = async () => {
    for (const each of started.toReversed()) await each.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const [httpsPort, httpPort] = await freePorts();
    const url = `https://localhost:${httpsPort}`;
    const env = baseEnvironment(directory);
    const config = configFile(directory, url);
    const gateway = await startManaged([process.execPath, join(ROOT, 'gateway/index.ts'), '--config', config], env);
    started.push(gateway);
    const gatewayUrl = await waitFor(`the gateway: ${gateway.output}`, () => listeningAt(gateway), START_TIMEOUT_MS);
    const caddy = await startManaged(
      [findCaddy(), 'run', '--adapter', 'caddyfile', '--config', join(ROOT, 'deploy/Caddyfile')],
      {
        ...env,
        XDG_DATA_HOME: join(directory, 'data'),
        XDG_CONFIG_HOME: join(directory, 'config'),
        DOMAIN: 'localhost',
        HTTP_PORT: String(httpPort),
        HTTPS_PORT: String(httpsPort),
        GATEWAY: new URL(gatewayUrl).host,
        GLOBAL_OPTION: 'default_bind 127.0.0.1',
      },
    );
    started.push(caddy);
    const root = join(directory, 'data/caddy/pki/authorities/local/root.crt');
    await waitFor(
      'Caddy',
      () => {
        if (!caddy.alive) throw new Error(`Caddy ended: ${caddy.output}`);
        return existsSync(root) && caddy.output.includes('serving initial configuration');
      },
      START_TIMEOUT_MS,
    );
    await waitFor(
      'the certificate',
      () => caddy.output.includes('certificate obtained successfully'),
      START_TIMEOUT_MS,
    );
    return { url, httpPort, ca: readFileSync(root, 'utf8'), gatewayUrl, caddy, close };
  } catch (fault) {
    await close();
    throw fault;
  }
}

function configFile(directory: string, publicUrl: string): string {
  const example = ExampleSchema.parse(JSON.parse(readFileSync(join(ROOT, 'deploy/gateway.example.json'), 'utf8')));
  const key = join(directory, 'database.key');
  writeFileSync(key, randomBytes(32).toString('base64'), { mode: 0o600 });
  const file = join(directory, 'gateway.json');
  writeFileSync(
    file,
    JSON.stringify({
      ...example,
      listen: { ...example.listen, host: '127.0.0.1', port: 0 },
      tokens: [{ name: 'desk', sha256: hashToken(TOKEN).toString('hex') }],
      provider: { ...example.provider, publicUrl },
      database: { file: join(directory, 'store', 'gateway.db'), key: { file: key } },
    }),
  );
  return file;
}

function listeningAt(gateway: ManagedProcess): string | undefined {
  if (!gateway.alive) throw new Error(`the gateway ended: ${gateway.output}`);
  const line = gateway.stdout.split('\n').slice(0, -1)[0];
  return line === undefined ? undefined : ListeningSchema.parse(JSON.parse(line)).url.replace('ws', 'http');
}

/** Caddy cannot be told to take any port that is free. */
async function freePorts(): Promise<readonly [number, number]> {
  const servers = [createServer(), createServer()] as const;
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen({ host: '127.0.0.1', port: 0 }, () => {
            const bound = server.address();
            resolve(typeof bound === 'object' && bound !== null ? bound.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  const [https = 0, http = 0] = ports;
  return [https, http];
}
