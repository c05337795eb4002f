import { readFileSync } from 'node:fs';
import { implementedOnly, standIn } from '../stand-in.ts';

const PNG_WIDTH_OFFSET = 16;
const PNG_HEIGHT_OFFSET = 20;

/** PNG only: the tray's icons are drawn by the page of the host's window, so the bytes are handed on as they are. */
function imageOf(png: Buffer): Electron.NativeImage {
  let template = false;
  const isEmpty = png.length <= PNG_HEIGHT_OFFSET + 4;
  const image: Electron.NativeImage = standIn<Electron.NativeImage>('NativeImage', {
    isEmpty: () => isEmpty,
    toPNG: () => png,
    toDataURL: () => (isEmpty ? '' : `data:image/png;base64,${png.toString('base64')}`),
    getSize: () =>
      isEmpty
        ? { width: 0, height: 0 }
        : { width: png.readUInt32BE(PNG_WIDTH_OFFSET), height: png.readUInt32BE(PNG_HEIGHT_OFFSET) },
    setTemplateImage: (option) => {
      template = option;
    },
    isTemplateImage: () => template,
    addRepresentation: () => undefined,
    resize: () => image,
  });
  return image;
}

export function imageFromPath(path: string): Electron.NativeImage {
  try {
    return imageOf(readFileSync(path));
  } catch {
    return imageOf(Buffer.alloc(0)); // Electron, too, makes an empty image of a file it cannot read.
  }
}

export const nativeImage = implementedOnly('electron.nativeImage', {
  createEmpty: () => imageOf(Buffer.alloc(0)),
  createFromPath: imageFromPath,
  createFromBuffer: (buffer: Buffer) => imageOf(buffer),
  createFromDataURL: (url: string) => imageOf(Buffer.from(url.slice(url.indexOf(',') + 1), 'base64')),
}) satisfies Pick<
  typeof Electron.NativeImage,
  'createEmpty' | 'createFromPath' | 'createFromBuffer' | 'createFromDataURL'
>;
