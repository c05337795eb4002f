import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPackage } from '@electron/asar';

/** What a person reads who starts a package that was made without Electron. */
const STUB = `#!/bin/sh
echo 'This package was made where Electron could not be had: it shows what is packed and cannot run.' >&2
exit 1
`;

/**
 * A folder with the outline of Electron's Linux distribution, so that packing can be tried and looked at without the real
 * one. It cannot run anything and has no fuses.
 */
export async function createStandInElectron(folder: string, version: string): Promise<void> {
  const defaultApp = join(folder, 'default-app');
  for (const path of [defaultApp, join(folder, 'dist/resources'), join(folder, 'dist/locales')]) {
    mkdirSync(path, { recursive: true });
  }
  writeFileSync(join(defaultApp, 'package.json'), '{ "name": "stand-in", "main": "main.js" }\n');
  writeFileSync(join(defaultApp, 'main.js'), '');
  await createPackage(defaultApp, join(folder, 'dist/resources/default_app.asar'));
  const text: Readonly<Record<string, string>> = {
    electron: STUB,
    'chrome-sandbox': STUB,
    chrome_crashpad_handler: STUB,
    version,
    LICENSE: 'stand-in\n',
    'LICENSES.chromium.html': '<p>stand-in</p>\n',
    'resources.pak': '',
    'locales/en-US.pak': '',
  };
  for (const [name, content] of Object.entries(text)) writeFileSync(join(folder, 'dist', name), content);
  for (const name of ['electron', 'chrome-sandbox', 'chrome_crashpad_handler'])
    chmodSync(join(folder, 'dist', name), 0o755);
}
