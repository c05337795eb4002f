import { theHost } from '../host.ts';

const DEFAULT_SIZE = { width: 800, height: 600 };
const WHITE = 0xffffff;

/** Where a window with these options starts: in the middle of the primary display unless told otherwise. */
export function initialBounds(options: Electron.BrowserWindowConstructorOptions): Electron.Rectangle {
  const middle = centred({ width: options.width ?? DEFAULT_SIZE.width, height: options.height ?? DEFAULT_SIZE.height });
  return { ...middle, x: options.x ?? middle.x, y: options.y ?? middle.y };
}

export function centred(size: { width: number; height: number }): Electron.Rectangle {
  const { monitors } = theHost().display;
  const monitor = monitors.find(({ primary }) => primary) ?? monitors[0];
  const area = monitor?.workArea ?? { x: 0, y: 0, ...size };
  const { width, height } = size;
  return {
    x: Math.round(area.x + Math.max(0, area.width - width) / 2),
    y: Math.round(area.y + Math.max(0, area.height - height) / 2),
    width,
    height,
  };
}

/** `#rgb`, `#rrggbb` or `#aarrggbb`, the forms of Electron that a development window meets. */
export function pixelOf(color: string | undefined): number {
  const hex = /^#(?<digits>[0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{8})$/i.exec(color ?? '')?.groups?.['digits'];
  if (hex === undefined) return WHITE;
  const full = hex.length === 3 ? [...hex].map((digit) => digit + digit).join('') : hex.slice(-6);
  return Number.parseInt(full, 16);
}
