import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { ROOT } from './run-steps.ts';

export type ElectronBinary =
  | { readonly kind: 'installed'; readonly version: string; readonly distribution: string; readonly executable: string }
  | { readonly kind: 'missing'; readonly version: string; readonly reason: string };

const PACKAGE = join(ROOT, 'node_modules/electron');
const FAILURE_RECORD = join(ROOT, '.setup/electron-unavailable.json');
/** One attempt to fetch; Electron's archive is about 120 MB. */
const FETCH_TIMEOUT_MS = 5 * 60_000;
/** A failed fetch is not tried again before this has passed. */
const RETRY_AFTER_MS = 3_600_000;

const FailureSchema = z.strictObject({ version: z.string(), at: z.number(), reason: z.string() });

/** Electron's binary comes from outside the npm registry (DESIGN §8). @param fetch tries to get it when it is not there. */
export function electronBinary(options: { readonly fetch: boolean }): ElectronBinary {
  const { version } = z.object({ version: z.string() }).parse(readJson(join(PACKAGE, 'package.json')));
  const there = installed(version);
  if (there !== null) return there;
  if (!options.fetch) return { kind: 'missing', version, reason: 'its binary is not installed' };
  const known = knownFailure(version);
  if (known !== null) return { kind: 'missing', version, reason: known };
  console.error(`Fetching Electron ${version} …`);
  const result = spawnSync(process.execPath, [join(PACKAGE, 'install.js')], {
    encoding: 'utf8',
    timeout: FETCH_TIMEOUT_MS,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const fetched = installed(version);
  if (fetched !== null) return fetched;
  const reason = `its binary could not be fetched (${firstLine(result.error?.message ?? result.stderr)})`;
  mkdirSync(dirname(FAILURE_RECORD), { recursive: true });
  writeFileSync(FAILURE_RECORD, JSON.stringify({ version, at: Date.now(), reason }));
  return { kind: 'missing', version, reason };
}

function installed(version: string): ElectronBinary | null {
  const pathFile = join(PACKAGE, 'path.txt');
  const distribution = join(PACKAGE, 'dist');
  if (!existsSync(pathFile)) return null;
  const executable = join(distribution, readFileSync(pathFile, 'utf8'));
  return existsSync(executable) ? { kind: 'installed', version, distribution, executable } : null;
}

function knownFailure(version: string): string | null {
  if (!existsSync(FAILURE_RECORD)) return null;
  const record = FailureSchema.safeParse(readJson(FAILURE_RECORD));
  if (!record.success || record.data.version !== version || Date.now() - record.data.at > RETRY_AFTER_MS) return null;
  return record.data.reason;
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function firstLine(text: string): string {
  return (
    text
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ?? 'no reason given'
  );
}
