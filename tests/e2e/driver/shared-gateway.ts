import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type ManagedProcess, runToEnd, startManaged, waitFor } from '../../system/desktop/managed-process.ts';
import { NetworkLab } from '../../system/desktop/network-lab.ts';
import type { GuardedDesktop } from './guarded-desktop.ts';
import { SOON_MS } from './patience.ts';
import { Phone } from './phone.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** In networks of their own every port is free. */
const GATEWAY_PORT = 8443;
const SERVICE_PORT = 8080;
const OWNER_ONLY = { mode: 0o600 } as const;
const RecordSchema = z.looseObject({ userId: z.string() });

/** A gateway for an organisation and a simulated service, each on a computer of its own: the programs as an operator starts them. */
export class SharedGateway {
  readonly lab: NetworkLab;
  readonly #folder: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #token: string;
  readonly #service: readonly ManagedProcess[];
  #gateway: ManagedProcess;

  private constructor(options: {
    readonly lab: NetworkLab;
    readonly folder: string;
    readonly env: Readonly<Record<string, string>>;
    readonly token: string;
    readonly service: readonly ManagedProcess[];
    readonly gateway: ManagedProcess;
  }) {
    this.lab = options.lab;
    this.#folder = options.folder;
    this.#env = options.env;
    this.#token = options.token;
    this.#service = options.service;
    this.#gateway = options.gateway;
  }

  /** @param leaseMs longest life of one good answer of the service. */
  static async start(
    { folder: desktopFolder, env }: { readonly folder: string; readonly env: Readonly<Record<string, string>> },
    leaseMs: number,
  ): Promise<SharedGateway> {
    const folder = join(desktopFolder, 'shared-gateway');
    await mkdir(join(folder, 'store'), { recursive: true, mode: 0o700 });
    const lab = await NetworkLab.start(env);
    const started: ManagedProcess[] = [];
    try {
      const appId = 'fault-test';
      const appSecret = randomBytes(24).toString('hex');
      const token = randomBytes(32).toString('base64url');
      await makeCertificate(folder, lab.places.gateway.address, env);
      const service = lab.places.service;
      const address = ['--host', service.address, '--port', String(SERVICE_PORT)];
      const account = ['--app-id', appId, '--app-secret', appSecret];
      const simulator = [process.execPath, join(ROOT, 'simulators/index.ts'), 'activeconnect', ...address, ...account];
      started.push(await startThere(service.enter, simulator, env));
      const relay = [process.execPath, join(ROOT, 'tests/e2e/driver/relay.ts'), relayOf(folder)];
      started.push(await startThere(service.enter, [...relay, service.address, String(SERVICE_PORT)], env));
      await writeSecrets(folder, {
        token,
        'application.secret': appSecret,
        'store.key': randomBytes(32).toString('base64'),
        'database.key': randomBytes(32).toString('base64'),
      });
      await writeFile(join(folder, 'gateway.json'), JSON.stringify(configOf(folder, lab, appId, leaseMs)));
      const gateway = await startGateway(lab, folder, env);
      return new SharedGateway({ lab, folder, env, token, service: started, gateway });
    } catch (error) {
      for (const process of started) await process.stop();
      await lab.stop();
      throw error;
    }
  }

  /** How an app is started on the workstation of this network. */
  get surroundings() {
    return {
      enter: this.lab.places.workstation.enter,
      env: { NODE_EXTRA_CA_CERTS: join(this.#folder, 'gateway.crt') },
    };
  }

  /** Enrolls as a person who was given the gateway's address and a token. Ends where the curtain asks for the first approval. */
  async enroll(guarded: GuardedDesktop): Promise<void> {
    const gatewayUrl = `wss://${this.lab.places.gateway.address}:${GATEWAY_PORT}/`;
    const account = JSON.stringify({ mode: 'shared', gatewayUrl, gatewayToken: this.#token });
    await guarded.bridge('enrollment', `window.presenceLocker.enrollment.useAccount(${account}, 'fault test')`);
    await guarded.enrollmentUntil((view) => view.registration !== null, 'the registration link');
    const { userId } = RecordSchema.parse(
      JSON.parse(await readFile(join(guarded.userData, 'enrollment.json'), 'utf8')),
    );
    const site = `http://${this.lab.places.service.address}:${SERVICE_PORT}`;
    guarded.takePhone(new Phone(`${site}/phone/${userId}`, relayOf(this.#folder)));
    await guarded.phone.act('register');
    await guarded.finishEnrollment();
  }

  /** As a crash would. */
  async kill(): Promise<void> {
    this.#gateway.kill('SIGKILL');
    await this.#gateway.ended;
  }

  async startAgain(): Promise<void> {
    this.#gateway = await startGateway(this.lab, this.#folder, this.#env);
  }

  /** What the gateway said, for error messages. */
  get output(): string {
    return this.#gateway.output.slice(-4_000);
  }

  async stop(): Promise<void> {
    await this.#gateway.stop();
    for (const process of this.#service) await process.stop();
    await this.lab.stop();
  }
}

const relayOf = (folder: string): string => join(folder, 'service.sock');

function configOf(folder: string, lab: NetworkLab, appId: string, leaseMs: number) {
  const file = (name: string) => ({ file: join(folder, name) });
  return {
    listen: {
      host: lab.places.gateway.address,
      port: GATEWAY_PORT,
      tls: { certFile: join(folder, 'gateway.crt'), keyFile: join(folder, 'gateway.key') },
    },
    tokens: [{ name: 'workstation', token: file('token') }],
    provider: {
      kind: 'activeconnect',
      profile: 'iampass',
      baseUrl: `http://${lab.places.service.address}:${SERVICE_PORT}`,
      appId,
      appSecret: file('application.secret'),
      simulated: true,
      timeoutMs: 1_500,
    },
    database: { file: join(folder, 'data', 'gateway.db'), key: file('database.key') },
    store: { directory: join(folder, 'store'), key: file('store.key') },
    lease: { ms: leaseMs },
  };
}

async function writeSecrets(folder: string, secrets: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, secret] of Object.entries(secrets)) await writeFile(join(folder, name), secret, OWNER_ONLY);
}

async function makeCertificate(folder: string, address: string, env: Readonly<Record<string, string>>): Promise<void> {
  const files = ['-keyout', join(folder, 'gateway.key'), '-out', join(folder, 'gateway.crt')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const subject = ['-subj', '/CN=gateway', '-addext', `subjectAltName=IP:${address}`];
  await runToEnd(['openssl', 'req', '-x509', ...kind, ...files, ...subject], env, { timeoutMs: SOON_MS });
}

const startGateway = (lab: NetworkLab, folder: string, env: Readonly<Record<string, string>>) =>
  startThere(
    lab.places.gateway.enter,
    [process.execPath, join(ROOT, 'gateway/index.ts'), '--config', join(folder, 'gateway.json')],
    env,
  );

/** Both programs, and the relay, say on standard output that they listen. */
async function startThere(
  enter: readonly [string, ...string[]],
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<ManagedProcess> {
  const [program, ...rest] = enter;
  const started = await startManaged([program, ...rest, ...command], env);
  await waitFor(
    `${command[1] ?? ''} to listen`,
    () => {
      if (!started.alive) throw new Error(`it ended: ${started.output}`);
      return started.stdout.includes('listening');
    },
    SOON_MS,
  );
  return started;
}
