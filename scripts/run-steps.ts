import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** One command of this project, run on the project's own Node. */
export interface Step {
  readonly label: string;
  /** A JavaScript or TypeScript file from the root of the repository. */
  readonly file: string;
  readonly args: readonly string[];
}

export interface StepResult {
  readonly ok: boolean;
  /** Both streams, as they came; empty when `shown`. */
  readonly output: string;
  readonly seconds: number;
}

/** Ends a step that hangs. */
const STEP_TIMEOUT_MS = 30 * 60_000;

/** @param show lets the step write to this terminal instead of keeping its output. */
export async function runStep(step: Step, show: boolean): Promise<StepResult> {
  const began = performance.now();
  const child = spawn(process.execPath, [join(ROOT, step.file), ...step.args], {
    cwd: ROOT,
    stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
    timeout: STEP_TIMEOUT_MS,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8');
    stream?.on('data', (text: string) => {
      output += text;
    });
  }
  return await new Promise((resolve) => {
    const end = (ok: boolean): void => resolve({ ok, output, seconds: (performance.now() - began) / 1000 });
    child.on('error', (error) => {
      output += error.message;
      end(false);
    });
    child.on('close', (code) => end(code === 0));
  });
}

/** Runs steps two at a time and says each in one line; what a failed one printed follows its line. @returns how many failed. */
export async function runQuietly(steps: readonly Step[]): Promise<number> {
  const waiting = [...steps];
  let failed = 0;
  const worker = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const { ok, output, seconds } = await runStep(step, false);
      console.log(`${step.label} … ${ok ? 'ok' : 'failed'} (${seconds.toFixed(1)} s)`);
      if (ok) continue;
      failed += 1;
      console.log(output.trimEnd());
    }
  };
  await Promise.all([worker(), worker()]);
  return failed;
}
