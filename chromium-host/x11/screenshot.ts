import { crc32, deflateSync } from 'node:zlib';
import type { XConnection } from './connection.ts';

const Z_PIXMAP = 2;
const BYTES_PER_PIXEL_IN = 4;
const BYTES_PER_PIXEL_OUT = 3;

/** The whole display as a person sees it, as PNG. Of the depths, those with 32 bits per pixel are understood (24 and 32). */
export async function screenshotOfDisplay(x: XConnection): Promise<Buffer> {
  const geometry = Buffer.alloc(4);
  geometry.writeUInt32LE(x.screen.root, 0);
  const reply = await x.ask(14, 0, geometry);
  const width = reply.readUInt16LE(16);
  const height = reply.readUInt16LE(18);
  const body = Buffer.alloc(16);
  body.writeUInt32LE(x.screen.root, 0);
  body.writeUInt16LE(width, 8);
  body.writeUInt16LE(height, 10);
  body.writeUInt32LE(0xffffffff, 12);
  const image = (await x.ask(73, Z_PIXMAP, body)).subarray(32);
  if (image.length < width * height * BYTES_PER_PIXEL_IN) throw new Error('the display has an unknown pixel format');
  return encodePng(image, width, height);
}

function encodePng(bgrx: Buffer, width: number, height: number): Buffer {
  const line = 1 + width * BYTES_PER_PIXEL_OUT;
  const raw = Buffer.alloc(line * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const from = (y * width + x) * BYTES_PER_PIXEL_IN;
      const to = y * line + 1 + x * BYTES_PER_PIXEL_OUT;
      raw[to] = bgrx[from + 2] ?? 0;
      raw[to + 1] = bgrx[from + 1] ?? 0;
      raw[to + 2] = bgrx[from] ?? 0;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const FAST = 1;
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(raw, { level: FAST })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(data.length, 0);
  named.copy(framed, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
}
