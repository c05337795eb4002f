import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { protocol, type Session } from 'electron';
import { MAX_PAGE_FILE_BYTES, MAX_PAGE_FILES } from './limits.ts';
import { PAGE_HOST, PAGE_SCHEME } from './page-addresses.ts';

/**
 * The bundled pages, served from memory. A request can only name a file that stood in the folder when the app started, so there is
 * no path to traverse, and a file exchanged on disk while the app runs is not served.
 */
export type PageFiles = ReadonlyMap<string, { readonly body: Uint8Array<ArrayBuffer>; readonly contentType: string }>;

const CONTENT_TYPES: ReadonlyMap<string, string> = new Map([
  ['html', 'text/html; charset=utf-8'],
  ['js', 'text/javascript; charset=utf-8'],
  ['css', 'text/css; charset=utf-8'],
  ['svg', 'image/svg+xml'],
  ['png', 'image/png'],
  ['woff2', 'font/woff2'],
  ['json', 'application/json; charset=utf-8'],
]);

/** No `unsafe-*`, nothing from the network, no frames: a page can show what it was built with and call the bridge, nothing else. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=(), display-capture=()',
  'Cache-Control': 'no-store',
};

/** Must run before `ready`, while the entry module is evaluated; later Electron refuses. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: PAGE_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/**
 * Reads the folder of the built pages.
 * @throws when it cannot be read, or holds more than the limits: without pages there is no curtain, and the caller must say so.
 */
export async function readPageFiles(rendererDirectory: string): Promise<PageFiles> {
  const files = new Map<string, { body: Uint8Array<ArrayBuffer>; contentType: string }>();
  const readFolder = async (folder: string, urlPath: string): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        await readFolder(path, `${urlPath}${entry.name}/`);
        continue;
      }
      const contentType = CONTENT_TYPES.get(entry.name.slice(entry.name.lastIndexOf('.') + 1));
      // A symbolic link is neither: it could point out of the bundle.
      if (!entry.isFile() || contentType === undefined) continue;
      if (files.size >= MAX_PAGE_FILES || (await stat(path)).size > MAX_PAGE_FILE_BYTES) {
        throw new Error(`The pages in ${rendererDirectory} are larger than a build of this app can be`);
      }
      files.set(`${urlPath}${entry.name}`, { body: new Uint8Array(await readFile(path)), contentType });
    }
  };
  await readFolder(rendererDirectory, '/');
  return files;
}

const refused = (status: number): Response => new Response(null, { status, headers: SECURITY_HEADERS });

/** Answers one request for a page or a part of it. */
export function answerPageRequest(
  files: PageFiles,
  request: { readonly method: string; readonly url: string },
): Response {
  if (request.method !== 'GET') return refused(405);
  if (!URL.canParse(request.url)) return refused(400);
  const url = new URL(request.url);
  if (url.protocol !== `${PAGE_SCHEME}:` || url.hostname !== PAGE_HOST || url.port !== '') return refused(404);
  // Deliberately not percent-decoded: no file of a build needs it, and decoding is where traversals hide.
  const file = files.get(url.pathname);
  if (file === undefined) return refused(404);
  return new Response(file.body, { status: 200, headers: { ...SECURITY_HEADERS, 'Content-Type': file.contentType } });
}

export function servePages(session: Session, files: PageFiles): void {
  session.protocol.handle(PAGE_SCHEME, (request) => answerPageRequest(files, request));
}
