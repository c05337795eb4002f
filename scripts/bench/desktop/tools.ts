import { findProgram, missingTools } from '../../../tests/system/desktop/tools.ts';

/** What a real desktop needs and this machine lacks. */
export function lackingForDesktop(): readonly string[] {
  return [
    ...missingTools(['x-server', 'logind', 'locker', 'keychain']),
    ...(findProgram('/usr/bin/chromium') === null ? ['chromium (Debian package chromium)'] : []),
  ];
}
