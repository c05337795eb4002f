import { afterAll, describe, expect, it } from 'vitest';
import { createOsAdapter } from '../../main/os/create-os-adapter.ts';
import { procTable } from '../../main/os/linux/process-table.ts';
import { describeLockAdapter, type LockWorld, type NotHere, type RequestTaken } from '../os/lock-adapter-contract.ts';
import { busClients } from './desktop/bus-clients.ts';
import { startDesktop } from './desktop/desktop.ts';
import { LogindDouble } from './desktop/logind-double.ts';
import { startManaged, waitFor } from './desktop/managed-process.ts';
import { obedientProgram } from './desktop/obedient-program.ts';
import { PrivateBus } from './desktop/private-bus.ts';
import { type PrivateSway, startSway } from './desktop/sway.ts';
import { swaylockDouble } from './desktop/swaylock-double.ts';
import { requireTools } from './desktop/tools.ts';
import { HeardSignals } from './heard-signals.ts';

const GONE_MS = 5_000;
const RUNG = 'command: swaylock -f -c 101010';
const LOCK_COMMAND = ['swaylock', '-f', '-c', '101010'] as const;

const NO_BUS: NotHere = {
  away: 'no service reports it: the process itself is the evidence',
  forged: 'no bus is involved',
};

interface Wiring {
  readonly env: Readonly<Record<string, string>>;
  readonly display: string;
  obey(how: RequestTaken): Promise<void>;
  lockAsSomebodyElse(env: Readonly<Record<string, string>>): Promise<void>;
  tidy(): Promise<void>;
}

/** A session whose logind honours nothing, on which only a locker of its own can lock. */
async function startWorld(wire: (folder: string, path: string) => Promise<Wiring>): Promise<LockWorld> {
  const place = await startDesktop({ parts: [] });
  const bus = await PrivateBus.start('system', place.folder, place.env);
  const logind = new LogindDouble(bus.address);
  await logind.start();
  const { PATH } = place.env;
  const wiring = await wire(place.folder, PATH ?? '');
  const env = { ...place.env, ...wiring.env, DBUS_SYSTEM_BUS_ADDRESS: bus.address };
  const adapter = createOsAdapter('linux', { env, sessionId: 'c1', lockCommand: LOCK_COMMAND });
  const signalLockers = async (signal: NodeJS.Signals): Promise<void> => {
    for (const id of await swaylocks(wiring.display)) process.kill(id, signal);
    await waitFor('swaylock to end', async () => (await swaylocks(wiring.display)).length === 0, GONE_MS);
  };
  return {
    adapter,
    rung: adapter.ladder.rungs.indexOf(RUNG),
    takeRequests: wiring.obey,
    lockFromOutside: () => wiring.lockAsSomebodyElse(env),
    unlockFromOutside: () => signalLockers('SIGUSR1'),
    held: () => busClients(bus.address),
    stop: async () => {
      await wiring.tidy();
      await signalLockers('SIGKILL');
      await logind.stop();
      await bus.stop();
      await place.stop();
    },
  };
}

/** Every swaylock on this display whose parent is none: it forks a helper that checks passwords and ends with it. */
async function swaylocks(display: string): Promise<readonly number[]> {
  const found = new Map<number, number>();
  for (const id of await procTable.ids()) {
    const facts = await procTable.facts(id);
    if (!facts?.alive || facts.name !== 'swaylock') continue;
    if ((await procTable.environment(id, 'WAYLAND_DISPLAY')) === display) found.set(id, facts.parentId);
  }
  return [...found].filter(([, parentId]) => !found.has(parentId)).map(([id]) => id);
}

describe.skipIf(requireTools(['logind', 'wayland']))('locking on Wayland', () => {
  let shared: Promise<PrivateSway> | null = null;
  let doubles = 0;
  afterAll(async () => await (await shared)?.stop());

  describeLockAdapter(
    'the installed swaylock on a real sway',
    () =>
      startWorld(async (folder, path) => {
        shared ??= startSway();
        const sway = await shared;
        const program = await obedientProgram(folder, 'swaylock');
        return {
          env: { ...sway.env, PATH: `${program.folder}:${path}` },
          display: sway.env['WAYLAND_DISPLAY'] ?? '',
          obey: program.obey,
          lockAsSomebodyElse: async (env) => void (await startManaged(['swaylock'], env)),
          tidy: async () => {
            await program.obey('normally');
            await program.endPretenders();
          },
        };
      }),
    NO_BUS,
  );

  const startDouble = (): Promise<LockWorld> =>
    startWorld(async (folder, path) => {
      const double = await swaylockDouble(folder);
      doubles += 1;
      const display = `presence-locker-double-${process.pid}-${doubles}`;
      return {
        env: { WAYLAND_DISPLAY: display, XDG_SESSION_TYPE: 'wayland', PATH: `${double.folder}:${path}` },
        display,
        obey: double.obey,
        lockAsSomebodyElse: async (env) => void (await startManaged(['swaylock', '-R', '3'], env, { extraPipes: 1 })),
        tidy: () => double.obey('normally'),
      };
    });
  describeLockAdapter('swaylock as our child that announces itself', startDouble, NO_BUS);

  it('swaylock that runs, but never says that nothing can be seen, is not a lock however long it runs', async () => {
    const world = await startDouble();
    const heard = new HeardSignals();
    expect(await world.adapter.watch.start(heard.listen)).toBe('unlocked');
    heard.clear();
    await world.takeRequests('never');
    await world.adapter.ladder.requestLock(world.rung);
    // Two whole searches for lockers go by while it runs under its own name; a lock by somebody else is the mark that they did.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(heard.all).toEqual([]);
    await world.adapter.watch.stop();
    await world.stop();
  });
});
