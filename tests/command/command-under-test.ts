import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect } from 'vitest';
import { runServiceCommand } from '../../command/service-command.ts';
import { SecretStoreFailed } from '../../main/core/ports.ts';
import { ROOT } from '../../scripts/run-steps.ts';
import { type ActiveconnectSimulator, startActiveconnectSimulator } from '../../simulators/activeconnect/simulator.ts';

const WAIT_MS = 15_000;
const PROGRAM = join(ROOT, 'command/presence-locker.ts');
/** A bus that nobody listens on: these tests never reach the keychain of whoever runs them. */
const NO_KEYCHAIN = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/presence-locker-test' };

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `presence-locker` as a process. Whatever it prints is searched for secrets when it ends. */
export class RunningCommand {
  stdout = '';
  stderr = '';
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  #over = false;

  constructor(args: readonly string[], secrets: readonly string[], stdin: string | null) {
    for (const secret of secrets) expect(args.join(' ')).not.toContain(secret);
    this.#child = spawn(process.execPath, [PROGRAM, ...args], {
      stdio: [stdin === null ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...NO_KEYCHAIN },
      timeout: WAIT_MS,
    });
    this.#child.stdin?.end(stdin ?? '');
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.stdout += String(chunk);
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += String(chunk);
    });
    this.ended = new Promise((resolve, reject) => {
      this.#child.on('error', reject);
      this.#child.on('close', (code) => {
        this.#over = true;
        const leaked = secrets.some((secret) => (this.stdout + this.stderr).includes(secret));
        if (leaked) reject(new Error(`${args.join(' ')} printed a secret`));
        else resolve({ code, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  async until(condition: () => boolean, what: string): Promise<void> {
    const deadline = Date.now() + WAIT_MS;
    while (!condition()) {
      if (this.#over || Date.now() > deadline)
        throw new Error(`waited in vain for ${what}: ${this.stdout}${this.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  interrupt(): void {
    this.#child.kill('SIGINT');
  }

  kill(): void {
    if (!this.#over) this.#child.kill('SIGKILL');
  }
}

/** A simulated service with ada (a phone) and bob (none), a folder, and the command pointed at them. */
export class CommandUnderTest {
  simulator: ActiveconnectSimulator;
  readonly folder: string;
  readonly #running: RunningCommand[] = [];

  private constructor(simulator: ActiveconnectSimulator) {
    this.simulator = simulator;
    this.folder = mkdtempSync(join(tmpdir(), 'presence-locker-command-'));
    this.write('secret', `${simulator.appSecret}\n`);
  }

  static async begin(): Promise<CommandUnderTest> {
    const users = [
      { userId: 'ada', registered: true },
      { userId: 'bob', registered: false },
    ];
    return new CommandUnderTest(await startActiveconnectSimulator({ appId: 'APP', users, walkawayMs: 200 }));
  }

  write(name: string, content: string, mode = 0o600): string {
    const path = this.path(name);
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  get connection(): readonly string[] {
    return ['--service', 'iampass', '--base-url', this.simulator.url];
  }

  get account(): readonly string[] {
    return [...this.connection, '--app-id', 'APP', '--secret-file', this.path('secret')];
  }

  start(args: readonly string[], stdin: string | null = null): RunningCommand {
    const running = new RunningCommand(args, [this.simulator.appSecret], stdin);
    this.#running.push(running);
    return running;
  }

  async run(args: readonly string[], stdin: string | null = null): Promise<Ended> {
    return await this.start(args, stdin).ended;
  }

  async end(): Promise<void> {
    for (const running of this.#running) running.kill();
    await this.simulator.close();
    rmSync(this.folder, { recursive: true });
  }
}

/** What is printed and asked when the command runs in this process: for what needs no process of its own. */
export async function runHere(argv: readonly string[], stdin: string): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  const input = Readable.from([Buffer.from(stdin)]);
  const unreachable = async (): Promise<never> => {
    throw new SecretStoreFailed('unavailable', 'No keychain in this test.');
  };
  const code = await runServiceCommand(argv, {
    print: (text) => {
      stdout += text;
    },
    printError: (text) => {
      stderr += text;
    },
    keychain: { get: unreachable, set: unreachable, delete: unreachable },
    standardInput: input,
    sessionInput: input,
    signal: new AbortController().signal,
  });
  return { code, stdout, stderr };
}

/** One for each test. */
export function commandUnderTest(): () => CommandUnderTest {
  let command: CommandUnderTest;
  beforeEach(async () => {
    command = await CommandUnderTest.begin();
  });
  afterEach(async () => await command.end());
  return () => command;
}
