import type { ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { AppControl, AppHost, LaunchOptions } from './app-control.ts';

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
});
export type LogLine = z.infer<typeof LogLineSchema> & { readonly index: number };

/** The built app as a person would run it, watched through its log and driven through whatever it runs on. */
export class AppRun {
  readonly lines: LogLine[] = [];
  readonly other: string[] = [];
  readonly #child: ChildProcess;
  readonly #news = new EventEmitter<{ line: [LogLine]; gone: [] }>();
  #control: AppControl | null = null;
  #gone = false;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.once('exit', () => {
      this.#gone = true;
      this.#news.emit('gone');
    });
    if (child.stderr === null) throw new Error('the app was started without a pipe for its log');
    createInterface({ input: child.stderr }).on('line', (text) => this.#hear(text));
  }

  static async start(host: AppHost, options: LaunchOptions): Promise<AppRun> {
    const launched = await host.launch(options);
    const run = new AppRun(launched.child);
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

  async quit(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    return await this.#ended();
  }

  /** As a crash or an attacker would. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended();
  }

  async #ended(): Promise<number | null> {
    this.#control?.close();
    if (this.#gone) return this.#child.exitCode;
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
