import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { copyRecord } from '../../main/audit/copy-record.ts';
import { verifyRecord } from '../../main/audit/verify-record.ts';
import { recordFile } from '../../main/settings/places.ts';
import type { GuardedDesktop } from '../../tests/e2e/driver/guarded-desktop.ts';
import { SOON_MS } from '../../tests/e2e/driver/patience.ts';
import type { Timeline } from './timeline.ts';

/** Thrown when the product did not do what the story tells. */
class StoryBroken extends Error {
  override readonly name = 'StoryBroken';
}

/** @throws StoryBroken with the sentence */
export function must(condition: boolean, sentence: string): void {
  if (!condition) throw new StoryBroken(sentence);
}

/** Every state the app names in its log, as it names it. */
export function followStates(guarded: GuardedDesktop, timeline: Timeline): void {
  const told = (line: { readonly state?: string | undefined; readonly cause?: string | undefined }): void => {
    if (line.state !== undefined) timeline.state(line.state, line.cause);
  };
  for (const line of guarded.app.lines) told(line);
  guarded.app.onLine(told);
}

/** The password is typed: the real locker ends, and the desktop is covered at once. */
export async function measureUnlock(guarded: GuardedDesktop, timeline: Timeline): Promise<void> {
  const { app } = guarded;
  timeline.say('unlocking', 'The person unlocks the desktop with the password');
  const from = app.mark;
  const unlockedAt = await guarded.unlockByHand();
  must(!(await guarded.lockerRuns()), 'the locker still runs');
  const { index } = await app.until((line) => line.step === 'os.unlocked', 'the unlock is observed', SOON_MS, from);
  const painted = await app.until((line) => line.msg === 'curtain painted', 'the curtain is painted', SOON_MS, index);
  must(await guarded.covered(), 'the desktop is not covered after the unlock');
  timeline.measured('unlockToCurtainMs', painted.time - unlockedAt);
}

export async function leaveRecord(guarded: GuardedDesktop, timeline: Timeline, file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await copyRecord(recordFile(guarded.userData), file);
  const { ok, entries, last, broken } = await verifyRecord(file);
  timeline.say('audit', `The record is in ${file}: ${entries} entries`, { file, ok, entries, lastHash: last?.hash });
  must(ok, `the record does not verify: ${broken?.sentence ?? ''}`);
}
