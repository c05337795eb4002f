import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApproverDoor } from '../../../gateway/approver/door.ts';
import type { ResolvedAddress } from '../../../gateway/approver/public-address.ts';
import type { PushDelivery } from '../../../gateway/approver/push.ts';
import type { StaticFiles } from '../../../gateway/approver/static-files.ts';
import type { AuditEntry } from '../../../gateway/audit-log.ts';
import { DeviceKeys } from '../../../gateway/device-keys/registry.ts';
import { createGateway } from '../../../gateway/gateway.ts';
import { createPasskeyProvider } from '../../../gateway/providers/passkey/provider.ts';
import { openDatabase } from '../../../gateway/store/database.ts';
import type { PolicyOverride } from '../../../protocol/policy.ts';
import { FakeGatewayClock } from '../fake-gateway-clock.ts';
import { ACCEPTED_TOKENS, rememberingLogger, TestClient } from '../gateway-under-test.ts';

export const ORIGIN = 'http://localhost:8099';
const WAIT_MS = 5_000;

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface ApproverSetUp {
  readonly publicUrl?: string;
  readonly files?: StaticFiles;
  readonly behindProxy?: boolean;
  /** Workstations have to prove themselves by a key of their own. */
  readonly deviceKeys?: boolean;
  readonly policy?: PolicyOverride;
  /** Where names lead; default: a public address. */
  readonly resolve?: (hostname: string) => Promise<readonly ResolvedAddress[]>;
}

/** A database in a folder of its own. */
export async function temporaryDatabase() {
  const directory = mkdtempSync(join(tmpdir(), 'approver-'));
  const database = await openDatabase({ file: join(directory, 'store', 'gateway.db'), key: randomBytes(32) });
  return {
    database,
    close(): void {
      database.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A whole gateway with the passkey provider: workstations and phones come to the same TCP port of loopback. Time stands still until told. */
export async function startApprover(setUp: ApproverSetUp = {}) {
  const clock = new FakeGatewayClock();
  const logger = rememberingLogger();
  const audited: AuditEntry[] = [];
  const pushed: PushDelivery[] = [];
  const { database, close } = await temporaryDatabase();
  const options = { publicUrl: setUp.publicUrl ?? ORIGIN, simulated: true, database, clock, logger };
  const provider = createPasskeyProvider(options);
  const answers = { pushStatus: 201 };
  const door = createApproverDoor({
    service: provider.service,
    files: setUp.files ?? new Map(),
    behindProxy: setUp.behindProxy ?? false,
    pushContact: 'mailto:tests@localhost',
    resolve: setUp.resolve ?? (async () => [{ address: '93.184.215.14', family: 4 }]),
    postPush: async (delivery) => {
      pushed.push(delivery);
      return answers.pushStatus;
    },
  });
  const gateway = await createGateway({
    provider,
    doors: [door],
    clock,
    logger,
    acceptedTokens: ACCEPTED_TOKENS,
    ...(setUp.deviceKeys === true ? { deviceKeys: new DeviceKeys(database) } : {}),
    ...(setUp.policy === undefined ? {} : { policy: setUp.policy }),
    audit: { append: (entry) => audited.push(entry) },
    limits: { framesPerSecond: 1_000, frameBurst: 10_000, startsPerMinute: 1_000, startsPerHour: 1_000 },
  });
  const { url } = await gateway.listen({ kind: 'tcp', host: '127.0.0.1', port: 0, tls: null });
  const workstations: TestClient[] = [];
  return {
    gateway,
    provider,
    service: provider.service,
    database,
    /** What a restarted gateway would have. */
    providerAgain: () => createPasskeyProvider(options),
    clock,
    logger,
    audited,
    pushed,
    answers,
    url,
    async workstation(overrides: { readonly deviceId?: string; readonly token?: string } = {}): Promise<TestClient> {
      const client = await TestClient.open(`${url}/v1`);
      workstations.push(client);
      return client.hello(overrides);
    },
    async close(): Promise<void> {
      for (const client of workstations) client.socket.terminate();
      await gateway.close();
      close();
    },
  };
}
export type ApproverUnderTest = Awaited<ReturnType<typeof startApprover>>;

/** One HTTP request with exactly these headers, to loopback whatever the address names. */
export function exchange(
  gatewayUrl: string,
  asked: {
    readonly method: string;
    readonly path: string;
    readonly headers?: OutgoingHttpHeaders;
    readonly body?: string;
    /** Whose certificates count at an `https:` address. */
    readonly ca?: string;
    /** Address to come from. */
    readonly from?: string;
  },
): Promise<Answered> {
  const { protocol, host, hostname, port } = new URL(gatewayUrl);
  return new Promise((resolve, reject) => {
    const { method, path, headers = {}, body, ca, from } = asked;
    const common = {
      host: '127.0.0.1',
      port,
      method,
      path,
      signal: AbortSignal.timeout(WAIT_MS),
      ...(from === undefined ? {} : { localAddress: from }),
    };
    const request =
      protocol === 'https:'
        ? httpsRequest({ ...common, headers: { Host: host, ...headers }, servername: hostname, ca })
        : httpRequest({ ...common, headers });
    request.once('error', reject);
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    request.end(body);
  });
}

/** Waits for something that is done in the background. */
export async function eventually(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
