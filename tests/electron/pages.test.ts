import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

vi.mock('electron', () => import('./fake-electron.ts'));

import { answerPageRequest, type PageFiles, readPageFiles } from '../../main/electron/pages.electron.ts';

let folder = '';
let files: PageFiles = new Map();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pages-'));
  const pages = join(folder, 'renderer');
  await mkdir(join(pages, 'curtain'), { recursive: true });
  await mkdir(join(pages, 'assets'));
  await writeFile(join(folder, 'secret.json'), '{"secret":true}');
  await writeFile(join(pages, 'curtain/index.html'), '<!doctype html>');
  await writeFile(join(pages, 'assets/curtain.js'), 'export {};');
  await writeFile(join(pages, 'assets/notes.exe'), 'MZ');
  await symlink(join(folder, 'secret.json'), join(pages, 'assets/linked.json'));
  files = await readPageFiles(pages);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const get = (url: string, method = 'GET') => answerPageRequest(files, { method, url });

describe('the page protocol', () => {
  it('serves a page with its type and without unsafe policy', async () => {
    const response = get('app://presence-locker/curtain/index.html?display=secondary#x');
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('<!doctype html>');
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin');
  });

  it('serves a part of a page', () => {
    expect(get('app://presence-locker/assets/curtain.js').headers.get('content-type')).toContain('text/javascript');
  });

  it.each([
    'app://presence-locker/../secret.json',
    'app://presence-locker/assets/../../secret.json',
    'app://presence-locker/..%2fsecret.json',
    'app://presence-locker/%2e%2e/secret.json',
    'app://presence-locker/%2e%2e%2fsecret.json',
    'app://presence-locker/..\\secret.json',
    'app://presence-locker/assets/%5c..%5c..%5csecret.json',
    'app://presence-locker//etc/passwd',
    'app://presence-locker/curtain/index.html%00.js',
    'app://presence-locker/curtain/',
    'app://presence-locker/',
  ])('finds nothing behind %s', (url) => {
    expect(get(url).status).toBe(404);
  });

  it('does not serve what a symbolic link points to', () => {
    expect(get('app://presence-locker/assets/linked.json').status).toBe(404);
  });

  it('does not serve a file of a type no page has', () => {
    expect(get('app://presence-locker/assets/notes.exe').status).toBe(404);
  });

  it('does not answer for another host', () => {
    expect(get('app://elsewhere/curtain/index.html').status).toBe(404);
    expect(get('https://presence-locker/curtain/index.html').status).toBe(404);
  });

  it('answers nothing but GET', () => {
    expect(get('app://presence-locker/curtain/index.html', 'POST').status).toBe(405);
  });

  it('goes on serving what was there at the start, whatever happens on disk', async () => {
    await writeFile(join(folder, 'renderer/curtain/index.html'), '<script>evil()</script>');
    expect(await get('app://presence-locker/curtain/index.html').text()).toBe('<!doctype html>');
  });

  it('says so when there are no pages', async () => {
    await expect(readPageFiles(join(folder, 'absent'))).rejects.toThrow('ENOENT');
  });
});
