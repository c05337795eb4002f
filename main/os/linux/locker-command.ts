import { basename } from 'node:path';
import { READY_DESCRIPTOR } from '../run-command.ts';
import { DEFAULT_LOCKER_NAMES } from './locker-process-source.ts';

/**
 * `holds`: runs for as long as the screen is locked. `returns`: asks for a lock and ends.
 * `announces`: holds, and says on a descriptor when nothing can be seen any more, where it is new enough for that.
 */
export interface LockerCommand {
  readonly argv: readonly string[];
  readonly kind: 'holds' | 'returns' | 'announces';
}

/** Lockers that put themselves in the background unless told not to, or only when told to. */
const STAYS_WITH: Readonly<Record<string, readonly string[]>> = {
  i3lock: ['-n', '--nofork'],
  'i3lock-color': ['-n', '--nofork'],
};
const FORKS_WITH: Readonly<Record<string, readonly string[]>> = {
  waylock: ['-fork-on-lock'],
  gtklock: ['-d', '--daemonize'],
};
const SWAYLOCK_FORKS_WITH: readonly string[] = ['-f', '--daemonize'];
/** What `swaylock --help` lists from version 1.8 on. */
export const SWAYLOCK_READY_OPTION = '--ready-fd';

/** Tells from the command line whether a locker stays in the foreground; unknown programs are taken to return. */
export function lockerCommandOf(argv: readonly string[]): LockerCommand {
  const [program = '', ...options] = argv;
  const name = basename(program);
  if (name === 'swaylock') return { argv, kind: 'announces' };
  const stays = STAYS_WITH[name];
  const forks = FORKS_WITH[name];
  if (stays !== undefined)
    return { argv, kind: options.some((option) => stays.includes(option)) ? 'holds' : 'returns' };
  if (forks !== undefined)
    return { argv, kind: options.some((option) => forks.includes(option)) ? 'returns' : 'holds' };
  return { argv, kind: DEFAULT_LOCKER_NAMES.includes(name) ? 'holds' : 'returns' };
}

/** In the foreground, so that its end is seen as that of our child, and with the descriptor to announce itself on. */
export const announcingSwaylock = (argv: readonly string[]): readonly string[] => [
  ...argv.filter((option) => !SWAYLOCK_FORKS_WITH.includes(option)),
  '-R',
  String(READY_DESCRIPTOR),
];

/** For a swaylock without `-R`: it goes to the background, and its parent ends with 0, once the screen is covered. */
export const forkingSwaylock = (argv: readonly string[]): readonly string[] =>
  argv.some((option) => SWAYLOCK_FORKS_WITH.includes(option)) ? argv : [...argv, '-f'];
