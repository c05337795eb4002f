import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { GuardedDesktop } from './driver/guarded-desktop.ts';
import { SOON_MS } from './driver/patience.ts';

interface OneDesktop {
  start(): Promise<GuardedDesktop>;
  /** After the start; default: as a trial. */
  enroll?(guarded: GuardedDesktop): Promise<void>;
}

/**
 * One desktop for all tests of the suite that calls this; each begins with the person present. Of a test that fails, what the app wrote is
 * told. Vitest ends what was begun last first: an `afterAll` before this call runs after the desktop's end, one after it before.
 */
export function presentBeforeEach({ start, enroll = (guarded) => guarded.enrollTrial() }: OneDesktop): void {
  let started: GuardedDesktop | undefined;
  beforeAll(async () => {
    const guarded = await start();
    started = guarded;
    await enroll(guarded);
    await guarded.app.untilState('verifying', SOON_MS);
  });
  afterAll(() => started?.stop());
  beforeEach(() => started?.toPresent());
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') console.error(started?.app.tail());
  });
}

/** Everything the core has asked for since the line `from` of the app's output, in order. */
export function effectsSince({ app }: GuardedDesktop, from: number): readonly string[] {
  return app.lines.slice(from).flatMap(({ effects }) => effects ?? []);
}

/** Asked, and not answered yet. */
export async function toVerifying(guarded: GuardedDesktop): Promise<void> {
  await guarded.lockByHand();
  await guarded.unlockByHand();
  await guarded.untilCovered(true);
}
