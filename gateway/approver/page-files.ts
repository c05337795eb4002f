import { readdir, readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { approverCacheControl, approverPageHeaders } from './page-headers.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.png': 'image/png',
};
const COMPRESSED = '.br';

export interface PageFile {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The built page of the phone, read once: what is served is what was there at the start, and no path leads to any other file. */
export class ApproverPageFiles {
  readonly #files: ReadonlyMap<string, Buffer>;
  readonly #headers: Readonly<Record<string, string>>;

  private constructor(files: ReadonlyMap<string, Buffer>, publicUrl: URL) {
    this.#files = files;
    this.#headers = approverPageHeaders(publicUrl);
  }

  /** @param folder out/approver. @throws when it is not there or holds no page: the gateway then says so instead of serving half of one. */
  static async read(folder: string, publicUrl: URL): Promise<ApproverPageFiles> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const names = entries
      .filter((entry) => entry.isFile())
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(folder.length + 1)
          .split(sep)
          .join('/'),
      );
    const files = new Map(
      await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)),
    );
    if (!files.has('index.html')) throw new Error(`${folder} holds no built approver page.`);
    return new ApproverPageFiles(files, publicUrl);
  }

  /**
   * @param path of the request's URL, percent-encoded as it came: no file needs an encoded name.
   * @returns null for what is no file of the page.
   */
  find(path: string, acceptEncoding: string): PageFile | null {
    if (!path.startsWith('/approver/')) return null;
    const name = path.slice('/approver/'.length) || 'index.html';
    const type = TYPES[extname(name)];
    const plain = this.#files.get(name);
    if (plain === undefined || type === undefined) return null;
    const brotli = /\bbr\b/.test(acceptEncoding) ? this.#files.get(name + COMPRESSED) : undefined;
    return {
      body: brotli ?? plain,
      headers: {
        ...this.#headers,
        'content-type': type,
        'cache-control': approverCacheControl(name),
        vary: 'accept-encoding',
        ...(brotli === undefined ? {} : { 'content-encoding': 'br' }),
      },
    };
  }
}
