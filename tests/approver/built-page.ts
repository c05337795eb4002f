import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BUILD_TIMEOUT_MS = 60_000;

/** The page as it is shipped, in a folder of its own: built by the command that setup runs, without what the test runner sets (NODE_ENV). */
export async function buildApproverPage(): Promise<{ readonly folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'presence-locker-approver-'));
  const { NODE_ENV: _, ...env } = process.env;
  const args = ['build', '--config', 'approver.vite.config.ts', '--outDir', folder, '--emptyOutDir'];
  await promisify(execFile)(process.execPath, [path.join(ROOT, 'node_modules/vite/bin/vite.js'), ...args], {
    cwd: ROOT,
    env,
    timeout: BUILD_TIMEOUT_MS,
  });
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
