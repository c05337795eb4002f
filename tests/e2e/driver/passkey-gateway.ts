import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PolicyOverride } from '../../../protocol/policy.ts';
import { type ManagedProcess, startManaged, waitFor } from '../../system/desktop/managed-process.ts';
import type { GuardedDesktop } from './guarded-desktop.ts';
import { SOON_MS } from './patience.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const OWNER_ONLY = { mode: 0o600 } as const;
/** What the person calls the workstation. */
export const DESK = 'Ada’s desk';
/** What the phones' page calls the gateway. */
const TITLE = 'Example Ltd';

/** The gateway program with provider `passkey`, as an operator starts it, on `http://localhost`: the one plain address where passkeys work. */
export class PasskeyGateway {
  readonly #process: ManagedProcess;
  readonly #token: string;
  readonly #port: number;

  private constructor(process: ManagedProcess, token: string, port: number) {
    this.#process = process;
    this.#token = token;
    this.#port = port;
  }

  /**
   * @param page folder of the built phones' page (out/approver)
   * @param policy told to every workstation; it can only make theirs stricter
   */
  static async start(
    { folder: desktopFolder, env }: { readonly folder: string; readonly env: Readonly<Record<string, string>> },
    page: string,
    policy: PolicyOverride = {},
  ): Promise<PasskeyGateway> {
    const folder = join(desktopFolder, 'passkey-gateway');
    await mkdir(folder, { mode: 0o700 });
    const token = randomBytes(32).toString('base64url');
    await writeFile(join(folder, 'token'), token, OWNER_ONLY);
    await writeFile(join(folder, 'database.key'), randomBytes(32).toString('base64'), OWNER_ONLY);
    // Its public address holds the port, so that must be known before it listens.
    const port = await freePort();
    const config = {
      listen: { host: 'localhost', port },
      tokens: [{ name: 'workstation', token: { file: join(folder, 'token') } }],
      provider: { kind: 'passkey', publicUrl: `http://localhost:${port}`, title: TITLE, webDirectory: page },
      database: { file: join(folder, 'gateway.db'), key: { file: join(folder, 'database.key') } },
      policy,
    };
    const configFile = join(folder, 'gateway.json');
    await writeFile(configFile, JSON.stringify(config), OWNER_ONLY);
    const started = await startManaged([process.execPath, join(ROOT, 'gateway/index.ts'), '--config', configFile], env);
    await waitFor(
      'the gateway to listen',
      () => {
        if (!started.alive) throw new Error(`it ended: ${started.output}`);
        return started.stdout.includes('listening');
      },
      SOON_MS,
    );
    return new PasskeyGateway(started, token, port);
  }

  /** Types address and token into the workstation's pages, as a person who was given both. @returns the link for the phone. */
  async join(guarded: GuardedDesktop): Promise<string> {
    await guarded.window('enrollment');
    await guarded.press('enrollment', 'role=button[name=/Join your organisation’s gateway/]');
    await guarded.type('enrollment', {
      gatewayUrl: `ws://localhost:${this.#port}/`,
      gatewayToken: this.#token,
      displayName: DESK,
    });
    await guarded.press('enrollment', 'role=button[name="Continue"]');
    const { registration, problem } = await guarded.enrollmentUntil(
      (view) => view.registration !== null || view.problem !== null,
      'the link for the phone',
    );
    const link = registration?.link ?? null;
    if (link === null) throw new Error(`no link for the phone: ${problem?.title ?? 'and no problem is shown'}`);
    return link;
  }

  /** What the gateway said, for error messages. */
  get output(): string {
    return this.#process.output.slice(-4_000);
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, 'localhost');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}
