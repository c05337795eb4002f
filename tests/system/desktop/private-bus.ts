import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ManagedProcess, startManaged, waitFor } from './managed-process.ts';

const BUS_START_TIMEOUT_MS = 5_000;

/** A dbus-daemon of our own that allows everything, on a socket in `folder`. */
export class PrivateBus {
  readonly address: string;
  readonly #configFile: string;
  readonly #env: Readonly<Record<string, string>>;
  #daemon: ManagedProcess;

  private constructor(
    address: string,
    configFile: string,
    env: Readonly<Record<string, string>>,
    daemon: ManagedProcess,
  ) {
    this.address = address;
    this.#configFile = configFile;
    this.#env = env;
    this.#daemon = daemon;
  }

  static async start(
    kind: 'system' | 'session',
    folder: string,
    env: Readonly<Record<string, string>>,
  ): Promise<PrivateBus> {
    const socket = join(folder, `${kind}-bus`);
    const configFile = join(folder, `${kind}-bus.conf`);
    await writeFile(configFile, busConfig(kind, socket));
    return new PrivateBus(`unix:path=${socket}`, configFile, env, await startDaemon(configFile, env));
  }

  /** Ends the daemon at once, as a crash would: every client loses its connection. */
  async crash(): Promise<void> {
    this.#daemon.kill('SIGKILL');
    await this.#daemon.ended;
  }

  /** Starts it again at the same address after `crash()`. */
  async startAgain(): Promise<void> {
    this.#daemon = await startDaemon(this.#configFile, this.#env);
  }

  async stop(): Promise<void> {
    await this.#daemon.stop();
  }
}

async function startDaemon(configFile: string, env: Readonly<Record<string, string>>): Promise<ManagedProcess> {
  const daemon = await startManaged(
    ['dbus-daemon', `--config-file=${configFile}`, '--nofork', '--nopidfile', '--nosyslog', '--print-address=1'],
    env,
  );
  await waitFor(
    'the private D-Bus daemon',
    () => {
      if (!daemon.alive) throw new Error(`dbus-daemon ended: ${daemon.output}`);
      return daemon.stdout.includes('\n');
    },
    BUS_START_TIMEOUT_MS,
  );
  return daemon;
}

function busConfig(kind: 'system' | 'session', socket: string): string {
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>${kind}</type>
  <listen>unix:path=${socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
  </policy>
</busconfig>
`;
}
