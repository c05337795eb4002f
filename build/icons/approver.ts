import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { crc32, deflateSync } from 'node:zlib';

/**
 * Draws the icons of the phone's page: `node build/icons/approver.ts`. The mark of presence in flat colours, as a PNG of sixteen
 * palette entries, because the whole page with its icons stays under 100 KB and the app's icon with its light is 70 KB alone.
 */
const FOLDER = path.join(import.meta.dirname, '../../gateway/approver/web/public/icons');

type Rgba = readonly [number, number, number, number];
const GROUND: Rgba = [0x14, 0x1a, 0x21, 255];
const RING: Rgba = [0xec, 0xef, 0xf3, 255];
const DOT: Rgba = [0x3e, 0xcf, 0x9a, 255];
const CLEAR: Rgba = [0xff, 0xff, 0xff, 0];
const WHITE: Rgba = [0xff, 0xff, 0xff, 255];

interface Drawing {
  readonly file: string;
  readonly size: number;
  /** Radius of the ring as a share of the size. */
  readonly ring: number;
  /** Rounded corner as a share of the size; 0 where the phone cuts the shape itself. */
  readonly corner: number;
  readonly colours: { readonly ground: Rgba; readonly ring: Rgba; readonly dot: Rgba };
}

const COLOURS = { ground: GROUND, ring: RING, dot: DOT };
const DRAWINGS: readonly Drawing[] = [
  { file: '192.png', size: 192, ring: 0.29, corner: 0.22, colours: COLOURS },
  { file: '512.png', size: 512, ring: 0.29, corner: 0.22, colours: COLOURS },
  { file: 'maskable-512.png', size: 512, ring: 0.24, corner: 0, colours: COLOURS },
  { file: 'apple-touch-180.png', size: 180, ring: 0.27, corner: 0, colours: COLOURS },
  // Android paints this one itself: only its transparency counts.
  { file: 'badge-96.png', size: 96, ring: 0.38, corner: 0, colours: { ground: CLEAR, ring: WHITE, dot: WHITE } },
];

/** Shades between two colours at an edge. */
const SHADES = 5;
const SAMPLES = 4;
/** The strokes of build/icons/app.svg, as shares of the ring's radius. */
const STROKE = 56 / 236;
const DOT_RADIUS = 102 / 236;

function draw({ size, ring, corner, colours }: Drawing): Buffer {
  const palette: Rgba[] = [];
  const indexOf = (colour: Rgba): number => {
    const found = palette.findIndex((entry) => entry.every((part, at) => part === colour[at]));
    return found >= 0 ? found : palette.push(colour) - 1;
  };
  const outside: Rgba = corner === 0 ? colours.ground : [colours.ground[0], colours.ground[1], colours.ground[2], 0];
  const rows = Buffer.alloc((size + 1) * size);
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const samples = samplesOf(x, y).map(([sx, sy]) => colourAt(sx / size - 0.5, sy / size - 0.5));
      const [first = outside, other] = [...new Set(samples)];
      const share = samples.filter((sample) => sample === first).length / samples.length;
      const shade = Math.round(share * SHADES) / SHADES;
      rows[y * (size + 1) + 1 + x] = indexOf(other === undefined ? first : mixed(first, other, shade));
    }
  }
  return png(size, palette, rows);

  function colourAt(x: number, y: number): Rgba {
    const distance = Math.hypot(x, y) / ring;
    if (distance < DOT_RADIUS) return colours.dot;
    if (Math.abs(distance - 1) < STROKE / 2) return colours.ring;
    const over = Math.hypot(Math.max(0, Math.abs(x) - (0.5 - corner)), Math.max(0, Math.abs(y) - (0.5 - corner)));
    return corner > 0 && over > corner ? outside : colours.ground;
  }
}

function samplesOf(x: number, y: number): readonly (readonly [number, number])[] {
  return Array.from({ length: SAMPLES * SAMPLES }, (_, at) => [
    x + ((at % SAMPLES) + 0.5) / SAMPLES,
    y + (Math.floor(at / SAMPLES) + 0.5) / SAMPLES,
  ]);
}

function mixed(a: Rgba, b: Rgba, share: number): Rgba {
  const part = (at: 0 | 1 | 2 | 3) => Math.round(a[at] * share + b[at] * (1 - share));
  return [part(0), part(1), part(2), part(3)];
}

/** PNG (third edition), §11: palette image of eight bits, transparency beside the palette. */
function png(size: number, palette: readonly Rgba[], rows: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flatMap((colour) => colour.slice(0, 3)))),
    chunk('tRNS', Buffer.from(palette.map(([, , , alpha]) => alpha))),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

await mkdir(FOLDER, { recursive: true });
for (const drawing of DRAWINGS) await writeFile(path.join(FOLDER, drawing.file), draw(drawing));
