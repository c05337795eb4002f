import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const DEMO = fileURLToPath(new URL('../../scripts/demo.ts', import.meta.url));

const demo = (...args: readonly string[]) =>
  spawnSync(process.execPath, [DEMO, ...args], { encoding: 'utf8', timeout: 20_000 });

test.each([
  ['a service that it has no story of', ['--provider', 'authsignal'], '--provider is activeconnect or passkey'],
  ['nothing as the service', ['--provider', ''], '--provider is activeconnect or passkey'],
  [
    'an approval beneath the locker, where no number shows',
    ['--provider', 'passkey', '--policy', 'session'],
    'passkeys',
  ],
  ['a policy there is none of', ['--policy', 'never'], '--policy is curtain or session'],
  ['an option there is none of', ['--providers', 'passkey'], '--providers'],
])('the demonstration refuses %s before it starts anything', (_what, args, said) => {
  const { status, stdout, stderr } = demo(...args);
  expect(stderr).toContain(said);
  expect(stderr).toContain('Usage: npm run demo');
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
});
