import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TwoFactorClient } from '../../library/wcd-2factor.ts';
import { startTwoFactorSimulator, type TwoFactorSimulator } from '../../simulators/wcd-2factor/simulator.ts';
import { finished, type InstalledPackage, installPackage, nodes, UserProgram } from './installed-package.ts';

const NAMES = ['wcd-2factor-methods.mjs', 'wcd-2factor-confirm.mjs'] as const;
const TO_SET_UP = 'The code: ';
const TO_CONFIRM = 'The code, or Enter when the phone has confirmed: ';

let installed: InstalledPackage;
let simulator: TwoFactorSimulator;
let account: string;
const programs: UserProgram[] = [];

beforeAll(() => {
  installed = installPackage();
});
afterAll(() => installed?.remove());
beforeEach(async () => {
  simulator = await startTwoFactorSimulator();
  account = accountWith(simulator.authorization.replace(/^Token /, ''));
});
afterEach(async () => {
  for (const program of programs.splice(0)) program.kill();
  await simulator.close();
});

function accountWith(token: string): string {
  const tokenFile = join(installed.folder, 'token');
  writeFileSync(tokenFile, `${token}\n`, { mode: 0o600 });
  const file = join(installed.folder, 'account.json');
  writeFileSync(file, JSON.stringify({ baseUrl: simulator.url, tokenFile }));
  return file;
}

const textOf = (name: string): string => readFileSync(join(installed.home, 'docs/examples', name), 'utf8');

function example(node: string, name: (typeof NAMES)[number], ...args: readonly string[]): UserProgram {
  const file = join(installed.folder, name);
  writeFileSync(file, textOf(name));
  const program = new UserProgram(node, [file, account, ...args], installed.folder);
  programs.push(program);
  return program;
}

/** Any other than that. */
const wrong = (code: string): string => (code === '000000' ? '000001' : '000000');

describe('the examples of 2factor', () => {
  test('show every call', () => {
    const examples = NAMES.map(textOf).join('\n');
    const calls = Object.getOwnPropertyNames(TwoFactorClient.prototype).filter((name) => name !== 'constructor');
    expect(calls).toContain('requestConfirmation');
    expect(calls.filter((name) => !examples.includes(`client.${name}(`))).toEqual([]);
  });

  for (const node of nodes()) {
    const version = finished(node, ['--version']).trim();

    test(`list methods and set one up, on Node ${version}`, async () => {
      const program = example(node, 'wcd-2factor-methods.mjs', 'email', 'email', 'ada@example.org');
      await program.prints(TO_SET_UP);
      const code = simulator.phone().code();
      await program.answers(TO_SET_UP, wrong(code));
      await program.answers(TO_SET_UP, code, 2);
      expect(await program.ended()).toBe(0);
      expect(program.stdout).toContain('dummy: Your own code\nemail: Code by e-mail\n');
      expect(program.stdout).toContain('That code is wrong.\n');
      expect(program.stdout).toMatch(/Yours: email \(085-confirmed, usable, default\)\n$/);
      expect(program.stderr).toBe('');
    });

    test(`take away what nobody confirms, and name the fields that are refused, on Node ${version}`, async () => {
      const program = example(node, 'wcd-2factor-methods.mjs', 'email', 'email', 'ada@example.org');
      await program.prints(TO_SET_UP);
      const code = simulator.phone().code();
      for (const time of [1, 2, 3]) await program.answers(TO_SET_UP, wrong(code), time);
      expect(await program.ended()).toBe(1);
      expect(program.stdout).toMatch(/Not confirmed: it was removed again\.\n$/);
      const refused = example(node, 'wcd-2factor-methods.mjs', 'email', 'address', 'ada@example.org');
      expect(await refused.ended()).toBe(1);
      expect(refused.stdout).toMatch(/Refused: config\n$/);
    });

    test(`request and confirm by a code, on Node ${version}`, async () => {
      simulator.phone().setUp('email', { email: 'ada@example.org' });
      const program = example(node, 'wcd-2factor-confirm.mjs');
      await program.prints(TO_CONFIRM);
      const code = simulator.phone().code();
      await program.answers(TO_CONFIRM, wrong(code));
      await program.answers(TO_CONFIRM, code, 2);
      expect(await program.ended()).toBe(0);
      expect(program.stdout).toContain('Asked by Code by e-mail.\n');
      expect(program.stdout).toContain('That code is wrong.\n');
      expect(program.stdout).toMatch(/Confirmed\.\n$/);
    });

    test(`request and let the phone confirm, on Node ${version}`, async () => {
      simulator.phone().setUp('push', { device: 'phone' });
      const program = example(node, 'wcd-2factor-confirm.mjs');
      await program.answers(TO_CONFIRM, '');
      await program.prints('Not yet.\n');
      simulator.phone().approve();
      await program.answers(TO_CONFIRM, '', 2);
      expect(await program.ended()).toBe(0);
      expect(program.stdout).toMatch(/Confirmed\.\n$/);
    });

    test(`say what does not work, on Node ${version}`, async () => {
      const nothing = example(node, 'wcd-2factor-confirm.mjs');
      expect(await nothing.ended()).toBe(1);
      expect(nothing.stdout).toBe('This person has no default method that is set up.\n');
      accountWith('somebody-elses');
      const stranger = example(node, 'wcd-2factor-confirm.mjs');
      expect(await stranger.ended()).toBe(1);
      expect(stranger.stdout).toMatch(/^PROVIDER_UNAUTHORIZED: /);
      expect(stranger.stdout + stranger.stderr).not.toContain('somebody-elses');
    });
  }
});
