import type { Page } from 'playwright-core';
import { encode } from 'uqr';
import { expect } from 'vitest';

/** Reads back which modules a drawn QR path covers: rows of `M x y h length v1 H x z`. */
export function modulesOfPath(path: string, size: number): boolean[][] {
  const modules = Array.from({ length: size }, () => Array.from({ length: size }, () => false));
  for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)v1H\d+z/g)) {
    const row = modules[Number(y)];
    if (row === undefined) throw new Error(`A module outside the code: row ${y}`);
    for (let column = Number(x); column < Number(x) + Number(length); column += 1) row[column] = true;
  }
  return modules;
}

/** The image of this name draws the QR code of exactly `text`. */
export async function expectQrCode(page: Page, imageName: RegExp, text: string): Promise<void> {
  const path = await page.getByRole('img', { name: imageName }).locator('path').getAttribute('d');
  const expected = encode(text, { ecc: 'M', border: 0 }).data;
  expect(modulesOfPath(path ?? '', expected.length)).toEqual(expected);
}
