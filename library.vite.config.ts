import { join } from 'node:path';
import { defineConfig } from 'vite';

const root = import.meta.dirname;

/** What `exports` and `bin` of package.json name. */
const ENTRIES: Readonly<Record<string, string>> = {
  activeconnect: 'library/activeconnect.ts',
  'wcd-2factor': 'library/wcd-2factor.ts',
  'presence-locker': 'command/presence-locker.ts',
};

/** The library and the console command as plain JavaScript, because Node strips no types below node_modules. Declarations: tsconfig.library.json. */
export default defineConfig({
  root,
  build: {
    // A server build: packages stay imports, and what runs is what their own authors tested.
    ssr: true,
    target: 'node20.19',
    outDir: join(root, 'out/library'),
    emptyOutDir: true,
    copyPublicDir: false,
    minify: false,
    rolldownOptions: {
      input: Object.fromEntries(Object.entries(ENTRIES).map(([name, file]) => [name, join(root, file)])),
      output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
    },
  },
});
