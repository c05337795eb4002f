import { EventEmitter } from 'node:events';
import type { Members } from '../stand-in.ts';
import { clickItem, linesOf, type MenuLine } from './menu.ts';
import { imageFromPath } from './native-image.ts';
import { trayWindow } from './tray-window.ts';

/** The tray as the host's window shows it. */
export interface TrayState {
  readonly icon: string;
  readonly toolTip: string;
  readonly menu: readonly MenuLine[];
}

/** There is no tray on a bare X display: what would be there is shown in a small window of the host. */
export class Tray
  extends EventEmitter
  implements
    Members<
      Electron.Tray,
      | 'setImage'
      | 'setToolTip'
      | 'setTitle'
      | 'setContextMenu'
      | 'destroy'
      | 'isDestroyed'
      | 'setIgnoreDoubleClickEvents'
      | 'closeContextMenu'
    >
{
  private image: string;
  private toolTip = '';
  private menu: Electron.Menu | null = null;
  private destroyed = false;

  constructor(image: Electron.NativeImage | string) {
    super();
    this.image = dataUrlOf(image);
    trayWindow.setTray(this);
  }

  setImage(image: Electron.NativeImage | string): void {
    this.image = dataUrlOf(image);
    trayWindow.render();
  }

  setToolTip(toolTip: string): void {
    this.toolTip = toolTip;
    trayWindow.render();
  }

  setTitle(): void {
    // macOS only.
  }

  setContextMenu(menu: Electron.Menu | null): void {
    this.menu = menu;
    trayWindow.render();
  }

  setIgnoreDoubleClickEvents(): void {
    // macOS only.
  }

  closeContextMenu(): void {
    // The menu of the host's window is always open.
  }

  destroy(): void {
    this.destroyed = true;
    trayWindow.setTray(null);
  }

  isDestroyed(): boolean {
    return this.destroyed;
  }

  /** For the host's window and the control channel only. */
  state(): TrayState {
    return { icon: this.image, toolTip: this.toolTip, menu: linesOf(this.menu) };
  }

  clickMenu(path: string): void {
    clickItem(this.menu, path);
  }
}

function dataUrlOf(image: Electron.NativeImage | string): string {
  return (typeof image === 'string' ? imageFromPath(image) : image).toDataURL();
}
