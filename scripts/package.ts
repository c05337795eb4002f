import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type AfterPackContext, build, type Configuration } from 'electron-builder';
import { electronBinary } from './electron-binary.ts';
import { ROOT } from './run-steps.ts';
import { createStandInElectron } from './stand-in-electron.ts';

/** `npm run package -- [--dir] [--output FOLDER]`: packs for this machine's own operating system. */
const { values } = parseArgs({ options: { dir: { type: 'boolean', default: false }, output: { type: 'string' } } });

const electron = electronBinary({ fetch: true });
const standIn = electron.kind === 'missing';
if (standIn && (!values.dir || process.platform !== 'linux')) {
  console.error(
    `An installer needs Electron ${electron.version}, but ${electron.reason}. On Linux, --dir packs with a stand-in.`,
  );
  process.exit(1);
}

const temporary = mkdtempSync(join(tmpdir(), 'presence-locker-package-'));
try {
  let distribution: string;
  if (electron.kind === 'installed') {
    distribution = electron.distribution;
    console.log(`Packing with Electron ${electron.version}.`);
  } else {
    await createStandInElectron(temporary, electron.version);
    distribution = join(temporary, 'dist');
    console.log(
      `Packing with a stand-in for Electron ${electron.version}, because ${electron.reason}: the package cannot run and its fuses are not set.`,
    );
  }
  const config: Configuration = {
    extends: join(ROOT, 'electron-builder.yml'),
    electronDist: distribution,
    ...(values.output === undefined ? {} : { directories: { output: values.output } }),
    ...(standIn ? { electronFuses: null } : {}),
    afterPack: removeDefaultApp,
  };
  const made = await build({ projectDir: ROOT, config, dir: values.dir });
  for (const file of made) console.log(file);
} finally {
  rmSync(temporary, { recursive: true });
}

/** Electron's distribution carries an app of its own; a package must have only ours to load. */
async function removeDefaultApp(context: AfterPackContext): Promise<void> {
  rmSync(join(context.packager.getResourcesDir(context.appOutDir), 'default_app.asar'), { force: true });
}
