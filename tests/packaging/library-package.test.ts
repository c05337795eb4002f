import { readFileSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, posix } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AuthenticationAPI, ManagementAPI, Session } from '../../library/activeconnect.ts';
import { importsOf } from '../../scripts/layers/imports-of.ts';
import { ROOT } from '../../scripts/run-steps.ts';
import { type ActiveconnectSimulator, startActiveconnectSimulator } from '../../simulators/activeconnect/simulator.ts';
import { finished, type InstalledPackage, installPackage, nodes, UserProgram } from './installed-package.ts';

let installed: InstalledPackage;

beforeAll(() => {
  installed = installPackage();
});
afterAll(() => installed?.remove());

const textOf = (file: string): string => readFileSync(join(installed.home, file), 'utf8');

describe('the tarball', () => {
  test('holds what package.json says it exports, with types, and the command', () => {
    const { exports, bin } = installed.manifest;
    const named = Object.values(exports).flatMap((entry) =>
      typeof entry === 'string' ? [entry] : Object.values(entry),
    );
    const missing = [...named, ...Object.values(bin)]
      .map((file) => posix.normalize(file))
      .filter((file) => !installed.files.includes(file));
    expect(missing).toEqual([]);
    expect(Object.keys(exports)).toEqual(['./activeconnect', './wcd-2factor', './package.json']);
    expect(exports).toHaveProperty(['./activeconnect', 'types']);
    expect(exports).toHaveProperty(['./wcd-2factor', 'types']);
    expect(textOf(bin['presence-locker'] ?? '').startsWith('#!/usr/bin/env node\n')).toBe(true);
  });

  test('holds the library, the gateway, their pages and examples, and nothing else but the app’s entry, which npm always takes', () => {
    const known =
      /^(out\/library\/.*\.(js|d\.ts)|out\/gateway\/[^/]*\.js|out\/approver\/.*|docs\/(library|cli)\.md|docs\/examples\/.*\.mjs|package\.json|README\.md|out\/main\/index\.js)$/;
    expect(installed.files.filter((file) => !known.test(file))).toEqual([]);
    const marked = installed.files.filter((file) => file.startsWith('out/library/') && textOf(file).includes(ROOT));
    expect(marked).toEqual([]);
  });

  test('needs nothing that it does not declare, and never electron', () => {
    const provided = new Set([...builtinModules, ...builtinModules.map((name) => `node:${name}`)]);
    const library = installed.files.filter((file) => file.startsWith('out/library/'));
    const wrong = library.flatMap((file) =>
      importsOf(file, textOf(file)).flatMap(({ specifier }) => {
        if (specifier === null || provided.has(specifier) || Object.hasOwn(installed.manifest.dependencies, specifier))
          return [];
        const path = posix.join(posix.dirname(file), specifier).replace(/(?<!\.d)\.ts$/, '.d.ts');
        return specifier.startsWith('.') && installed.files.includes(path) ? [] : [`${file} imports ${specifier}`];
      }),
    );
    expect(library.filter((file) => file.endsWith('.js'))).not.toEqual([]);
    expect(wrong).toEqual([]);
    expect(Object.keys(installed.manifest.dependencies)).not.toContain('electron');
  });

  test('lets nobody in by another door', () => {
    const program =
      "for (const door of ['presence-locker', 'presence-locker/out/library/activeconnect.js']) await import(door).then(() => process.exit(9), ({ code }) => console.log(code));";
    const printed = finished(process.execPath, ['--input-type=module', '-e', program], installed.folder);
    expect(printed).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED\nERR_PACKAGE_PATH_NOT_EXPORTED\n');
  });
});

