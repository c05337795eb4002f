import { type ChildProcess, spawn } from 'node:child_process';
import { Readable } from 'node:stream';

/** How long a command that only asks or triggers something may run. */
export const COMMAND_TIMEOUT_MS = 3_000;
/** More output than this of a command we only ask is an error, not an answer. */
const MAX_OUTPUT_BYTES = 65_536;

/** How a started program ended. `code` is null when a signal ended it. */
export type CommandEnd = { readonly code: number | null; readonly signal: string | null };

/** The descriptor on which a program that `startAnnouncing` started says that it is ready. */
export const READY_DESCRIPTOR = 3;

/** A program that was started and left running, e.g. a screen locker. */
export interface RunningCommand {
  readonly processId: number;
  /** Resolves when it ended, however. Never rejects. */
  readonly ended: Promise<CommandEnd>;
  /** Asks it to end. A signal to a program that is gone does nothing. */
  signal(name: NodeJS.Signals): void;
}

/** How the adapters start programs; a fake stands in for it in the tests. No shell is ever involved. */
export interface CommandRunner {
  /**
   * Runs to the end. @returns exit code and the first 64 KiB of stdout and stderr together.
   * @throws when it cannot be started or does not end in time.
   */
  run(argv: readonly string[], timeoutMs?: number): Promise<{ readonly code: number | null; readonly output: string }>;
  /**
   * Starts a program in a process group of its own that outlives this process: a lock must not fall because the tray
   * application does (S5). @throws when it cannot be started.
   */
  startDetached(argv: readonly string[]): Promise<RunningCommand>;
  /**
   * As `startDetached`, with a pipe to us as READY_DESCRIPTOR. `ready` resolves with true at the first newline on it, with false when
   * it is closed without one. Never rejects. @throws when it cannot be started.
   */
  startAnnouncing(argv: readonly string[]): Promise<RunningCommand & { readonly ready: Promise<boolean> }>;
  /**
   * Starts a program that ends when this process does, because its standard input is ours: used to hold an inhibitor.
   * @throws when it cannot be started.
   */
  startTethered(argv: readonly string[]): Promise<RunningCommand & { release(): void }>;
}

function started(child: ChildProcess, name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) =>
      reject(new Error(`${name} could not be started: ${error.message}`, { cause: error })),
    );
    child.once('spawn', () => {
      if (child.pid === undefined) reject(new Error(`${name} could not be started`));
      else resolve(child.pid);
    });
  });
}

function ending(child: ChildProcess): Promise<CommandEnd> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

function newlineOn(pipe: unknown): Promise<boolean> {
  if (!(pipe instanceof Readable)) return Promise.resolve(false);
  return new Promise((resolve) => {
    pipe.on('data', (chunk: Buffer) => {
      if (!chunk.includes('\n')) return;
      resolve(true);
      pipe.destroy();
    });
    pipe.once('error', () => resolve(false));
    pipe.once('close', () => resolve(false));
  });
}

function split(argv: readonly string[]): readonly [string, readonly string[]] {
  const [program, ...rest] = argv;
  if (program === undefined || program === '') throw new Error('empty command');
  return [program, rest];
}

/** The real one. `env` is what the programs see; it carries DISPLAY and the like and never a secret. */
export function createCommandRunner(env: NodeJS.ProcessEnv): CommandRunner {
  return {
    async run(argv, timeoutMs = COMMAND_TIMEOUT_MS) {
      const [program, rest] = split(argv);
      const child = spawn(program, rest, {
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
      });
      let output = '';
      const collect = (chunk: Buffer): void => {
        if (output.length < MAX_OUTPUT_BYTES) output += chunk.toString('utf8');
      };
      child.stdout.on('data', collect);
      child.stderr.on('data', collect);
      const closed = new Promise<CommandEnd>((resolve) => {
        child.once('close', (code, signal) => resolve({ code, signal }));
      });
      await started(child, program);
      const end = await closed;
      if (end.signal === 'SIGKILL') throw new Error(`${program} did not end within ${timeoutMs} ms`);
      return { code: end.code, output };
    },
    async startDetached(argv) {
      const [program, rest] = split(argv);
      const child = spawn(program, rest, { env, stdio: 'ignore', detached: true });
      const ended = ending(child);
      const processId = await started(child, program);
      child.unref();
      return { processId, ended, signal: (name) => void child.kill(name) };
    },
    async startAnnouncing(argv) {
      const [program, rest] = split(argv);
      const child = spawn(program, rest, { env, stdio: ['ignore', 'ignore', 'ignore', 'pipe'], detached: true });
      const ended = ending(child);
      const ready = newlineOn(child.stdio[READY_DESCRIPTOR]);
      const processId = await started(child, program);
      child.unref();
      return { processId, ended, ready, signal: (name) => void child.kill(name) };
    },
    async startTethered(argv) {
      const [program, rest] = split(argv);
      const child = spawn(program, rest, { env, stdio: ['pipe', 'ignore', 'ignore'] });
      const ended = ending(child);
      const processId = await started(child, program);
      child.stdin.on('error', () => child.kill());
      return { processId, ended, signal: (name) => void child.kill(name), release: () => void child.stdin.end() };
    },
  };
}
