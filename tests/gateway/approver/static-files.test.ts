import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import type { OutgoingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readStaticFiles } from '../../../gateway/approver/static-files.ts';
import { type ApproverUnderTest, exchange, startApprover } from './approver-under-test.ts';

describe('the page’s files', () => {
  let directory = '';
  let approver: ApproverUnderTest;
  const get = (path: string, headers: OutgoingHttpHeaders = {}) =>
    exchange(approver.url, { method: 'GET', path, headers });
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'approver-page-'));
    await mkdir(join(directory, 'page', 'assets'), { recursive: true });
    await writeFile(join(directory, 'secret.json'), '{}');
    await writeFile(join(directory, 'page', 'index.html'), '<!doctype html>');
    await writeFile(join(directory, 'page', 'service-worker.js'), 'self');
    await writeFile(join(directory, 'page', 'assets', 'index-B1x_2y-3.js'), 'page');
    await writeFile(join(directory, 'page', 'assets', 'index-B1x_2y-3.js.map'), '{}');
    await writeFile(join(directory, 'page', 'assets', 'index-B1x_2y-3.js.br'), brotliCompressSync('page'));
    await symlink(directory, join(directory, 'page', 'up'));
    approver = await startApprover({ files: await readStaticFiles(join(directory, 'page')) });
  });
  afterEach(async () => {
    await approver.close();
    await rm(directory, { recursive: true });
  });

  test('come with a strict content security policy, in nobody’s frame', async () => {
    const page = await get('/approver/');
    expect(page.status).toBe(200);
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(page.headers['x-content-type-options']).toBe('nosniff');
    expect((await get('/approver')).headers.location).toBe('/approver/');
  });

  test('are kept for ever where the name changes with the content; the page and its service worker are asked about each time', async () => {
    expect((await get('/approver/assets/index-B1x_2y-3.js')).headers['cache-control']).toContain('immutable');
    for (const path of ['/approver/', '/approver/index.html', '/approver/service-worker.js']) {
      const { headers } = await get(path);
      expect(headers['cache-control']).toBe('no-cache');
      expect((await get(path, { 'If-None-Match': headers.etag })).status).toBe(304);
    }
  });

  test('come compressed to who takes it, under a tag of their own', async () => {
    const path = '/approver/assets/index-B1x_2y-3.js';
    const small = await get(path, { 'Accept-Encoding': 'gzip, deflate, br' });
    expect(small.headers['content-encoding']).toBe('br');
    expect(Number(small.headers['content-length'])).toBe(brotliCompressSync('page').length);
    expect(small.headers.vary).toBe('Accept-Encoding');
    for (const taken of ['', 'gzip', 'br;q=0', 'brotli', 'gzip, br;q=0.0']) {
      const plain = await get(path, { 'Accept-Encoding': taken });
      expect(plain.headers['content-encoding'], taken).toBeUndefined();
      expect(plain.text).toBe('page');
      expect(plain.headers.etag).not.toBe(small.headers.etag);
    }
    const again = { 'Accept-Encoding': 'br', 'If-None-Match': small.headers.etag };
    expect((await get(path, again)).status).toBe(304);
  });

  test.each([
    '/approver/../secret.json',
    '/approver/%2e%2e/secret.json',
    '/approver/up/secret.json',
    '/approver/assets/index-B1x_2y-3.js.map',
    '/approver/assets/index-B1x_2y-3.js.br',
    '/approver/api/nothing',
    '/approver//index.html',
  ])('are all there is: %s is not found', async (path) => {
    expect((await get(path)).status).toBe(404);
  });
});
