import { createHash } from 'node:crypto';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const root = import.meta.dirname;
const PAGE = join(root, 'gateway/approver/web');

/** What decides which version a page is: its sources, what it shares with the workstation's pages, and the packages. */
const MADE_OF = ['gateway/approver/web/**', 'renderer/shared/**', 'package-lock.json', 'approver.vite.config.ts'];

function versionOfSources(): string {
  const hash = createHash('sha256');
  const files = MADE_OF.flatMap((pattern) => globSync(pattern, { cwd: root, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files)
    hash
      .update(`${file.slice(root.length)}\0`)
      .update(readFileSync(file))
      .update('\0');
  return hash.digest('base64url').slice(0, 16);
}

const version = versionOfSources();

/** The page asks for this file past every cache, and loads itself anew when it is not the version that runs. */
const versionFile: Plugin = {
  name: 'approver-version',
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'version.json', source: JSON.stringify({ version }) });
  },
};

const COMPRESSED = ['.html', '.js', '.css', '.webmanifest'];

/** A `.br` beside every text: compressed once and well here, not at each request; the gateway sends it to whoever takes it. */
let out = join(root, 'out/approver');
const compressed: Plugin = {
  name: 'approver-compressed',
  configResolved(config) {
    out = config.build.outDir;
  },
  closeBundle() {
    for (const file of globSync('**/*', { cwd: out }).filter((name) => COMPRESSED.includes(extname(name)))) {
      writeFileSync(join(out, `${file}.br`), brotliCompressSync(readFileSync(join(out, file))));
    }
  },
};

/** The phone's page and its service worker, as files for the gateway to serve below /approver/. */
export default defineConfig({
  root: PAGE,
  base: '/approver/',
  publicDir: join(PAGE, 'public'),
  plugins: [react(), versionFile, compressed],
  define: { __APPROVER_VERSION__: JSON.stringify(version) },
  build: {
    outDir: join(root, 'out/approver'),
    emptyOutDir: true,
    // iOS 16.4, and the Chrome of the same spring.
    target: ['safari16.4', 'chrome111'],
    // The page's policy allows nothing from a data: address.
    assetsInlineLimit: 0,
    // One script and one style sheet: nothing to preload.
    modulePreload: false,
    rolldownOptions: {
      input: { app: join(PAGE, 'index.html'), 'service-worker': join(PAGE, 'service-worker/service-worker.ts') },
      output: {
        format: 'es',
        // The worker's scope is the folder it lies in, and its address must never change.
        entryFileNames: ({ name }) => (name === 'service-worker' ? '[name].js' : 'assets/[name]-[hash].js'),
        chunkFileNames: 'assets/[name]-[hash].js',
        assetFileNames: 'assets/[name]-[hash][extname]',
      },
    },
  },
});
