import * as fc from 'fast-check';
import type { OsSignal } from '../../../main/core/ports.ts';
import { ScreenSaverSource } from '../../../main/os/linux/desktop-screensaver.ts';
import { namedScreenSaver } from '../../../main/os/linux/desktops.ts';
import { LogindSource } from '../../../main/os/linux/logind-source.ts';
import { mutterIdleProbe } from '../../../main/os/linux/mutter-idle-probe.ts';
import {
  findOwnSession,
  LOGIND,
  LOGIND_MANAGER,
  LOGIND_PATH,
  LOGIND_SESSION,
  PROPERTIES,
} from '../../../main/os/linux/own-session.ts';
import { FakeBus } from '../../os/fake-bus.ts';
import { mutatedValue, type Recipe, recipes } from '../mutation.ts';
import { type FuzzTarget, FuzzViolation } from '../target.ts';
import { watchedGuard } from '../watched-guard.ts';

const SESSION_PATH = '/org/freedesktop/login1/session/c1';
const USER_ID = 1_000;
const SAVER = 'org.cinnamon.ScreenSaver';

interface Bus {
  /** What every method answers, in the order of METHODS; null: as it should be. */
  readonly answers: readonly (Recipe | null)[];
  readonly signals: readonly { readonly which: number; readonly body: Recipe }[];
}

const METHODS: readonly (readonly [string, readonly unknown[]])[] = [
  [`${LOGIND_MANAGER}.GetSessionByPID`, [SESSION_PATH]],
  [`${LOGIND_MANAGER}.GetSession`, [SESSION_PATH]],
  [
    `${PROPERTIES}.GetAll`,
    [{ Id: 'c1', Type: 'x11', Class: 'user', User: [USER_ID, '/org/freedesktop/login1/user/_1000'] }],
  ],
  [`${PROPERTIES}.Get`, [false]],
  [`${SAVER}.GetActive`, [false]],
  ['org.gnome.Mutter.IdleMonitor.GetIdletime', [5_000]],
];
const SIGNALS: readonly (readonly [string, string, string, readonly unknown[]])[] = [
  [SESSION_PATH, PROPERTIES, 'PropertiesChanged', [LOGIND_SESSION, { LockedHint: true, IdleHint: false }, []]],
  [SESSION_PATH, PROPERTIES, 'PropertiesChanged', [LOGIND_SESSION, { LockedHint: false }, ['LockedHint']]],
  [SESSION_PATH, LOGIND_SESSION, 'Unlock', []],
  [SESSION_PATH, LOGIND_SESSION, 'Lock', []],
  [LOGIND_PATH, LOGIND_MANAGER, 'PrepareForSleep', [true]],
  [LOGIND_PATH, LOGIND_MANAGER, 'PrepareForSleep', [false]],
  ['/org/cinnamon/ScreenSaver', SAVER, 'ActiveChanged', [true]],
  ['/org/cinnamon/ScreenSaver', SAVER, 'ActiveChanged', [false]],
];

const buses: fc.Arbitrary<Bus> = fc.record({
  answers: fc.array(fc.option(recipes, { freq: 3 }), { minLength: METHODS.length, maxLength: METHODS.length }),
  signals: fc.array(fc.record({ which: fc.nat(), body: recipes }), { maxLength: 6 }),
});

/** logind and the desktop, saying anything: the sources of lock news, joined to the rules. */
export function busAnswersTarget(): FuzzTarget<Bus> {
  return { name: 'bus-answers', inputs: buses, open: async () => ({ feed: heard, close: async () => undefined }) };
}

async function heard(input: Bus): Promise<string> {
  const bus = new FakeBus();
  METHODS.forEach(([method, answer], index) => {
    const recipe = input.answers[index] ?? null;
    bus.answer(method, () => listOf(recipe === null ? answer : bodyOf(recipe, answer)));
  });
  const watched = watchedGuard({ policy: { unlockOnApproval: 'session' } });
  const signals: string[] = [];
  const report = (signal: OsSignal): void => {
    signals.push(signal.type);
    watched.tell(signal);
  };
  const saver = namedScreenSaver({ XDG_CURRENT_DESKTOP: 'X-Cinnamon' });
  if (saver === null) throw new TypeError('no screen saver');
  const listeners = {
    onLockOrUnlockRequested: () => undefined,
    onIdleHintCleared: () => watched.tell({ type: 'os.activity' }),
  };
  const findSession = () => findOwnSession(bus, { processId: 1, userId: USER_ID });
  const sources = [
    new LogindSource({ bus, findSession, listeners }),
    new ScreenSaverSource(bus, saver, { expected: true }),
  ];
  let refused = 0;
  for (const source of sources) {
    await source.start(report).catch((fault: unknown) => {
      if (!(fault instanceof Error)) throw new FuzzViolation('thrown without an Error');
      refused += 1;
    });
  }
  const idleMs = await mutterIdleProbe(bus)();
  if (idleMs !== null && typeof idleMs !== 'number') throw new FuzzViolation('an idle time that is no number');
  for (const { which, body } of input.signals) {
    const [path, at, member, example] = SIGNALS[which % SIGNALS.length] ?? SIGNALS[0] ?? ['', '', '', []];
    bus.emit(path, at, member, listOf(bodyOf(body, example)));
    if (which % 7 === 0) bus.serviceBack(LOGIND);
    await Promise.resolve();
  }
  for (const source of sources) await source.stop();
  watched.mustBeShut('by what the bus said');
  return signals.length > 0 ? 'accepted' : refused > 0 ? 'refused' : 'nothing heard';
}

const bodyOf = (recipe: Recipe, example: readonly unknown[]): unknown =>
  recipe.noise ?? mutatedValue(example, recipe.ofValue);

/** The library hands a body over as a list, whatever is in it. */
const listOf = (body: unknown): readonly unknown[] => (Array.isArray(body) ? body : [body]);
