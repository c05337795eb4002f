import { electronBinary } from './electron-binary.ts';
import { VITEST } from './reviewer-steps.ts';
import { runStep } from './run-steps.ts';

/** `npm run test:electron`: the end-to-end suite on real Electron instead of chromium-host (DESIGN §8). */
const electron = electronBinary({ fetch: true });
if (electron.kind === 'missing') {
  console.log(
    `Skipped: the end-to-end tests on Electron ${electron.version} were not run, because ${electron.reason}.`,
  );
} else {
  // Read by the end-to-end suite only; production code has no test switch.
  process.env['PRESENCE_LOCKER_E2E_ELECTRON'] = electron.executable;
  const { ok } = await runStep({ label: 'e2e on Electron', file: VITEST, args: ['run', '--project', 'e2e'] }, true);
  process.exitCode = ok ? 0 : 1;
}
