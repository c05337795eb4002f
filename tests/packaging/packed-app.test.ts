import { spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { extractAll, extractFile } from '@electron/asar';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { importsOf } from '../../scripts/layers/imports-of.ts';
import { ROOT } from '../../scripts/run-steps.ts';
import { listedByAsar, type PackedApp, packApp } from './packed-app.ts';

const LOAD_TIMEOUT_MS = 60_000;

const ManifestSchema = z.object({ main: z.string(), dependencies: z.record(z.string(), z.string()) });

let app: PackedApp;
let manifest: z.infer<typeof ManifestSchema>;
let scratch: string;

beforeAll(() => {
  app = packApp();
  manifest = ManifestSchema.parse(JSON.parse(extractFile(app.asar, 'package.json').toString('utf8')));
  scratch = mkdtempSync(join(tmpdir(), 'presence-locker-packaging-'));
});

afterAll(() => {
  app?.remove();
  rmSync(scratch, { recursive: true, force: true });
});

describe('the archive', () => {
  test('holds the bundle, the tray’s icons, the modules and package.json, and nothing else', () => {
    const known = /^(out\/|build\/icons\/tray\/|node_modules\/|package\.json$)/;
    expect(app.files.filter((file) => !known.test(file))).toEqual([]);
  });

  test('lists the same files to other readers', () => {
    expect(listedByAsar(app.asar)).toEqual(expect.arrayContaining([...app.files]));
  });

  test('holds the entry that package.json names', () => {
    expect(app.files).toContain(posix.normalize(manifest.main));
  });

  test('holds a page and the preload of every window', () => {
    expect(app.files.filter((file) => file.endsWith('.html'))).not.toEqual([]);
    expect(app.files.filter((file) => file.startsWith('out/preload/'))).not.toEqual([]);
  });

  test('holds no tests, sources, maps or documentation', () => {
    const unwanted =
      /(^|\/)(tests?|__tests__|docs?|examples?|fixtures|coverage)\/|\.(ts|mts|cts|tsx|map|md|flow)$|\.(test|spec)\.[cm]?js$/;
    expect(app.files.filter((file) => unwanted.test(file))).toEqual([]);
  });

  test('holds nothing that looks like a secret or like this machine', () => {
    const secretName = /(^|\/)(\.env.*|\.npmrc|id_[a-z0-9]+|.*\.(pem|key|p12|pfx|crt|jks|keychain))$/i;
    expect(app.files.filter((file) => secretName.test(file))).toEqual([]);
    const marks = ['-----BEGIN PRIVATE KEY', '-----BEGIN RSA PRIVATE KEY', '-----BEGIN EC PRIVATE KEY', ROOT];
    const own = app.files.filter((file) => file.startsWith('out/') || file === 'package.json');
    const marked = own.filter((file) => {
      const text = extractFile(app.asar, file).toString('utf8');
      return marks.some((mark) => text.includes(mark));
    });
    expect(marked).toEqual([]);
  });

  test('holds every module that the bundle imports', () => {
    const provided = new Set(['electron', ...builtinModules, ...builtinModules.map((name) => `node:${name}`)]);
    const bundle = app.files.filter((file) => /^out\/(main|preload)\/.*\.[cm]?js$/.test(file));
    const missing = bundle.flatMap((file) =>
      importsOf(file, extractFile(app.asar, file).toString('utf8')).flatMap(({ specifier }) => {
        if (specifier === null || provided.has(specifier) || specifier.startsWith('electron/')) return [];
        const path = specifier.startsWith('.')
          ? posix.join(posix.dirname(file), specifier)
          : `node_modules/${packageName(specifier)}/package.json`;
        return app.files.includes(path) ? [] : [`${file} imports ${specifier}`];
      }),
    );
    expect(bundle).not.toEqual([]);
    expect(missing).toEqual([]);
  });
});

describe('native modules', () => {
  test('lie beside the archive, where the operating system can load them', () => {
    const native = app.files.filter((file) => file.endsWith('.node'));
    expect(native).not.toEqual([]);
    expect(native.filter((file) => !app.unpacked.includes(file))).toEqual([]);
    expect(native.filter((file) => !existsSync(join(`${app.asar}.unpacked`, file)))).toEqual([]);
  });

  test('and all production modules still load from what is packed', () => {
    const folder = join(scratch, 'extracted');
    extractAll(app.asar, folder);
    const probe = join(folder, 'probe.mjs');
    const names = Object.keys(manifest.dependencies);
    writeFileSync(probe, names.map((name) => `await import(${JSON.stringify(name)});`).join('\n'));
    const loaded = spawnSync(process.execPath, [probe], { encoding: 'utf8', timeout: LOAD_TIMEOUT_MS });
    expect(names).toContain('keytar');
    expect(loaded.stderr).toBe('');
    expect(loaded.status).toBe(0);
  });
});

describe('the folder around it', () => {
  test('has no app but ours to load', () => {
    expect(existsSync(join(app.resources, 'default_app.asar'))).toBe(false);
  });

  test('says when it was made with a stand-in for Electron', () => {
    const realElectron = existsSync(join(ROOT, 'node_modules/electron/path.txt'));
    expect(app.printed.includes('Packing with a stand-in')).toBe(!realElectron);
  });

  test.runIf(process.platform === 'linux')(
    'has a command that needs no display to disable, enable and tell the status',
    () => {
      for (const command of ['disable', 'enable', 'status', 'help']) {
        expect(askWrapper([command, '--json'])).toEqual([
          command,
          '--json',
          '--ozone-platform=headless',
          '--disable-gpu',
        ]);
      }
    },
  );

  test.runIf(process.platform === 'linux')('has the systemd unit, and a command that runs what it names', () => {
    const unit = readFileSync(join(app.folder, 'presence-locker.service'), 'utf8');
    const afterDeath = /^ExecStopPost=\/usr\/bin\/presence-locker (.+)$/m.exec(unit)?.[1]?.split(' ') ?? [];
    expect(askWrapper(afterDeath)).toEqual([...afterDeath, '--ozone-platform=headless', '--disable-gpu']);
  });

  test.runIf(process.platform === 'linux')('has a command that otherwise is the app itself', () => {
    expect(askWrapper([])).toEqual([]);
    expect(askWrapper(['--restarted-by=systemd'])).toEqual(['--restarted-by=systemd']);
    expect(askWrapper(['--hidden', 'a b'])).toEqual(['--hidden', 'a b']);
  });
});

/** @returns the arguments with which the packed command starts the app. */
function askWrapper(args: readonly string[]): readonly string[] {
  const folder = join(scratch, 'installed');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const command = join(folder, 'presence-locker');
  cpSync(join(app.folder, 'presence-locker'), command);
  accessSync(command, constants.X_OK);
  writeFileSync(
    join(folder, 'presence-locker-app'),
    '#!/bin/sh\nfor argument in "$@"; do printf "%s\\n" "$argument"; done\n',
    {
      mode: 0o755,
    },
  );
  const result = spawnSync(command, [...args], {
    encoding: 'utf8',
    timeout: LOAD_TIMEOUT_MS,
    env: { PATH: '/usr/bin:/bin' },
  });
  expect(result.status).toBe(0);
  return result.stdout.split('\n').slice(0, -1);
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
