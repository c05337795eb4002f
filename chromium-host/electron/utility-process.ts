import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import type { Readable } from 'node:stream';
import { implementedOnly, type Members, standIn } from '../stand-in.ts';

type Implemented = Members<Electron.UtilityProcess, 'pid' | 'kill' | 'postMessage' | 'stdout' | 'stderr'>;

/** Electron's utility process as a plain Node child with a message channel; it ends with the host because the channel closes. */
class UtilityProcess extends EventEmitter implements Implemented {
  readonly electron: Electron.UtilityProcess;
  readonly child: ChildProcess;
  pid: number | undefined;

  constructor(child: ChildProcess) {
    super();
    this.child = child;
    this.electron = standIn<Electron.UtilityProcess>('UtilityProcess', this);
    child.once('spawn', () => {
      this.pid = child.pid;
      this.emit('spawn');
    });
    child.on('message', (message: unknown) => this.emit('message', message));
    child.on('error', (error) => console.error(`chromium-host: a utility process failed: ${error.message}`));
    child.once('exit', (code, signal) => {
      this.pid = undefined;
      this.emit('exit', code ?? (signal === null ? 1 : 128));
    });
  }

  get stdout(): Readable | null {
    return this.child.stdout;
  }

  get stderr(): Readable | null {
    return this.child.stderr;
  }

  postMessage(message: unknown): void {
    if (this.child.connected) this.child.send({ message });
  }

  kill(): boolean {
    return this.child.kill('SIGTERM');
  }
}

export const utilityProcess = implementedOnly('electron.utilityProcess', {
  fork(modulePath: string, args: string[] = [], options: Electron.ForkOptions = {}): Electron.UtilityProcess {
    const stdio = options.stdio === 'ignore' || options.stdio === 'pipe' ? options.stdio : 'inherit';
    const child = fork(modulePath, args, {
      execArgv: ['--import', new URL('./parent-port.ts', import.meta.url).href, ...(options.execArgv ?? [])],
      serialization: 'advanced',
      stdio: ['ignore', stdio, stdio, 'ipc'],
      ...(options.env === undefined ? {} : { env: { ...options.env } }),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    return new UtilityProcess(child).electron;
  },
}) satisfies Pick<typeof Electron.UtilityProcess, 'fork'>;
