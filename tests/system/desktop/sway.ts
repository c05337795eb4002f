import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { baseEnvironment, startManaged, waitFor } from './managed-process.ts';

const START_TIMEOUT_MS = 10_000;
/** Debian's `nobody`. sway refuses to run as root. */
const NOBODY = 65_534;
/** The first name that sway takes in an empty folder. */
const DISPLAY_NAME = 'wayland-1';

export interface PrivateSway {
  /** WAYLAND_DISPLAY, XDG_RUNTIME_DIR and XDG_SESSION_TYPE for whatever is to show on it. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** A sway with one output that nobody sees, drawn by the processor. */
export async function startSway(): Promise<PrivateSway> {
  const folder = await mkdtemp(join(tmpdir(), 'presence-locker-sway-'));
  const runtime = join(folder, 'run');
  const config = join(folder, 'config');
  await chmod(folder, 0o755);
  await mkdir(runtime, { mode: 0o700 });
  await writeFile(config, 'xwayland disable\noutput * bg #224466 solid_color\n');
  const asRoot = process.getuid?.() === 0;
  if (asRoot) await chown(runtime, NOBODY, NOBODY);
  const dropRoot = asRoot ? ['--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups'] : ['--'];
  const sway = await startManaged(['setpriv', ...dropRoot, 'sway', '-c', config], {
    ...baseEnvironment(folder),
    XDG_RUNTIME_DIR: runtime,
    WLR_BACKENDS: 'headless',
    WLR_RENDERER: 'pixman',
    WLR_LIBINPUT_NO_DEVICES: '1',
  });
  const stop = async (): Promise<void> => {
    await sway.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await waitFor(
      'sway',
      () => {
        if (!sway.alive) throw new Error(`sway ended: ${sway.output}`);
        return existsSync(join(runtime, DISPLAY_NAME));
      },
      START_TIMEOUT_MS,
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    env: { WAYLAND_DISPLAY: DISPLAY_NAME, XDG_RUNTIME_DIR: runtime, XDG_SESSION_TYPE: 'wayland' },
    stop,
  };
}
