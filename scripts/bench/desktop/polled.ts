import { GuardedDesktop } from '../../../tests/e2e/driver/guarded-desktop.ts';
import { SOON_MS } from '../../../tests/e2e/driver/patience.ts';
import { runToEnd } from '../../../tests/system/desktop/managed-process.ts';
import type { Extent, Group } from '../groups.ts';
import { type Figure, figureOf } from '../result.ts';
import { oneRound, type Round, type Service } from './round.ts';
import { lackingForDesktop } from './tools.ts';

const ROUNDS = 30;
const QUICK_ROUNDS = 2;
const SCREEN = { width: 1440, height: 900 };
/** The screen as two monitors beside each other: name, size in pixels and millimetres, and the output, which the first one takes over. */
const TWO_MONITORS = [
  ['LEFT', '720/200x900/250+0+0', 'screen'],
  ['RIGHT', '720/200x900/250+720+0', 'none'],
] as const;
/** A phone approves, and a session is closed, at any moment of the interval in which the gateway asks the service. */
const URGENT_POLL_INTERVAL_MS = 1_000;
const POLL_INTERVAL_MS = 5_000;

/** The whole product on a real desktop with its own trial as the service, which is only polled. */
export const POLLED: Group = {
  name: 'desktop',
  lacks: lackingForDesktop,
  async run(extent) {
    const one = await roundsWith(1, extent);
    const two = await roundsWith(2, extent);
    return [
      unlockFigure('one display', 'unlock-to-curtain.1', one),
      unlockFigure('two displays', 'unlock-to-curtain.2', two),
      ...polledFigures([...one, ...two]),
    ];
  },
};

async function roundsWith(displays: 1 | 2, { quick, say }: Extent): Promise<readonly Round[]> {
  const count = quick ? QUICK_ROUNDS : ROUNDS;
  say(`${count} rounds on a desktop of ${displays === 1 ? 'one display' : 'two displays'}`);
  const guarded = await GuardedDesktop.start({ maxStartsPerHour: 120 }, SCREEN);
  try {
    if (displays === 2) {
      for (const monitor of TWO_MONITORS) {
        await runToEnd(['xrandr', '--setmonitor', ...monitor], guarded.desktop.env, { timeoutMs: SOON_MS });
      }
    }
    await guarded.enrollTrial();
    await guarded.app.untilState('verifying', SOON_MS);
    await guarded.display.untilCurtains(
      (curtains) => curtains.length === displays && curtains.every(({ viewable }) => viewable),
    );
    await guarded.approve();
    await guarded.lockByHand();
    const service: Service = {
      approve: () => guarded.phone.actOnceAsked('approve', SOON_MS),
      close: () => guarded.phone.act('close'),
    };
    const rounds: Round[] = [];
    while (rounds.length < count) {
      const approvalMs = Math.random() * URGENT_POLL_INTERVAL_MS;
      const presentMs = Math.random() * POLL_INTERVAL_MS;
      rounds.push(await oneRound(guarded, service, displays, { approvalMs, presentMs }));
    }
    return rounds;
  } finally {
    await guarded.stop();
  }
}

function unlockFigure(on: string, name: string, rounds: readonly Round[]): Figure {
  return figureOf({
    name,
    title: `OS unlock → curtain painted, ${on}`,
    unit: 'ms',
    values: rounds.map(({ unlockToPaintedMs }) => unlockToPaintedMs),
  });
}

function polledFigures(rounds: readonly Round[]): readonly Figure[] {
  return [
    figureOf({
      name: 'approval-to-curtain-gone.poll',
      title: 'approval at the service → curtain gone, polled every 1 s',
      unit: 'ms',
      values: rounds.map(({ approvalToGoneMs }) => approvalToGoneMs),
    }),
    figureOf({
      name: 'closed-to-lock-requested.poll',
      title: 'closed at the service → lock requested, polled every 5 s',
      unit: 'ms',
      values: rounds.map(({ closedToRequestedMs }) => closedToRequestedMs),
    }),
    figureOf({
      name: 'closed-to-lock-observed.poll',
      title: 'closed at the service → lock observed, polled every 5 s',
      unit: 'ms',
      values: rounds.map(({ closedToLockedMs }) => closedToLockedMs),
    }),
  ];
}
