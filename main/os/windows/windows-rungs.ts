import { LockRungFailed } from '../../core/ports.ts';
import type { LockRung } from '../ladder-of-rungs.ts';
import type { NativeCalls } from '../native-calls.ts';
import type { CommandRunner } from '../run-command.ts';

/** First choice first. Both are requests: LockWorkStation returns before anything is locked (OS-NOTES). */
export function windowsLockRungs(native: NativeCalls, runner: CommandRunner): readonly LockRung[] {
  const user32 = 'user32 LockWorkStation';
  const rundll = 'rundll32 user32.dll,LockWorkStation';
  return [
    {
      name: user32,
      request: async () => {
        // Refused on any desktop but the interactive one, e.g. from a service or over SSH.
        if (!(await native.lockWorkStation())) throw new LockRungFailed(user32, 'Windows refused the request');
      },
    },
    {
      name: rundll,
      request: async () => {
        const { code } = await runner.run(['rundll32.exe', 'user32.dll,LockWorkStation']);
        if (code !== 0) throw new LockRungFailed(rundll, `ended with ${code}`);
      },
    },
  ];
}
