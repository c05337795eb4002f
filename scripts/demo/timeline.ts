import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What each provider's story measures. */
const MEASURED = {
  activeconnect: [
    'unlockToCurtainMs',
    'approvalToLoweredMs',
    'closedToLockRequestedMs',
    'closedToLockObservedMs',
    'walkawayToLockObservedMs',
  ],
  passkey: [
    'unlockToCurtainMs',
    'approvalToLoweredMs',
    'pauseToPausedMs',
    'lockNowToLockObservedMs',
    'notMeToLockObservedMs',
    'revokedToLockObservedMs',
  ],
} as const;
export type DemoProvider = keyof typeof MEASURED;
export const DEMO_PROVIDERS: readonly DemoProvider[] = ['activeconnect', 'passkey'];
export type Latency = (typeof MEASURED)[DemoProvider][number];

/** What the demonstration prints: for people a readable timeline, with `--json` one object a line and nothing else on stdout. */
export class Timeline {
  /** Milliseconds, or null while not measured. */
  readonly latencies: Partial<Record<Latency, number | null>>;
  readonly states: string[] = [];
  readonly #json: boolean;
  readonly #screenshots: string | null;
  readonly #began = performance.now();
  #shots = 0;

  constructor(options: {
    readonly json: boolean;
    readonly screenshots: string | null;
    readonly provider: DemoProvider;
  }) {
    this.latencies = Object.fromEntries(MEASURED[options.provider].map((name) => [name, null]));
    this.#json = options.json;
    this.#screenshots = options.screenshots;
  }

  say(event: string, sentence: string, details: Readonly<Record<string, unknown>> = {}): void {
    const t = Math.round(performance.now() - this.#began);
    if (this.#json) console.log(JSON.stringify({ t, event, ...details }));
    else console.log(`${(t / 1_000).toFixed(1).padStart(6)} s  ${sentence}`);
  }

  state(name: string, cause: string | undefined): void {
    if (this.states.at(-1) === name) return;
    this.states.push(name);
    const why = cause === undefined ? '' : ` (${cause})`;
    this.say('state', `        → ${name}${why}`, { state: name, ...(cause === undefined ? {} : { cause }) });
  }

  measured(name: Latency, ms: number): void {
    this.latencies[name] = Math.round(ms * 10) / 10;
    this.say('measured', `        ${name}: ${Math.round(ms)} ms`, { name, ms: this.latencies[name] });
  }

  /** Numbered in the order of the story, so that the folder reads like it. @param phone the other side at the same moment */
  async screenshot(stage: string, png: () => Promise<Buffer>, phone?: () => Promise<Buffer>): Promise<void> {
    if (this.#screenshots === null) return;
    await mkdir(this.#screenshots, { recursive: true });
    this.#shots += 1;
    const name = `${String(this.#shots).padStart(2, '0')}-${stage}`;
    await this.#keep(this.#screenshots, `${name}.png`, png);
    if (phone !== undefined) await this.#keep(this.#screenshots, `${name}-phone.png`, phone);
  }

  async #keep(folder: string, file: string, png: () => Promise<Buffer>): Promise<void> {
    await writeFile(join(folder, file), await png());
    this.say('screenshot', `        picture ${file}`, { file });
  }

  summary(ok: boolean, problem: string | null): void {
    const { states, latencies } = this;
    if (this.#json) {
      console.log(
        JSON.stringify({ event: 'summary', ok, states, latencies, ...(problem === null ? {} : { problem }) }),
      );
      return;
    }
    console.log(`\n${ok ? 'The story went as it should.' : `The story failed: ${problem ?? 'unknown'}`}`);
    console.log(`States: ${states.join(' → ')}`);
    for (const [name, ms] of Object.entries(latencies))
      console.log(`  ${name.padEnd(28)}${ms === null ? '–' : `${ms} ms`}`);
  }
}
