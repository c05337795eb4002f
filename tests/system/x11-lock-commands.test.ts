import { afterAll, describe, expect, it } from 'vitest';
import { createOsAdapter } from '../../main/os/create-os-adapter.ts';
import { procTable } from '../../main/os/linux/process-table.ts';
import { describeLockAdapter, type LockWorld, type NotHere } from '../os/lock-adapter-contract.ts';
import { type Desktop, startDesktop } from './desktop/desktop.ts';
import { runToEnd, startManaged, waitFor } from './desktop/managed-process.ts';
import { obedientProgram } from './desktop/obedient-program.ts';
import { requireTools } from './desktop/tools.ts';
import { HeardSignals } from './heard-signals.ts';

const GONE_MS = 5_000;
const HINT_MS = 2_000;

const REAL_PARTS: NotHere = {
  away: 'shown with a real logind in logind.test.ts',
  forged: 'shown with a real logind in logind.test.ts',
};

describe.skipIf(requireTools(['logind', 'x-server', 'locker']))('locking on X11 with real parts', () => {
  /** One desktop for all: a logind and an X server take seconds to start. */
  let shared: Promise<Desktop> | null = null;
  const desktop = async (): Promise<Desktop> => {
    shared ??= startDesktop({ parts: ['x-server', 'logind', 'locker'] });
    return await shared;
  };
  afterAll(async () => await (await shared)?.stop());

  async function startWorld(lockCommand: readonly [string, ...string[]], rungName: string): Promise<LockWorld> {
    const { env, folder, logind, locker, x } = await desktop();
    const { PATH } = env;
    if (logind === null || locker === null || x === null)
      throw new Error('logind, a locker and an X server were asked for');
    const [name] = lockCommand;
    const program = await obedientProgram(folder, name);
    const path = `${program.folder}:${PATH}`;
    const adapter = createOsAdapter('linux', { env: { ...env, PATH: path }, lockCommand });
    const endLockers = async (): Promise<void> => {
      await program.endPretenders();
      for (const id of await lockers(x.display)) process.kill(id, 'SIGTERM');
      await waitFor('the lockers to end', async () => (await lockers(x.display)).length === 0, GONE_MS);
      // xss-lock sets and takes back its hint without waiting for either: seldom the last one to arrive is that it is locked.
      await waitFor('the hint to be taken back', async () => !(await logind.lockedHint()), HINT_MS).catch(() =>
        logind.setLockedHint(false),
      );
      // Otherwise the next activation would be none.
      await runToEnd(['xset', 's', 'reset'], env, { timeoutMs: GONE_MS });
    };
    return {
      adapter,
      rung: adapter.ladder.rungs.indexOf(rungName),
      takeRequests: program.obey,
      lockFromOutside: logind.lock,
      unlockFromOutside: endLockers,
      held: async () => (await logind.inhibitedBy('Presence Locker')).length,
      stop: async () => {
        await program.obey('normally');
        await endLockers();
      },
    };
  }

  describeLockAdapter('logind, xss-lock and i3lock', () => startWorld(['i3lock', '-n'], 'logind Session.Lock'), {
    ...REAL_PARTS,
    late: 'the request is answered by logind, whoever locks',
    never: 'logind answers; one that is away is shown in logind.test.ts',
    refused: 'logind refuses nobody their own session',
    'without locking': 'shown without a locker in logind.test.ts',
    'by dying': 'logind that dies is shown in logind.test.ts',
  });

  describeLockAdapter('i3lock as our child', () => startWorld(['i3lock', '-n'], 'command: i3lock -n'), REAL_PARTS);

  describeLockAdapter(
    'xset s activate, heard by xss-lock',
    () => startWorld(['xset', 's', 'activate'], 'command: xset s activate'),
    REAL_PARTS,
  );

  it('a hint that outlives its locker leaves no open desktop unguarded: the unlock is observed all the same', async () => {
    const { env, logind } = await desktop();
    if (logind === null) throw new Error('logind was asked for');
    const { adapter, stop } = await startWorld(['i3lock', '-n'], 'command: i3lock -n');
    const heard = new HeardSignals();
    expect(await adapter.watch.start(heard.listen)).toBe('unlocked');
    const locker = await startManaged(['i3lock', '-n'], env);
    expect((await heard.next('os.locked')).evidence).toContain('i3lock');
    await logind.setLockedHint(true);
    heard.clear();
    await locker.stop();
    await heard.next('os.unlocked');
    expect(await logind.lockedHint()).toBe(true);
    await adapter.watch.stop();
    await logind.setLockedHint(false);
    await stop();
  });

  it('xdg-screensaver, which knows no way to lock a bare X server, says so and fails its rung', async () => {
    const { adapter, rung, stop } = await startWorld(['xdg-screensaver', 'lock'], 'command: xdg-screensaver lock');
    await expect(adapter.ladder.requestLock(rung)).rejects.toMatchObject({
      name: 'LockRungFailed',
      message: expect.stringMatching(/^ended with [1-9]/),
    });
    await stop();
  });
});

/** Every i3lock on this display, whoever started it. */
async function lockers(display: string): Promise<readonly number[]> {
  const found: number[] = [];
  for (const id of await procTable.ids()) {
    const facts = await procTable.facts(id);
    if (!facts?.alive || facts.name !== 'i3lock') continue;
    if ((await procTable.environment(id, 'DISPLAY')) === display) found.push(id);
  }
  return found;
}
