import { GuardedDesktop } from '../../../tests/e2e/driver/guarded-desktop.ts';
import { SOON_MS } from '../../../tests/e2e/driver/patience.ts';
import type { Group } from '../groups.ts';
import { GuardWithoutWindows } from '../guard/guard-without-windows.ts';
import { type Figure, figureOf } from '../result.ts';
import { type UsePerSecond, watchUse } from '../sampling.ts';
import { lackingForDesktop } from './tools.ts';

const SECONDS = 60;
const QUICK_SECONDS = 3;
/** What the change to `present` set in motion has come to rest: the last collection of garbage, the pages' last frames. */
const SETTLE_SECONDS = 10;
const BYTES_PER_MEBIBYTE = 2 ** 20;
const AIM_PERCENT = 0.5;

/** The app in `present` while nothing happens but its own polling, and beside it the part of main that does the guarding, without windows. */
export const IDLE: Group = {
  name: 'idle',
  lacks: lackingForDesktop,
  async run({ quick, say }) {
    const seconds = quick ? QUICK_SECONDS : SECONDS;
    say(`${seconds} s of presence, twice`);
    const guarded = await GuardedDesktop.start();
    try {
      await guarded.enrollTrial();
      await guarded.app.untilState('verifying', SOON_MS);
      await guarded.approve();
      await guarded.untilCovered(false);
      await watchUse(guarded.app.processId, quick ? 1 : SETTLE_SECONDS);
      const app = await watchUse(guarded.app.processId, seconds);
      if (guarded.app.state !== 'present') throw new Error(`the app became ${guarded.app.state} while it was watched`);
      // On the same desktop, so that the same session is watched by the same means.
      const alone = await GuardWithoutWindows.start(guarded.desktop.env);
      try {
        await watchUse(alone.processId, quick ? 1 : SETTLE_SECONDS);
        const guard = await watchUse(alone.processId, seconds);
        await alone.stillPresent();
        return [...figuresOf('idle.guard', 'present, main without its windows', guard, true), ...appFigures(app)];
      } finally {
        await alone.stop();
      }
    } finally {
      await guarded.stop();
    }
  },
};

const appFigures = (app: UsePerSecond): readonly Figure[] =>
  figuresOf('idle.host', 'present, main on chromium-host', app, false);

function figuresOf(name: string, title: string, use: UsePerSecond, aimed: boolean): readonly Figure[] {
  const mean = use.cpuPercent.reduce((sum, value) => sum + value, 0) / use.cpuPercent.length;
  const mebibytes = (values: readonly number[]): readonly number[] => values.map((bytes) => bytes / BYTES_PER_MEBIBYTE);
  return [
    figureOf({
      name: `${name}.cpu`,
      title: `${title}: CPU over the whole time`,
      unit: '% of a core',
      values: [mean],
      ...(aimed ? { aim: { statistic: 'median', below: AIM_PERCENT } } : {}),
    }),
    figureOf({
      name: `${name}.cpu-seconds`,
      title: `${title}: CPU in each second`,
      unit: '% of a core',
      values: use.cpuPercent,
    }),
    figureOf({
      name: `${name}.wake-ups`,
      title: `${title}: wake-ups (voluntary context switches, all threads)`,
      unit: 'per second',
      values: use.wakeUps,
    }),
    figureOf({ name: `${name}.rss`, title: `${title}: resident memory`, unit: 'MiB', values: mebibytes(use.rssBytes) }),
    figureOf({
      name: `${name}.pss`,
      title: `${title}: proportional memory`,
      unit: 'MiB',
      values: mebibytes(use.pssBytes),
    }),
  ];
}
