import { LockRungFailed } from '../../core/ports.ts';
import type { LockRung } from '../ladder-of-rungs.ts';
import type { NativeCalls } from '../native-calls.ts';
import type { CommandRunner } from '../run-command.ts';

/** What `sysadminctl -screenLock status` says when waking the display asks for the password at once. */
export function asksForPasswordImmediately(sysadminctlOutput: string): boolean {
  return /screenLock delay is immediate/i.test(sysadminctlOutput);
}

/** First choice first (OS-NOTES, macOS). */
export function macosLockRungs(native: NativeCalls, runner: CommandRunner): readonly LockRung[] {
  const sac = 'login.framework SACLockScreenImmediate';
  const pmset = 'pmset displaysleepnow';
  return [
    {
      name: sac,
      request: async () => {
        const status = await native.sacLockScreenImmediate().catch((error: unknown) => {
          throw new LockRungFailed(sac, error instanceof Error ? error.message : 'not available', { cause: error });
        });
        if (status !== 0) throw new LockRungFailed(sac, `macOS answered ${status}`);
      },
    },
    {
      name: pmset,
      request: async () => {
        // A dark screen that needs no password is no lock: saying "requested" would only delay the alarm.
        const status = await runner.run(['sysadminctl', '-screenLock', 'status']);
        if (!asksForPasswordImmediately(status.output)) {
          throw new LockRungFailed(pmset, 'the password is not required immediately after the display sleeps');
        }
        const { code } = await runner.run(['pmset', 'displaysleepnow']);
        if (code !== 0) throw new LockRungFailed(pmset, `ended with ${code}`);
      },
    },
  ];
}
