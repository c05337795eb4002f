import { type ChildProcess, spawn } from 'node:child_process';
import { findProgram } from './tools.ts';

/** How long a program that was asked to end may take before it is killed. */
const END_TIMEOUT_MS = 2_000;
/** Kept of what a program says, for the error message when it fails. */
const MAX_KEPT_OUTPUT = 16_384;
/** Between two looks at a condition. */
const POLL_INTERVAL_MS = 10;

const running = new Set<ManagedProcess>();
let exitHookInstalled = false;

/** A program of the harness: ended by its process id when asked, when this process exits, and by the kernel when it is killed. */
export class ManagedProcess {
  readonly name: string;
  readonly processId: number;
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  #alive = true;
  #output = '';
  #stdout = '';

  constructor(name: string, child: ChildProcess, processId: number) {
    this.name = name;
    this.processId = processId;
    this.#child = child;
    child.stdout?.on('data', (chunk: Buffer) => {
      this.#stdout = (this.#stdout + chunk.toString('utf8')).slice(-MAX_KEPT_OUTPUT);
      this.#output = (this.#output + chunk.toString('utf8')).slice(-MAX_KEPT_OUTPUT);
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString('utf8')).slice(-MAX_KEPT_OUTPUT);
    });
    this.ended = new Promise((resolve) => {
      child.once('exit', () => {
        this.#alive = false;
        running.delete(this);
        resolve();
      });
    });
    running.add(this);
    installExitHook();
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Standard output so far (its end, if there was much). */
  get stdout(): string {
    return this.#stdout;
  }

  /** Standard output and error so far, for error messages. */
  get output(): string {
    return this.#output.trim();
  }

  writeAndEnd(text: string): void {
    this.#child.stdin?.end(text);
  }

  kill(signal: NodeJS.Signals): void {
    if (this.#alive) this.#child.kill(signal);
  }

  /** Asks it to end, then kills it. Bounded; idempotent. */
  async stop(): Promise<void> {
    if (!this.#alive) return;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.kill('SIGKILL'), END_TIMEOUT_MS);
    await this.ended;
    clearTimeout(timer);
  }
}

function installExitHook(): void {
  if (exitHookInstalled) return;
  exitHookInstalled = true;
  process.on('exit', () => {
    for (const managed of running) managed.kill('SIGKILL');
  });
}

/** Starts a program. `setpriv --pdeathsig` lets the kernel end it when this process is killed and can end nothing itself. */
export async function startManaged(
  argv: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
  options: { readonly extraPipes?: number } = {},
): Promise<ManagedProcess> {
  const [name, ...rest] = argv;
  const guard = findProgram('setpriv');
  const command = guard ?? name;
  const args = guard === null ? rest : ['--pdeathsig', 'TERM', '--', name, ...rest];
  const extra: 'pipe'[] = Array.from({ length: options.extraPipes ?? 0 }, () => 'pipe');
  const child = spawn(command, args, { env: { ...env }, stdio: ['pipe', 'pipe', 'pipe', ...extra] });
  child.stdin?.on('error', () => undefined);
  const processId = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () =>
      child.pid === undefined ? reject(new Error(`${name} has no process id`)) : resolve(child.pid),
    );
  });
  return new ManagedProcess(name, child, processId);
}

/** Runs a short program to its end. @throws with its output when it fails or takes too long. */
export async function runToEnd(
  argv: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
  options: { readonly timeoutMs: number; readonly cwd?: string },
): Promise<string> {
  const [name, ...rest] = argv;
  const child = spawn(name, rest, {
    env: { ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: options.timeoutMs,
    killSignal: 'SIGKILL',
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-MAX_KEPT_OUTPUT);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${argv.join(' ')} failed (${code ?? 'killed'}): ${output.trim()}`);
  return output;
}

/** Waits until `condition` answers something other than undefined or false. @throws after `timeoutMs`, naming `what`. */
export async function waitFor<T>(
  what: string,
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs: number,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await condition();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
  }
}

/** PATH, LANG and the like: what any program of the harness needs, and no bus, display or session of the machine. */
export function baseEnvironment(home: string): Record<string, string> {
  const { PATH, TZ } = process.env;
  return { PATH: PATH ?? '/usr/bin:/bin', HOME: home, LANG: 'C.UTF-8', ...(TZ === undefined ? {} : { TZ }) };
}
