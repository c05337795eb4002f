import type { XConnection } from '../../chromium-host/x11/connection.ts';

const Z_PIXMAP = 2;

/** @returns a look at the screen as it is now: the colour at a point, as `#rrggbb`. */
export async function pixelsOfDisplay(x: XConnection): Promise<(x: number, y: number) => string> {
  const { root, widthPx, heightPx } = x.screen;
  const body = Buffer.alloc(16);
  body.writeUInt32LE(root, 0);
  body.writeUInt16LE(widthPx, 8);
  body.writeUInt16LE(heightPx, 10);
  body.writeUInt32LE(0xffffffff, 12);
  const image = (await x.ask(73, Z_PIXMAP, body)).subarray(32);
  return (px, py) => `#${(image.readUInt32LE((py * widthPx + px) * 4) & 0xffffff).toString(16).padStart(6, '0')}`;
}
