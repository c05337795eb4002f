import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, posix } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { importsOf } from '../../scripts/layers/imports-of.ts';
import { ROOT } from '../../scripts/run-steps.ts';
import { finished, type InstalledPackage, installPackage, nodes, UserProgram } from './installed-package.ts';

/** As gateway/presence-locker-gateway.ts says. */
const OLDEST_NODE = 24;

let installed: InstalledPackage;
const programs: UserProgram[] = [];
beforeAll(() => {
  installed = installPackage();
});
afterEach(() => {
  for (const program of programs.splice(0)) program.kill();
});
afterAll(() => installed?.remove());

function gateway(node: string, ...args: readonly string[]): UserProgram {
  const entry = join(installed.folder, 'node_modules/.bin/presence-locker-gateway');
  const program = new UserProgram(node, [entry, ...args], installed.folder);
  programs.push(program);
  return program;
}

/** A gateway of passkeys; nothing says where the phones' page is. */
function configFile(): string {
  const key = join(installed.folder, 'database.key');
  writeFileSync(key, randomBytes(32).toString('base64'), { mode: 0o600 });
  const file = join(installed.folder, 'gateway.json');
  writeFileSync(
    file,
    JSON.stringify({
      listen: { host: '127.0.0.1', port: 0 },
      tokens: [{ name: 'desk', sha256: 'a'.repeat(64) }],
      provider: { kind: 'passkey', publicUrl: 'https://locker.example.org' },
      database: { file: join(installed.folder, 'data', 'gateway.db'), key: { file: key } },
    }),
  );
  return file;
}

describe('the gateway of the npm package', () => {
  test('is a command that needs nothing which is not declared, and brings the phones’ page', () => {
    const { bin, dependencies } = installed.manifest;
    const entry = bin['presence-locker-gateway'] ?? '';
    expect(readFileSync(join(installed.home, entry), 'utf8').startsWith('#!/usr/bin/env node\n')).toBe(true);
    expect(installed.files).toContain('out/approver/index.html');
    const provided = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]).concat('node:sqlite'));
    const files = installed.files.filter((file) => file.startsWith('out/gateway/'));
    expect(files).toContain(posix.normalize(entry));
    const undeclared = files.flatMap((file) =>
      importsOf(file, readFileSync(join(installed.home, file), 'utf8')).flatMap(({ specifier }) => {
        if (specifier === null) return [`${file} computes what it imports`];
        if (specifier.startsWith('.'))
          return files.includes(posix.join(posix.dirname(file), specifier)) ? [] : [specifier];
        const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
        return provided.has(specifier) || Object.hasOwn(dependencies, name) ? [] : [specifier];
      }),
    );
    expect(undeclared).toEqual([]);
    for (const file of files) expect(readFileSync(join(installed.home, file), 'utf8')).not.toContain(ROOT);
  });

  for (const node of nodes()) {
    const version = finished(node, ['--version']).trim();
    const isOld = Number.parseInt(version.slice(1), 10) < OLDEST_NODE;

    if (isOld) {
      test(`says in one sentence that Node ${version} is too old`, async () => {
        const program = gateway(node, 'token');
        expect(await program.ended()).toBe(1);
        expect(program.stderr).toMatch(/^The gateway needs Node 24 or newer; this is [\d.]+\. [^\n]+\n$/);
        expect(program.stdout).toBe('');
      });
    } else {
      test(`makes a token, and serves the page it brings, on Node ${version}`, async () => {
        const token = gateway(node, 'token');
        expect(await token.ended()).toBe(0);
        expect(JSON.parse(token.stdout)).toMatchObject({
          event: 'token',
          sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        });
        const serving = gateway(node, '--config', configFile());
        await serving.prints('\n');
        const url = String(Object(JSON.parse(serving.stdout)).url).replace('ws', 'http');
        const page = await fetch(`${url}/approver/`);
        expect([page.status, await page.text()]).toEqual([
          200,
          readFileSync(join(installed.home, 'out/approver/index.html'), 'utf8'),
        ]);
        expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
      });
    }
  }

  test('is found by npx', async () => {
    const path = `${join(process.execPath, '..')}:${process.env['PATH'] ?? ''}`;
    const program = new UserProgram('npx', ['--offline', 'presence-locker-gateway', 'token'], installed.folder, path);
    programs.push(program);
    expect(await program.ended()).toBe(0);
    expect(program.stdout).toContain('"event":"token"');
  });
});
