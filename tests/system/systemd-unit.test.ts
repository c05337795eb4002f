import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LOCK_BEFORE_QUIT_TIMEOUT_MS } from '../../main/lock-first.ts';
import { LOCK_BEFORE_LEAVING_MS } from '../../main/sentinel/limits.ts';
import { ROLE_FLAGS } from '../../main/sentinel/own-command.ts';
import { findProgram } from './desktop/tools.ts';

const UNIT = readFileSync(fileURLToPath(new URL('../../build/linux/presence-locker.service', import.meta.url)), 'utf8');
const VERIFY_TIMEOUT_MS = 30_000;
const analyze = findProgram('systemd-analyze');
if (analyze === null) {
  console.error('The systemd unit was not verified: systemd-analyze (Debian package systemd) is missing.');
  if (process.env['CI'] !== undefined) throw new Error('CI must have systemd-analyze');
}

/** Lines `Key=value` of the unit; comments left out. */
const setting = (key: string): readonly string[] =>
  UNIT.split('\n').flatMap((line) => (line.startsWith(`${key}=`) ? [line.slice(key.length + 1)] : []));

/** @returns what systemd says against a unit; nothing when it is well-formed. */
function complaints(unit: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'unit-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const program = join(folder, 'presence-locker');
  writeFileSync(program, '#!/bin/sh\n');
  chmodSync(program, 0o755);
  const file = join(folder, 'presence-locker.service');
  // The program is not installed here, and the target belongs to a desktop.
  writeFileSync(file, unit.replaceAll('/usr/bin/presence-locker', program));
  const env = { PATH: '/usr/bin:/bin', HOME: folder, XDG_RUNTIME_DIR: folder };
  const { stdout, stderr, error } = spawnSync(
    analyze ?? '',
    ['verify', '--user', '--man=no', '--recursive-errors=no', file],
    {
      encoding: 'utf8',
      env,
      timeout: VERIFY_TIMEOUT_MS,
    },
  );
  if (error !== undefined) throw error;
  return `${stdout}${stderr}`
    .split('\n')
    .filter((line) => line.includes('presence-locker.service'))
    .join('\n');
}

describe('the systemd unit', () => {
  it.skipIf(analyze === null)('is one that systemd understands, every key of it', () => {
    expect(complaints(UNIT)).toBe('');
    expect(complaints(UNIT.replace('KillMode=process', 'KillMood=process'))).toContain('KillMood');
    expect(complaints(UNIT.replace('Restart=on-failure', 'Restart=perhaps'))).toContain('perhaps');
  });

  it('starts the app in the role that leaves the next start to systemd, and locks after a death', () => {
    expect(setting('ExecStart')).toEqual([`/usr/bin/presence-locker ${ROLE_FLAGS.restartedBySystemd}`]);
    expect(setting('ExecStopPost')).toEqual([
      `/usr/bin/presence-locker ${ROLE_FLAGS.sentinel} ${ROLE_FLAGS.afterDeath}`,
    ]);
    expect(setting('Restart')).toEqual(['on-failure']);
  });

  it('never ends a screen locker with the app', () => {
    expect(setting('KillMode')).toEqual(['process']);
    expect(setting('OOMPolicy')).toEqual(['continue']);
  });

  it('gives the app and the last net the time they take to see a lock', () => {
    const seconds = Number(/^(\d+)s$/.exec(setting('TimeoutStopSec')[0] ?? '')?.[1]);
    expect(seconds * 1_000).toBeGreaterThan(Math.max(LOCK_BEFORE_QUIT_TIMEOUT_MS, LOCK_BEFORE_LEAVING_MS));
  });
});
