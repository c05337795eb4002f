import type { ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { procTable } from '../../../main/os/linux/process-table.ts';
import { waitFor } from '../../system/desktop/managed-process.ts';
import type { AppControl, AppHost, LaunchedApp, LaunchOptions } from './app-control.ts';

const START_TIMEOUT_MS = 30_000;
const END_TIMEOUT_MS = 30_000;

/** A line of the app's log (main/app-log.ts), with when it arrived here. */
const LogLineSchema = z.looseObject({
  time: z.number(),
  msg: z.string(),
  step: z.string().optional(),
  state: z.string().optional(),
  cause: z.string().optional(),
  effects: z.array(z.string()).optional(),
  processId: z.int().optional(),
});
export type LogLine = z.infer<typeof LogLineSchema> & { readonly index: number };

/** The built app as a person would run it, watched through its log and driven through whatever it runs on. */
export class AppRun {
  readonly lines: LogLine[] = [];
  readonly other: string[] = [];
  readonly #child: ChildProcess;
  readonly #launched: LaunchedApp;
  readonly #news = new EventEmitter<{ line: [LogLine]; gone: [] }>();
  #control: AppControl | null = null;
  #gone = false;
  #mainId: number;
  /** It is to die, and its sentinel to start it again: then the log goes on in the same place. */
  #returns = false;

  private constructor(launched: LaunchedApp) {
    const { child } = launched;
    this.#launched = launched;
    this.#child = child;
    this.#mainId = child.pid ?? 0;
    const gone = (): void => {
      this.#gone = true;
      this.#news.emit('gone');
    };
    child.once('exit', () => {
      if (!this.#returns) gone();
    });
    if (child.stderr === null) throw new Error('the app was started without a pipe for its log');
    createInterface({ input: child.stderr })
      .on('line', (text) => this.#hear(text))
      .on('close', gone);
  }

  static async start(host: AppHost, options: LaunchOptions): Promise<AppRun> {
    const launched = await host.launch(options);
    const run = new AppRun(launched);
    try {
      await launched.begin();
      await run.until((line) => line.msg === 'session observed', 'the session is observed', START_TIMEOUT_MS);
      run.#control = await launched.control();
      return run;
    } catch (error) {
      await run.kill();
      throw error;
    }
  }

  /** Of the app's main process. */
  get processId(): number {
    if (this.#child.pid === undefined) throw new Error('the app has no process');
    return this.#child.pid;
  }

  get control(): AppControl {
    if (this.#control === null) throw new Error('the app is not up');
    return this.#control;
  }

  /** State after the last step that changed something. */
  get state(): string {
    return this.lines.findLast((line) => line.state !== undefined)?.state ?? 'unenrolled';
  }

  /** Where the log is now; pass it to `until` to look only at what comes after. */
  get mark(): number {
    return this.lines.length;
  }

  /** The first line from `from` on that is wanted, waiting for it. @throws with the end of the log when it does not come in time. */
  async until(wanted: (line: LogLine) => boolean, what: string, timeoutMs: number, from = 0): Promise<LogLine> {
    const known = this.lines.find((line) => line.index >= from && wanted(line));
    if (known !== undefined) return known;
    return await new Promise((resolve, reject) => {
      const settle = (finish: () => void): void => {
        clearTimeout(timer);
        this.#news.off('line', onLine);
        this.#news.off('gone', onGone);
        finish();
      };
      const onLine = (line: LogLine): void => {
        if (wanted(line)) settle(() => resolve(line));
      };
      const onGone = (): void => settle(() => reject(new Error(`the app ended before ${what}\n${this.tail()}`)));
      const timer = setTimeout(
        () => settle(() => reject(new Error(`${what}: not within ${timeoutMs} ms\n${this.tail()}`))),
        timeoutMs,
      );
      this.#news.on('line', onLine);
      this.#news.on('gone', onGone);
      if (this.#gone) onGone();
    });
  }

  onLine(listener: (line: LogLine) => void): void {
    this.#news.on('line', listener);
  }

  untilState(state: string, timeoutMs: number, from = 0): Promise<LogLine> {
    return this.until((line) => line.state === state, `state ${state}`, timeoutMs, from);
  }

  /** The end of what the app said, for error messages. */
  tail(): string {
    return [...this.other.slice(-15), ...this.lines.slice(-25).map((line) => JSON.stringify(line))].join('\n');
  }

  /** All that was logged. */
  everything(): string {
    return [...this.other, ...this.lines.map((line) => JSON.stringify(line))].join('\n');
  }

  /** Process of the app itself; another one after its sentinel started it again. */
  get mainId(): number {
    return this.#mainId;
  }

  /** Process of the sentinel. @throws when none was reported. */
  get sentinelId(): number {
    const id = this.lines.findLast(({ msg }) => msg === 'a sentinel is there')?.processId;
    if (id === undefined) throw new Error(`no sentinel was reported\n${this.tail()}`);
    return id;
  }

  async quit(): Promise<number | null> {
    process.kill(this.#mainId, 'SIGTERM');
    return await this.#ended();
  }

  /** The end of the app and of its sentinel, so that nothing comes after it. */
  async kill(): Promise<void> {
    const sentinel = this.lines.some(({ msg }) => msg === 'a sentinel is there') ? [this.sentinelId] : [];
    // In this order and at once: the sentinel sees nothing, and the app has no time to miss it.
    for (const id of [...sentinel, this.#mainId]) endNow(id);
    await this.#ended();
    for (const id of sentinel) await untilEnded(id);
  }

  /** What a crash, or an attacker, does to the app alone: its sentinel starts it again. */
  hurt(signal: 'SIGKILL' | 'SIGSTOP'): void {
    this.#returns = true;
    this.#control?.close();
    this.#control = null;
    process.kill(this.#mainId, signal);
  }

  /** Waits until the sentinel started the app again and it observes the session; it can be driven from then on, where its host allows. */
  async untilStartedAgain(from: number, timeoutMs: number): Promise<void> {
    const started = await this.until(
      ({ msg }) => msg === 'sentinel: the app was started again',
      'the app is started again',
      timeoutMs,
      from,
    );
    this.#mainId = started.processId ?? 0;
    await this.until(({ msg }) => msg === 'session observed', 'it observes the session', timeoutMs, started.index);
    this.#control = await this.#launched.controlAgain(this.#mainId);
  }

  async #ended(): Promise<number | null> {
    this.#control?.close();
    if (this.#mainId !== this.#child.pid) {
      await untilEnded(this.#mainId);
      return null;
    }
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#child.exitCode;
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_TIMEOUT_MS);
    await once(this.#child, 'exit');
    clearTimeout(timer);
    return this.#child.exitCode;
  }

  #hear(text: string): void {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      this.other.push(text);
      return;
    }
    const parsed = LogLineSchema.safeParse(json);
    if (!parsed.success) {
      this.other.push(text);
      return;
    }
    const line = { ...parsed.data, index: this.lines.length };
    this.lines.push(line);
    this.#news.emit('line', line);
  }
}

function endNow(id: number): void {
  try {
    process.kill(id, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** @throws when it still runs after `END_TIMEOUT_MS`. */
export async function untilEnded(id: number): Promise<void> {
  await waitFor(`process ${id} to end`, async () => (await procTable.facts(id))?.alive !== true, END_TIMEOUT_MS);
}
