import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ControlClient } from '../../chromium-host/control-client.ts';
import { end } from './x-session.ts';

const HOST = fileURLToPath(new URL('../../chromium-host/index.ts', import.meta.url));
const SAMPLE_APP = fileURLToPath(new URL('./sample-app', import.meta.url));
const LINE_TIMEOUT_MS = 15_000;
const LOOK_AGAIN_MS = 10;

export type Told = { readonly event: string; readonly [detail: string]: unknown };

/** chromium-host running the sample app, and what the app tells about itself. */
export class HostUnderTest {
  readonly child: ChildProcess;
  readonly userData: string;
  readonly control: string;
  readonly told: Told[] = [];
  stderr = '';

  static newUserData(): string {
    return mkdtempSync(join(tmpdir(), 'chromium-host-test-'));
  }

  constructor(display: string, userData: string, args: readonly string[] = []) {
    this.userData = userData;
    this.control = join(userData, `control-${performance.now()}.sock`);
    const own = ['--app', SAMPLE_APP, '--user-data', userData, '--control', this.control];
    this.child = spawn(process.execPath, [HOST, ...own, ...args], {
      env: { ...process.env, DISPLAY: display },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    if (this.child.stdout === null) throw new Error('the host has no output');
    createInterface(this.child.stdout).on('line', (line) => this.told.push(JSON.parse(line)));
  }

  /** Waits for the app to tell something, also if it did before; `from` skips what was told earlier. */
  async tells(event: string, wanted: (told: Told) => boolean = () => true, from = 0): Promise<Told> {
    return this.until(`the app to tell "${event}"`, () =>
      this.told.slice(from).find((told) => told.event === event && wanted(told)),
    );
  }

  async until<T>(what: string, look: () => T | undefined): Promise<T> {
    const deadline = performance.now() + LINE_TIMEOUT_MS;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (performance.now() > deadline) {
        throw new Error(`waited for ${what} in vain; told: ${JSON.stringify(this.told)}; stderr: ${this.stderr}`);
      }
      await delay(LOOK_AGAIN_MS);
    }
  }

  connect(): Promise<ControlClient> {
    return ControlClient.connect(this.control);
  }

  /** Processes of the browser that this host drives. */
  browserProcesses(): number[] {
    const wanted = `--user-data-dir=${join(this.userData, 'chromium-host')}`;
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => {
        if (!Number.isInteger(pid)) return false;
        try {
          return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(wanted);
        } catch {
          return false; // It ended while we looked.
        }
      });
  }

  async stop(): Promise<void> {
    await end(this.child, 'SIGKILL');
    await this.until('the browser to end', () => (this.browserProcesses().length === 0 ? true : undefined));
  }

  /** Only when no other host uses it any more. */
  forget(): void {
    rmSync(this.userData, { recursive: true, force: true, maxRetries: 5 });
  }
}
