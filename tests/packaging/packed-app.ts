import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getRawHeader, listPackage } from '@electron/asar';
import { z } from 'zod';
import { ROOT } from '../../scripts/run-steps.ts';

const PACK_TIMEOUT_MS = 240_000;

const EntrySchema = z.looseObject({
  files: z.record(z.string(), z.unknown()).optional(),
  unpacked: z.boolean().optional(),
});

export interface PackedApp {
  /** The folder as it would be installed. */
  readonly folder: string;
  readonly resources: string;
  readonly asar: string;
  /** Files inside the archive, with forward slashes and without a leading one. */
  readonly files: readonly string[];
  /** Those of `files` that lie beside the archive. */
  readonly unpacked: readonly string[];
  /** What `npm run package` printed. */
  readonly printed: string;
  remove(): void;
}

/** Packs the built app as `npm run package -- --dir` does, into a folder of its own. */
export function packApp(): PackedApp {
  if (!existsSync(join(ROOT, 'out/main/index.js'))) throw new Error('nothing is built: npm run build');
  const output = mkdtempSync(join(tmpdir(), 'presence-locker-packed-'));
  const result = spawnSync(process.execPath, [join(ROOT, 'scripts/package.ts'), '--dir', '--output', output], {
    encoding: 'utf8',
    timeout: PACK_TIMEOUT_MS,
  });
  const printed = `${result.stdout}${result.stderr}`;
  if (result.status !== 0) throw new Error(`packing ended with ${result.status}:\n${printed}`);
  const name = readdirSync(output).find((entry) => entry.endsWith('-unpacked'));
  if (name === undefined) throw new Error(`packing left no folder:\n${printed}`);
  const resources = join(output, name, 'resources');
  const asar = join(resources, 'app.asar');
  const header = EntrySchema.parse(getRawHeader(asar).header);
  const entries = entriesOf(header, '');
  return {
    folder: join(output, name),
    resources,
    asar,
    files: entries.map((entry) => entry.path),
    unpacked: entries.filter((entry) => entry.unpacked).map((entry) => entry.path),
    printed,
    remove: () => rmSync(output, { recursive: true }),
  };
}

function entriesOf(value: unknown, path: string): readonly { readonly path: string; readonly unpacked: boolean }[] {
  const entry = EntrySchema.parse(value);
  if (entry.files === undefined) return [{ path, unpacked: entry.unpacked === true }];
  return Object.entries(entry.files).flatMap(([name, child]) =>
    entriesOf(child, path === '' ? name : `${path}/${name}`),
  );
}

/** The list as `asar list` prints it, to compare with. */
export function listedByAsar(asar: string): readonly string[] {
  return listPackage(asar, { isPack: false }).map((path) => path.replaceAll('\\', '/').replace(/^\//, ''));
}
