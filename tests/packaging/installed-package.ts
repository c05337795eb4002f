import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { z } from 'zod';
import { ROOT } from '../../scripts/run-steps.ts';

const PACK_TIMEOUT_MS = 60_000;
const RUN_TIMEOUT_MS = 60_000;

const PackedSchema = z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) });
export const ManifestSchema = z.object({
  exports: z.record(z.string(), z.union([z.string(), z.strictObject({ types: z.string(), default: z.string() })])),
  bin: z.record(z.string(), z.string()),
  dependencies: z.record(z.string(), z.string()),
  engines: z.object({ node: z.string() }),
});

/** What npm packs, laid into an empty folder as npm would install it, without asking a registry. */
export interface InstalledPackage {
  /** Somebody's project. */
  readonly folder: string;
  /** `node_modules/presence-locker` in it. */
  readonly home: string;
  /** Of the tarball. */
  readonly files: readonly string[];
  readonly manifest: z.infer<typeof ManifestSchema>;
  remove(): void;
}

export function installPackage(): InstalledPackage {
  if (!existsSync(join(ROOT, 'out/library/types'))) throw new Error('nothing is built: npm run build');
  const folder = mkdtempSync(join(tmpdir(), 'presence-locker-installed-'));
  const packed = packInto(folder);
  const home = join(folder, 'node_modules/presence-locker');
  mkdirSync(home, { recursive: true });
  finished('tar', ['-xzf', join(folder, packed.filename), '-C', home, '--strip-components=1']);
  rmSync(join(folder, packed.filename));
  const manifest = ManifestSchema.parse(JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')));
  // Only what is declared can be found from there; what those need themselves, Node finds beside their real places.
  for (const name of [...Object.keys(manifest.dependencies), '@types/node']) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), link, 'dir');
  }
  mkdirSync(join(folder, 'node_modules/.bin'));
  for (const [command, file] of Object.entries(manifest.bin)) {
    chmodSync(join(home, file), 0o755);
    symlinkSync(join('../presence-locker', file), join(folder, 'node_modules/.bin', command));
  }
  return {
    folder,
    home,
    files: packed.files.map(({ path }) => path),
    manifest,
    remove: () => rmSync(folder, { recursive: true }),
  };
}

function packInto(folder: string): z.infer<typeof PackedSchema> {
  const printed = finished(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--offline', '--pack-destination', folder],
    ROOT,
  );
  const told: unknown = JSON.parse(printed);
  // A list up to npm 11, an object by name from 12 on.
  const [packed] = Array.isArray(told) ? told : Object.values(Object(told));
  return PackedSchema.parse(packed);
}

/** @returns what it printed. @throws when it fails */
export function finished(program: string, args: readonly string[], cwd = ROOT): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    timeout: PACK_TIMEOUT_MS,
    shell: process.platform === 'win32' && program === 'npm',
  });
  if (status !== 0)
    throw new Error(`${program} ${args.join(' ')} ended with ${status ?? error?.message}:\n${stdout}${stderr}`);
  return stdout;
}

/** The project's own Node, and the machine's, which setup runs on (engines of package.json): npm scripts put the former first. */
export function nodes(): readonly string[] {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const places = (process.env['PATH'] ?? '').split(delimiter).filter((place) => !place.includes('node_modules'));
  const ofMachine = places.map((place) => join(place, name)).find((file) => existsSync(file));
  if (ofMachine === undefined) throw new Error('There is no Node on this machine besides the project’s own.');
  return [ofMachine, process.execPath];
}

/** A program of somebody who has installed the package. */
export class UserProgram {
  stdout = '';
  stderr = '';
  code: number | null = null;
  over = false;
  readonly #child: ChildProcess;

  constructor(program: string, args: readonly string[], cwd: string, path = process.env['PATH'] ?? '') {
    this.#child = spawn(program, args, {
      cwd,
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: RUN_TIMEOUT_MS,
      env: { PATH: path, HOME: cwd, npm_config_update_notifier: 'false' },
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.stdout += String(chunk);
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += String(chunk);
    });
    this.#child.on('close', (code) => {
      this.code = code;
      this.over = true;
    });
  }

  async until(condition: () => boolean, what: string): Promise<void> {
    const deadline = Date.now() + RUN_TIMEOUT_MS;
    while (!condition()) {
      if ((this.over && !condition()) || Date.now() > deadline) {
        throw new Error(`waited in vain for ${what}; it ended with ${this.code}:\n${this.stdout}${this.stderr}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async prints(text: string): Promise<void> {
    await this.until(() => this.stdout.includes(text), text);
  }

  /** What a person would type, once the program asks with `question` for the time-th time. */
  async answers(question: string, line: string, time = 1): Promise<void> {
    await this.until(() => this.stdout.split(question).length > time, question);
    this.#child.stdin?.write(`${line}\n`);
  }

  /** @returns the exit code. */
  async ended(): Promise<number | null> {
    await this.until(() => this.over, 'its end');
    return this.code;
  }

  kill(): void {
    if (!this.over) this.#child.kill('SIGKILL');
  }
}
