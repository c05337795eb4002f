import { standIn } from '../stand-in.ts';

interface FramedContents {
  readonly id: number;
  getURL(): string;
  isDestroyed(): boolean;
}

/** The one frame that pages of this host have; it is its own top, and lives as long as its contents. */
export function mainFrameOf(contents: FramedContents): Electron.WebFrameMain {
  const frame: Electron.WebFrameMain = standIn<Electron.WebFrameMain>('WebFrameMain', {
    get url() {
      return contents.getURL();
    },
    get origin() {
      const url = contents.getURL();
      return new URL(url === '' ? 'about:blank' : url).origin;
    },
    parent: null,
    get top() {
      return frame;
    },
    name: '',
    frames: [],
    processId: contents.id,
    routingId: contents.id,
    frameTreeNodeId: contents.id,
    detached: false,
    isDestroyed: () => contents.isDestroyed(),
  });
  return frame;
}