describe('the examples of activeconnect', () => {
  let simulator: ActiveconnectSimulator;
  let account: string;
  const programs: UserProgram[] = [];

  beforeEach(async () => {
    simulator = await startActiveconnectSimulator({ users: [{ userId: 'ada', registered: true }] });
    const secretFile = join(installed.folder, 'secret');
    writeFileSync(secretFile, `${simulator.appSecret}\n`, { mode: 0o600 });
    account = join(installed.folder, 'account.json');
    writeFileSync(
      account,
      JSON.stringify({ profile: 'iampass', baseUrl: simulator.url, appId: simulator.appId, secretFile }),
    );
  });
  afterEach(async () => {
    for (const program of programs.splice(0)) program.kill();
    await simulator.close();
  });

  function example(node: string, name: string, ...args: readonly string[]): UserProgram {
    // Where a reader would put it: into a project that has the package.
    const file = join(installed.folder, name);
    writeFileSync(file, textOf(`docs/examples/${name}`));
    const program = new UserProgram(node, [file, account, ...args], installed.folder);
    programs.push(program);
    return program;
  }

  test('show every call', () => {
    const examples = installed.files
      .filter((file) => file.startsWith('docs/examples/'))
      .map(textOf)
      .join('\n');
    const methods = [ManagementAPI, AuthenticationAPI, Session].flatMap(({ prototype }) =>
      Object.getOwnPropertyNames(prototype),
    );
    const statics = ['fromJSON', 'unseal'];
    const unshown = [...methods, ...statics].filter((name) => name !== 'constructor' && !examples.includes(`.${name}`));
    expect(methods).toContain('getRegistrationLink');
    expect(unshown).toEqual([]);
  });

  for (const node of nodes()) {
    const version = finished(node, ['--version']).trim();

    test(`enroll, on Node ${version}`, async () => {
      const program = example(node, 'activeconnect-enroll.mjs', 'eve', '+491701234567');
      await program.prints('by SMS as well.');
      expect(program.stdout).toContain('The person: created\nOf two, new: 1, known: 1\n');
      expect(program.stdout).toContain(`Open this on the phone: ${simulator.url}/phone/eve?registration=`);
      expect(simulator.phone('eve').lastSms()?.phoneNumber).toBe('+491701234567');
      simulator.phone('eve').register();
      expect(await program.ended()).toBe(0);
      expect(program.stdout).toContain('The phone is registered.\nLost phone, a new link: ');
      expect(program.stdout).toContain('Still registered: false\nBoth were deleted.\n');
      expect(simulator.knownUsers().map(({ userId }) => userId)).toEqual(['ada']);
      expect(program.stderr).toBe('');
    });

    test(`approve, on Node ${version}`, async () => {
      const program = example(node, 'activeconnect-approve.mjs', 'ada');
      await program.prints('The phone was asked.');
      simulator.phone('ada').approve();
      expect(await program.ended()).toBe(0);
      expect(program.stdout).toBe('The phone was asked.\nApproved.\nEnded: closed\n');
      const denied = example(node, 'activeconnect-approve.mjs', 'ada');
      await denied.prints('The phone was asked.');
      simulator.phone('ada').deny();
      expect(await denied.ended()).toBe(0);
      expect(denied.stdout).toMatch(/Not approved: \w+\n$/);
      const nobody = example(node, 'activeconnect-approve.mjs', 'nobody');
      expect(await nobody.ended()).toBe(1);
      expect(nobody.stdout).toMatch(/^USER_UNKNOWN: /);
    });

    test(`a session at rest, on Node ${version}`, async () => {
      const program = example(node, 'activeconnect-session-at-rest.mjs', 'ada', join(installed.folder, 'sealed'));
      expect(await program.ended()).toBe(0);
      expect(program.stdout.split('\n')).toEqual([
        'Sealed while pending.',
        'Opened again: pending.',
        'Members: session_status, session_token, session_secret, status_url, logout_url, failure_reason',
        'In progress: true',
        'Ended: closed.',
        '',
      ]);
    });

    test(`the command, on Node ${version}`, async () => {
      const entry = join(installed.folder, 'node_modules/.bin/presence-locker');
      const connection = ['--service', 'iampass', '--base-url', simulator.url];
      const args = [
        'devices',
        'status',
        'ada',
        ...connection,
        '--app-id',
        simulator.appId,
        '--secret-file',
        join(installed.folder, 'secret'),
      ];
      const status = new UserProgram(node, [entry, ...args, '--json'], installed.folder);
      programs.push(status);
      expect(await status.ended()).toBe(0);
      expect(JSON.parse(status.stdout)).toEqual({ ok: true, user: 'ada', registered: true });
      const workstation = new UserProgram(
        node,
        [entry, 'status', '--json', `--user-data-dir=${installed.folder}`],
        installed.folder,
      );
      programs.push(workstation);
      expect(await workstation.ended()).toBe(0);
      expect(JSON.parse(workstation.stdout)).toMatchObject({ enrolled: false });
    });
  }

  test('npx finds the command', async () => {
    const program = new UserProgram('npx', ['--offline', 'presence-locker', '--help'], installed.folder);
    programs.push(program);
    expect(await program.ended()).toBe(0);
    expect(program.stdout).toContain('users add USER');
  });
});
