import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  watch,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const LOCK_NAME = 'chromium-host.lock';
const HANDOVER_NAME = 'chromium-host.handover';

const Handover = z.strictObject({
  argv: z.array(z.string()),
  workingDirectory: z.string(),
  additionalData: z.unknown(),
});
export type Handover = z.infer<typeof Handover>;

/** A process, told apart from a later one with the same number by its start time. */
function identityOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`;
  } catch {
    return null; // No such process.
  }
}

/**
 * The single-instance lock of one user-data directory. Taking it is synchronous as in Electron, hence a file and not a socket.
 * A second instance leaves its arguments in a folder that the first one watches.
 */
export class SingleInstance {
  private held: string | null = null;
  private stopWatching: (() => void) | null = null;

  /** @returns whether this process is the only one now. If it is not, its arguments have been handed over. */
  request(directory: string, own: Handover, onSecond: (other: Handover) => void): boolean {
    if (this.held !== null) return true;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const lock = join(directory, LOCK_NAME);
    const handovers = join(directory, HANDOVER_NAME);
    if (!this.take(lock)) {
      this.handOver(handovers, own);
      return false;
    }
    this.held = lock;
    rmSync(handovers, { recursive: true, force: true });
    mkdirSync(handovers, { mode: 0o700 });
    const watcher = watch(handovers, () => this.collect(handovers, onSecond));
    watcher.unref();
    this.stopWatching = () => watcher.close();
    return true;
  }

  holds(): boolean {
    return this.held !== null;
  }

  release(): void {
    if (this.held === null) return;
    this.stopWatching?.();
    rmSync(this.held, { force: true });
    this.held = null;
  }

  private take(lock: string): boolean {
    const ATTEMPTS = 3;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      try {
        const file = openSync(lock, 'wx', 0o600);
        writeSync(file, identityOf(process.pid) ?? '');
        closeSync(file);
        return true;
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      }
      const holder = readFileSync(lock, 'utf8');
      if (holder !== '' && identityOf(Number(holder.split(' ')[0])) === holder) return false;
      rmSync(lock, { force: true }); // Its owner was killed.
    }
    return false;
  }

  private handOver(directory: string, own: Handover): void {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const name = `${process.pid}-${process.hrtime.bigint()}`;
    writeFileSync(join(directory, `.${name}`), JSON.stringify(own), { mode: 0o600 });
    renameSync(join(directory, `.${name}`), join(directory, `${name}.json`));
  }

  private collect(directory: string, onSecond: (other: Handover) => void): void {
    for (const name of readdirSync(directory).filter((file) => file.endsWith('.json'))) {
      const path = join(directory, name);
      try {
        onSecond(Handover.parse(JSON.parse(readFileSync(path, 'utf8'))));
      } catch (error) {
        console.error(`chromium-host: a second instance left something unreadable: ${String(error)}`);
      }
      rmSync(path, { force: true });
    }
  }
}
