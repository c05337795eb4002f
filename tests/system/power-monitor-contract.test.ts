import { createOsAdapter } from '../../main/os/create-os-adapter.ts';
import type { NativeCalls } from '../../main/os/native-calls.ts';
import { FakeCommandRunner } from '../os/fake-command-runner.ts';
import { FakePowerMonitor } from '../os/fake-power-monitor.ts';
import { describeLockAdapter, type LockWorld, type NotHere, type RequestTaken } from '../os/lock-adapter-contract.ts';

/** Until a system that locks late does, milliseconds. */
const LATE_MS = 800;

const NO_BUS: NotHere = {
  away: 'the system itself reports the lock; there is no service that could be away',
  forged: 'there is no bus on which others could speak',
};

/** Windows and macOS as far as they show themselves: system calls that lock, and a power monitor that tells of it. */
function startWorld(platform: 'win32' | 'darwin', rung: number): LockWorld {
  const power = new FakePowerMonitor();
  let taken: RequestTaken = 'normally';
  const show = (locked: boolean): void => {
    power.idleState = locked ? 'locked' : 'active';
    power.emit(locked ? 'lock-screen' : 'unlock-screen');
  };
  /** Both systems return before anything is locked (OS-NOTES). */
  const asked = async (): Promise<'accepted' | 'refused'> => {
    switch (taken) {
      case 'normally':
        setImmediate(() => show(true));
        return 'accepted';
      case 'late':
        setTimeout(() => show(true), LATE_MS);
        return 'accepted';
      case 'never':
        return await new Promise(() => undefined);
      case 'refused':
        return 'refused';
      case 'without locking':
        return 'accepted';
      case 'by dying':
        throw new Error('the system library could not be called');
    }
  };
  const nativeCalls: NativeCalls = {
    lockWorkStation: async () => (await asked()) === 'accepted',
    sacLockScreenImmediate: async () => ((await asked()) === 'accepted' ? 0 : -1),
    registerSessionNotification: async () => true,
  };
  const commandRunner = new FakeCommandRunner({
    'sysadminctl -screenLock status': { code: 0, output: 'screenLock delay is immediate' },
  });
  commandRunner.answerWith(async () => ({ code: (await asked()) === 'accepted' ? 0 : 1, output: '' }));
  return {
    adapter: createOsAdapter(platform, { env: {}, powerMonitor: power, nativeCalls, commandRunner }),
    rung,
    takeRequests: (how) => {
      taken = how;
    },
    lockFromOutside: () => show(true),
    unlockFromOutside: () => show(false),
    held: () => power.listenerCount,
    stop: () => undefined,
  };
}

describeLockAdapter('Windows, LockWorkStation', async () => startWorld('win32', 0), NO_BUS);
describeLockAdapter('Windows, rundll32', async () => startWorld('win32', 1), NO_BUS);
describeLockAdapter('macOS, SACLockScreenImmediate', async () => startWorld('darwin', 0), NO_BUS);
describeLockAdapter('macOS, pmset displaysleepnow', async () => startWorld('darwin', 1), NO_BUS);
