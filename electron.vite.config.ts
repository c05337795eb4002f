import { existsSync } from 'node:fs';
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

const root = import.meta.dirname;

/** Entries of processes and threads of their own. The command line is a separate entry because it must run without a display. */
const MAIN_ENTRIES: Readonly<Record<string, string>> = {
  index: 'main/index.ts',
  gateway: 'gateway/embedded.ts',
  simulator: 'simulators/embedded.ts',
  cli: 'main/cli.ts',
  'keychain-worker': 'main/secrets/keychain-worker.ts',
};

const mainInput = Object.fromEntries(
  Object.entries(MAIN_ENTRIES)
    .map(([name, file]) => [name, join(root, file)] as const)
    .filter(([, file]) => existsSync(file)),
);

export default defineConfig({
  main: {
    build: {
      outDir: join(root, 'out/main'),
      // The package carries the production modules as they are (electron-builder.yml): what runs is what was tested, native ones included.
      externalizeDeps: true,
      rolldownOptions: {
        input: mainInput,
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: join(root, 'out/preload'),
      // A sandboxed preload can require 'electron' and nothing else, and cannot be an ES module: one CommonJS file.
      externalizeDeps: false,
      rolldownOptions: {
        input: { index: join(root, 'preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: join(root, 'renderer'),
    plugins: [react()],
    build: {
      outDir: join(root, 'out/renderer'),
      minify: true,
      // The pages' policy allows no script from a data: address; files are as quick from memory.
      assetsInlineLimit: 0,
      rolldownOptions: {
        input: {
          curtain: join(root, 'renderer/curtain/index.html'),
          status: join(root, 'renderer/status/index.html'),
          enrollment: join(root, 'renderer/enrollment/index.html'),
        },
      },
    },
  },
});
