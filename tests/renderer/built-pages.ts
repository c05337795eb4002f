import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { build } from 'vite';

const RENDERER = fileURLToPath(new URL('../../renderer', import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

export interface BuiltPages {
  /** E.g. `http://127.0.0.1:49152/curtain/index.html` */
  url(page: string): string;
  close(): Promise<void>;
}

/** Builds the three pages as they are shipped, into a folder of its own, and serves them on the loopback. */
export async function buildPages(): Promise<BuiltPages> {
  const folder = await mkdtemp(path.join(tmpdir(), 'presence-locker-pages-'));
  await build({
    root: RENDERER,
    configFile: false,
    logLevel: 'warn',
    plugins: [react()],
    build: {
      outDir: folder,
      emptyOutDir: true,
      rollupOptions: {
        input: ['curtain', 'status', 'enrollment'].map((page) => path.join(RENDERER, page, 'index.html')),
      },
    },
  });
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const file = path.join(folder, path.normalize(pathname));
    const send = file.startsWith(folder) ? readFile(file) : Promise.reject(new Error('outside'));
    send.then(
      (content) => response.writeHead(200, { 'content-type': TYPES[path.extname(file)] ?? 'text/plain' }).end(content),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The page server has no port.');
  return {
    url: (page) => `http://127.0.0.1:${address.port}/${page}`,
    close: async () => {
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
