import { type ManagedProcess, runToEnd, startManaged, waitFor } from './managed-process.ts';

const COMMAND_TIMEOUT_MS = 5_000;
const START_TIMEOUT_MS = 5_000;

/** A computer of its own as far as the network goes; the same file system and processes. */
export interface NetworkPlace {
  /** IPv4. */
  readonly address: string;
  /** Put before a command line, it runs there; the process keeps its id. */
  readonly enter: readonly [string, ...string[]];
}

const PLACES = ['workstation', 'gateway', 'service'] as const;
type PlaceName = (typeof PLACES)[number];

/**
 * Three computers on one switch, each a network namespace of its own; nothing of the machine's own network is touched. Pulling a plug at the
 * switch leaves the computer's own link up and its routes standing: packets vanish without an error, as behind a dead access point.
 */
export class NetworkLab {
  readonly places: Readonly<Record<PlaceName, NetworkPlace>>;
  readonly #holders: readonly ManagedProcess[];
  readonly #inSwitch: readonly string[];
  readonly #env: Readonly<Record<string, string>>;

  private constructor(
    places: Readonly<Record<PlaceName, NetworkPlace>>,
    holders: readonly ManagedProcess[],
    inSwitch: readonly string[],
    env: Readonly<Record<string, string>>,
  ) {
    this.places = places;
    this.#holders = holders;
    this.#inSwitch = inSwitch;
    this.#env = env;
  }

  /** The namespaces live as long as what runs in them: `stop`, or the end of this process, takes everything away. */
  static async start(env: Readonly<Record<string, string>>): Promise<NetworkLab> {
    const holders: ManagedProcess[] = [];
    try {
      for (const _ of ['switch', ...PLACES]) holders.push(await startHolder(env));
      const [hub, ...others] = holders;
      if (hub === undefined) throw new Error('no switch');
      const inSwitch = entering(hub);
      const run = (inside: readonly string[], ...command: readonly string[]) => runIn(env, inside, command);
      await run(inSwitch, 'ip', 'link', 'add', 'switch0', 'type', 'bridge');
      await run(inSwitch, 'ip', 'link', 'set', 'switch0', 'up');
      const made = await Promise.all(
        others.map(async (holder, index) => {
          const name = PLACES[index] ?? '';
          const number = index + 1;
          const inside = entering(holder);
          const port = `to-${name}`;
          const pair = ['type', 'veth', 'peer', 'name', 'eth0', 'address', macOf(number)];
          await run(inSwitch, 'ip', 'link', 'add', port, ...pair, 'netns', String(holder.processId));
          await run(inSwitch, 'ip', 'link', 'set', port, 'master', 'switch0', 'up');
          await run(inside, 'ip', 'link', 'set', 'lo', 'up');
          await run(inside, 'ip', 'addr', 'add', `${addressOf(number)}/24`, 'dev', 'eth0');
          await run(inside, 'ip', 'link', 'set', 'eth0', 'up');
          for (const [neighbour] of PLACES.entries()) {
            if (neighbour === index) continue;
            // Known for good, as behind a router: otherwise the kernel would notice that a neighbour is gone, and say so.
            const to = [addressOf(neighbour + 1), 'lladdr', macOf(neighbour + 1), 'dev', 'eth0', 'nud', 'permanent'];
            await run(inside, 'ip', 'neigh', 'replace', ...to);
          }
          return { address: addressOf(number), enter: inside };
        }),
      );
      const [workstation, gateway, service] = made;
      if (workstation === undefined || gateway === undefined || service === undefined) throw new Error('no places');
      return new NetworkLab({ workstation, gateway, service }, holders, inSwitch, env);
    } catch (error) {
      await Promise.all(holders.map((holder) => holder.stop()));
      throw error;
    }
  }

  /** Its packets vanish, and those to it, without a word to anybody. */
  async cut(place: PlaceName): Promise<void> {
    await runIn(this.#env, this.#inSwitch, ['ip', 'link', 'set', `to-${place}`, 'nomaster']);
  }

  async mend(place: PlaceName): Promise<void> {
    await runIn(this.#env, this.#inSwitch, ['ip', 'link', 'set', `to-${place}`, 'master', 'switch0']);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#holders.map((holder) => holder.stop()));
  }
}

const addressOf = (number: number): string => `10.83.0.${number}`;
const macOf = (number: number): string => `02:00:00:00:83:0${number}`;

const entering = (holder: ManagedProcess): readonly [string, ...string[]] => [
  'nsenter',
  `--net=/proc/${holder.processId}/ns/net`,
  '--',
];

async function startHolder(env: Readonly<Record<string, string>>): Promise<ManagedProcess> {
  // It says a line once it is in its namespace, and then waits for a standard input that never comes.
  const holder = await startManaged(['unshare', '--net', 'sh', '-c', 'echo here; exec cat'], env);
  await waitFor('a network namespace', () => holder.stdout.includes('here'), START_TIMEOUT_MS);
  return holder;
}

async function runIn(
  env: Readonly<Record<string, string>>,
  inside: readonly string[],
  command: readonly string[],
): Promise<void> {
  const [program = '', ...rest] = [...inside, ...command];
  await runToEnd([program, ...rest], env, { timeoutMs: COMMAND_TIMEOUT_MS });
}
