import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { APPROVER_ROOT } from '../../protocol/approver.ts';
import { ConfigurationError } from '../configuration-error.ts';

const MAX_FILES = 200;
const MAX_FILE_BYTES = 2 * 1024 * 1024;
/** Named, and not with a weight of nought. */
const TAKES_BROTLI = /(?:^|,)\s*br\s*(?:,|$|;(?!\s*q=0(?:\.0*)?\s*(?:,|$)))/;
const INDEX = 'index.html';
const COMPRESSED = '.br';
/** As Vite names what it bundles: the name changes with the content. */
const HASHED_NAME = /(?:^|\/)[^/]+-[A-Za-z0-9_-]{8}\.[a-z0-9]+$/;
const IMMUTABLE = 'public, max-age=31536000, immutable';
/** Asked about each time, so that an old page or service worker does not stay. */
const ASKED_EACH_TIME = 'no-cache';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

interface StaticFile {
  readonly body: Buffer;
  /** The same in Brotli, where the build put `NAME.br` beside it; of that a phone fetches a third. */
  readonly brotli?: Buffer;
  readonly type: string;
  readonly etag: string;
  readonly cache: string;
}

/** The page's files, read once at the start: a request only looks up a name in a table, so it can reach nothing else. */
export type StaticFiles = ReadonlyMap<string, StaticFile>;

/** Paths as the browser asks for them. Files of other kinds, e.g. source maps, are left out. @throws ConfigurationError */
export async function readStaticFiles(directory: string): Promise<StaticFiles> {
  const found = await namesIn(directory, '');
  const names = found.filter((name) => extname(name) in TYPES);
  if (names.length > MAX_FILES) {
    throw new ConfigurationError('provider.webDirectory', `a folder with at most ${MAX_FILES} files`);
  }
  const files = new Map<string, StaticFile>();
  for (const name of names) {
    const path = join(directory, name);
    if ((await stat(path)).size > MAX_FILE_BYTES) {
      throw new ConfigurationError('provider.webDirectory', `files of at most ${MAX_FILE_BYTES} bytes`);
    }
    const body = await readFile(path);
    const url = APPROVER_ROOT + name;
    files.set(url, {
      body,
      ...(found.includes(name + COMPRESSED) ? { brotli: await readFile(join(directory, name + COMPRESSED)) } : {}),
      type: TYPES[extname(name)] ?? 'application/octet-stream',
      etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
      cache: HASHED_NAME.test(url) ? IMMUTABLE : ASKED_EACH_TIME,
    });
  }
  const index = files.get(APPROVER_ROOT + INDEX);
  if (index === undefined) throw new ConfigurationError('provider.webDirectory', `a folder with ${INDEX}`);
  return files.set(APPROVER_ROOT, index);
}

/** Regular files at any depth, with forward slashes. Symbolic links are not followed: they lead out of the folder. */
async function namesIn(directory: string, below: string): Promise<string[]> {
  const entries = await readdir(join(directory, below), { withFileTypes: true }).catch(
    (fault: NodeJS.ErrnoException) => {
      const code = fault.code ?? 'unknown fault';
      throw new ConfigurationError('provider.webDirectory', `a folder that can be read (${code})`);
    },
  );
  const names = await Promise.all(
    entries.map((entry) => {
      const name = `${below}${entry.name}`;
      if (entry.isDirectory()) return namesIn(directory, `${name}/`);
      return entry.isFile() ? [name] : [];
    }),
  );
  return names.flat();
}

/** @returns false where there is no such file: the caller says so */
export function answerWithFile(
  files: StaticFiles,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
): boolean {
  const file = files.get(path);
  if (file === undefined) return false;
  const brotli = TAKES_BROTLI.test(String(request.headers['accept-encoding'] ?? '')) ? file.brotli : undefined;
  const body = brotli ?? file.body;
  // Two forms of one file need two tags (RFC 9110, 8.8.3.3), and a cache between must not give the one for the other.
  const etag = brotli === undefined ? file.etag : file.etag.replace(/"$/, '-br"');
  const known = { ...headers, ETag: etag, 'Cache-Control': file.cache, Vary: 'Accept-Encoding' };
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, known).end();
    return true;
  }
  response.writeHead(200, {
    ...known,
    'Content-Type': file.type,
    'Content-Length': body.length,
    ...(brotli === undefined ? {} : { 'Content-Encoding': 'br' }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
  return true;
}
