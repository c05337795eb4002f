import type { AppHost } from './app-control.ts';
import { CHROMIUM_HOST } from './on-chromium-host.ts';
import { electronHost } from './on-electron.ts';

/** What the app runs on here: Electron where `npm run test:electron` names its executable (scripts/test-electron.ts), else the stand-in. */
export function chosenHost(env: Readonly<Record<string, string | undefined>>): AppHost {
  const executable = env['PRESENCE_LOCKER_E2E_ELECTRON'];
  return executable === undefined ? CHROMIUM_HOST : electronHost(executable);
}
