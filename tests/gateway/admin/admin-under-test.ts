import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Administered } from '../../../gateway/admin/administered.ts';
import { runAdminCommand } from '../../../gateway/admin/command/command.ts';
import { createAdminServer } from '../../../gateway/admin/door.ts';
import { DeviceKeys } from '../../../gateway/device-keys/registry.ts';
import { listenOnPrivateSocket } from '../../../gateway/listen-address.ts';
import { signInBy } from '../../../gateway/methods/person-tokens.ts';
import { servedMethods } from '../../../gateway/methods/registry.ts';
import { createMethodsService } from '../../../gateway/methods/service.ts';
import type { ApproverUnderTest } from '../approver/approver-under-test.ts';

const WAIT_MS = 5_000;

/** What a command printed, and how it ended. */
export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The administrator's socket of a whole gateway, and the command at it. */
export async function administrate(approver: ApproverUnderTest, changed: Partial<Administered> = {}) {
  const { gateway, service, database, clock, logger, audited } = approver;
  const audit = { append: (entry: (typeof audited)[number]) => audited.push(entry) };
  const methods = createMethodsService({
    registry: servedMethods({ issuer: 'Example Ltd' }),
    database,
    clock,
    audit,
    logger,
    signIn: signInBy([], []),
    permitMs: 3_600_000,
  });
  const deviceKeys = new DeviceKeys(database);
  const server = createAdminServer({
    administered: {
      clock,
      passkeys: service,
      methods: methods.userConfigs,
      peopleWithToken: new Set(['bob']),
      workstations: { list: () => deviceKeys.list(), forget: gateway.forgetWorkstation },
      closeSessionsOfUser: gateway.closeSessionsOfUser,
      ...changed,
    },
    audit,
    logger,
  });
  const directory = mkdtempSync(join(tmpdir(), 'admin-'));
  const socketPath = join(directory, 'admin.sock');
  await listenOnPrivateSocket(server, socketPath, 'admin.socketPath');
  return {
    socketPath,
    methods,
    deviceKeys,
    run: (...words: string[]) => commandAt(socketPath, [...words, '--config', 'gateway.json']),
    /** The objects that a command printed for a program. */
    async objects(...words: string[]): Promise<Record<string, unknown>[]> {
      const { exitCode, stdout, stderr } = await commandAt(socketPath, [
        ...words,
        '--json',
        '--config',
        'gateway.json',
      ]);
      if (exitCode !== 0) throw new Error(`${words.join(' ')} ended with ${exitCode}: ${stderr}`);
      return linesOf(stdout).map((line) => Object(JSON.parse(line)));
    },
    close(): void {
      server.close();
      server.closeAllConnections();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
export type AdminUnderTest = Awaited<ReturnType<typeof administrate>>;

/** The command, in this process, for the gateway that listens on the path. */
export async function commandAt(socketPath: string | null, words: readonly string[]): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  const exitCode = await runAdminCommand(words, {
    print: (text) => {
      stdout += text;
    },
    printError: (text) => {
      stderr += text;
    },
    socketPathOf: async () => socketPath,
  });
  return { exitCode, stdout, stderr };
}

export const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

/** One request on the socket, with exactly these headers and this body. */
export function exchangeOn(
  socketPath: string,
  asked: RequestOptions & { readonly body?: string | Buffer },
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const { body, ...options } = asked;
    const request = httpRequest({ ...options, socketPath, agent: false, signal: AbortSignal.timeout(WAIT_MS) });
    request.once('error', reject);
    request.once('response', (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    request.end(body);
  });
}
