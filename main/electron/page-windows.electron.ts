import { type BrowserWindow, nativeTheme, screen } from 'electron';
import { assertNever } from '../../protocol/result.ts';
import type { HardenedWindows } from './hardened-windows.electron.ts';
import { pageAddress } from './page-addresses.ts';
import type { ShellLog } from './shell-log.ts';

export type PageWindowKind = 'status' | 'enrollment' | 'settings';

/** The windows a person opens: status, and enrollment with the settings. At most one of each; closing one forgets it. */
export interface PageWindows {
  open(kind: PageWindowKind): void;
  closeAll(): void;
}

/** Chromium's code for a load that was overtaken by another one. */
const ERR_ABORTED = -3;

/** A short history stands below the state without scrolling. */
const STATUS_SIZE = { width: 400, height: 760 };
/** Wide enough for the rail of steps beside them. */
const ENROLLMENT_SIZE = { width: 800, height: 760 };
/** Left free of a small display, for the frame of the window manager. */
const FRAME_HEIGHT = 40;
/** Narrowest width the pages are drawn for (LOOK "Room"). */
const MINIMUM_SIZE = { minWidth: 360, minHeight: 480 };

/** `--paper` of the look: before the first paint there is no white flash in the dark. */
const paper = (): string => (nativeTheme.shouldUseDarkColors ? '#14171b' : '#fbfbfa');

function fitting(size: { readonly width: number; readonly height: number }) {
  const { width, height } = screen.getPrimaryDisplay().workAreaSize;
  return { width: Math.min(size.width, width), height: Math.min(size.height, height - FRAME_HEIGHT) };
}

const ordinaryWindow = () => ({
  ...MINIMUM_SIZE,
  title: 'Presence Locker',
  show: false,
  fullscreenable: false,
  backgroundColor: paper(),
});

export function createPageWindows(windows: HardenedWindows, log: ShellLog): PageWindows {
  const open = new Map<'status' | 'enrollment', BrowserWindow>();

  const show = (window: BrowserWindow): void => {
    window.show();
    window.focus();
  };
  const keep = (page: 'status' | 'enrollment', window: BrowserWindow): void => {
    open.set(page, window);
    window.on('closed', () => {
      if (open.get(page) === window) open.delete(page);
    });
    // An empty window would be brought forward again and again instead of one that shows something.
    const giveUp = (why: string): void => {
      log.error(`The ${page} window ${why} and was closed`);
      if (!window.isDestroyed()) window.destroy();
    };
    window.webContents.on('render-process-gone', () => giveUp('crashed'));
    window.webContents.on('did-fail-load', (_event, errorCode, _description, _url, isMainFrame) => {
      if (isMainFrame && errorCode !== ERR_ABORTED) giveUp('could not be loaded');
    });
  };

  const openStatus = (): void => {
    const shown = open.get('status');
    if (shown !== undefined && !shown.isDestroyed()) {
      show(shown);
      return;
    }
    const window = windows.create({
      page: 'status',
      window: { ...fitting(STATUS_SIZE), ...ordinaryWindow() },
    });
    keep('status', window);
    show(window);
  };

  const openEnrollment = (section: 'enrollment' | 'settings'): void => {
    const shown = open.get('enrollment');
    if (shown !== undefined && !shown.isDestroyed()) {
      // Same page, other fragment: the page stays, so nothing the person typed is lost.
      shown
        .loadURL(pageAddress('enrollment', { section }))
        .catch(() => log.error('The enrollment page could not be shown'));
      show(shown);
      return;
    }
    const window = windows.create({
      page: 'enrollment',
      variant: { section },
      window: { ...fitting(ENROLLMENT_SIZE), ...ordinaryWindow() },
    });
    keep('enrollment', window);
    show(window);
  };

  return {
    open(kind) {
      switch (kind) {
        case 'status':
          openStatus();
          return;
        case 'enrollment':
        case 'settings':
          openEnrollment(kind);
          return;
        default:
          assertNever(kind, 'window');
      }
    },
    closeAll() {
      for (const window of open.values()) if (!window.isDestroyed()) window.destroy();
      open.clear();
    },
  };
}
