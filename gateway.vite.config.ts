import { join } from 'node:path';
import { defineConfig } from 'vite';

const root = import.meta.dirname;

/** The gateway as a program of the npm package: plain JavaScript, because Node strips no types below node_modules. */
export default defineConfig({
  root,
  build: {
    // A server build: packages stay imports, and what runs is what their own authors tested.
    ssr: true,
    target: 'node24',
    outDir: join(root, 'out/gateway'),
    emptyOutDir: true,
    copyPublicDir: false,
    minify: false,
    rolldownOptions: {
      input: { 'presence-locker-gateway': join(root, 'gateway/presence-locker-gateway.ts') },
      // All in one folder: gateway/approver/built-page.ts finds the phones' page from where it lies.
      output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    },
  },
});
