import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { runToEnd } from '../../system/desktop/managed-process.ts';
import type { GuardedDesktop } from './guarded-desktop.ts';

const runFile = promisify(execFile);
const MAX_PICTURE_BYTES = 64 * 1024 * 1024;
const COMMAND_TIMEOUT_MS = 20_000;
/** A colour that nothing of the app, of a locker or of the tray has. */
const DESKTOP_COLOUR = '#ff00ff';
/** The same as X has it on a screen of 24 bits. */
export const DESKTOP_PIXEL = 0xff_00_ff;
/** Between two looks. */
const LOOK_AGAIN_MS = 50;

export interface Region {
  readonly width: number;
  readonly height: number;
  readonly x: number;
  readonly y: number;
}

/** Makes the desktop a glaring colour, so that every bit of it that shows can be counted. */
export async function paintDesktop({ desktop }: GuardedDesktop): Promise<void> {
  await runToEnd(['xsetroot', '-solid', DESKTOP_COLOUR], desktop.env, { timeoutMs: COMMAND_TIMEOUT_MS });
}

/** Share of a region, 0 to 1, in which the bare desktop shows. Windows of other programs do not count as bare. */
export async function bareShare({ desktop }: GuardedDesktop, region: Region): Promise<number> {
  const { width, height, x, y } = region;
  const picture = ['-window', 'root', '-crop', `${width}x${height}+${x}+${y}`, '-depth', '8', 'ppm:-'];
  const { stdout } = await runFile('import', picture, {
    env: { ...desktop.env },
    encoding: 'buffer',
    timeout: COMMAND_TIMEOUT_MS,
    maxBuffer: MAX_PICTURE_BYTES,
  });
  const pixels = stdout.subarray(stdout.length - width * height * 3);
  if (!stdout.subarray(0, 2).equals(Buffer.from('P6')) || pixels.length !== width * height * 3) {
    throw new Error('the picture of the screen is not what was asked for');
  }
  let bare = 0;
  for (let at = 0; at < pixels.length; at += 3) {
    if (pixels[at] === 0xff && pixels[at + 1] === 0 && pixels[at + 2] === 0xff) bare += 1;
  }
  return bare / (width * height);
}

/** Waits until nothing of the desktop shows in a region. @returns ms it took, counted from the call. @throws when it still shows after the limit. */
export async function untilNothingShows(guarded: GuardedDesktop, region: Region, limitMs: number): Promise<number> {
  const begun = performance.now();
  for (;;) {
    const at = performance.now() - begun;
    const share = await bareShare(guarded, region);
    if (share === 0) return at;
    if (at > limitMs)
      throw new Error(`${Math.round(share * 100)} % of the desktop still show after ${Math.round(at)} ms`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

/** Looks at a region again and again while something is done. @returns the largest share that was bare at any look. */
export async function mostBareWhile(
  guarded: GuardedDesktop,
  region: Region,
  doing: () => Promise<void>,
): Promise<{ readonly share: number; readonly looks: number }> {
  let share = 0;
  let looks = 0;
  let done = false;
  const looking = (async () => {
    while (!done) {
      share = Math.max(share, await bareShare(guarded, region));
      looks += 1;
    }
  })();
  try {
    await doing();
  } finally {
    done = true;
    await looking;
  }
  return { share, looks };
}
