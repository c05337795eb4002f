import { registerHooks } from 'node:module';

const ELECTRON = new Set(['electron', 'electron/main', 'electron/common', 'electron/utility']);

/** Makes `import … from 'electron'` and `require('electron')` lead to our module, so that the app's bundle runs unmodified. */
export function installElectronHooks(standInUrl: string): void {
  registerHooks({
    resolve(specifier, context, nextResolve) {
      if (!ELECTRON.has(specifier)) return nextResolve(specifier, context);
      return { url: standInUrl, format: 'module-typescript', shortCircuit: true };
    },
  });
}
