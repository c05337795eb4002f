import { BrowserWindow, type Rectangle, screen, session } from 'electron';
import { isLoopbackHostname } from '../../protocol/loopback.ts';
import { denyAllPermissions } from './guarded-session.electron.ts';
import { reasonOf, type ShellLog } from './shell-log.ts';

/** The simulated phone of a trial, above the curtain so that it can approve. Never opened outside a trial: the caller sees to it. */
export interface TrialPhone {
  /** @param address loopback page of the simulator. @throws when it is anything else. */
  open(address: string): void;
  isOpen(): boolean;
  moveToTop(): void;
  close(): void;
}

/** In memory, and apart from the pages: the phone's page belongs to another origin and must not meet the bridge. */
const PARTITION = 'trial-phone';
const PHONE_SIZE = { width: 390, height: 800 };
/** Space around the phone, frame of the window manager included. */
const MARGIN = 48;

export function isSimulatorAddress(claimedAddress: string): boolean {
  if (!URL.canParse(claimedAddress)) return false;
  const { protocol, hostname, username, password } = new URL(claimedAddress);
  return protocol === 'http:' && isLoopbackHostname(hostname) && username === '' && password === '';
}

const isOfOrigin = (claimedAddress: string, expectedOrigin: string): boolean =>
  URL.canParse(claimedAddress) && new URL(claimedAddress).origin === expectedOrigin;

/** At the right edge, so that the middle of the curtain, where it says what to do, stays in sight. */
function besideTheMiddle(display: Rectangle): Rectangle {
  const height = Math.min(PHONE_SIZE.height, display.height - 2 * MARGIN);
  return {
    width: PHONE_SIZE.width,
    height,
    x: display.x + display.width - PHONE_SIZE.width - MARGIN,
    y: display.y + Math.round((display.height - height) / 2),
  };
}

export function createTrialPhone(log: ShellLog): TrialPhone {
  let window: BrowserWindow | null = null;

  const isOpen = (): boolean => window !== null && !window.isDestroyed() && window.isVisible();
  const moveToTop = (): void => {
    if (isOpen()) window?.moveTop();
  };
  const close = (): void => {
    if (window !== null && !window.isDestroyed()) window.destroy();
    window = null;
  };

  const create = (address: string): BrowserWindow => {
    const expectedOrigin = new URL(address).origin;
    const phoneSession = session.fromPartition(PARTITION);
    denyAllPermissions(phoneSession, log);
    // Redirects and parts of the page, too, come from the simulator or not at all.
    phoneSession.webRequest.onHeadersReceived((details, decide) => {
      decide({ cancel: !isOfOrigin(details.url, expectedOrigin) });
    });
    const display = screen.getAllDisplays()[0];
    const phone = new BrowserWindow({
      ...(display === undefined ? PHONE_SIZE : besideTheMiddle(display.bounds)),
      title: 'Trial phone',
      show: false,
      minimizable: false,
      fullscreenable: false,
      webPreferences: {
        session: phoneSession,
        contextIsolation: true,
        sandbox: true,
        nodeIntegration: false,
        webviewTag: false,
        devTools: false,
      },
    });
    phone.setMenu(null);
    phone.webContents.on('will-navigate', (event) => {
      if (!isOfOrigin(event.url, expectedOrigin)) event.preventDefault();
    });
    phone.webContents.on('will-attach-webview', (event) => event.preventDefault());
    phone.webContents.setWindowOpenHandler(() => ({ action: 'deny' }));
    phone.on('closed', () => {
      if (window === phone) window = null;
    });
    return phone;
  };

  return {
    open(address) {
      if (!isSimulatorAddress(address)) throw new Error('The trial phone opens the simulated service only');
      // Made anew each time: the simulator may have moved to another port.
      close();
      const phone = create(address);
      window = phone;
      phone
        .loadURL(address)
        .catch((thrown: unknown) => log.error(`The trial phone could not be loaded: ${reasonOf(thrown)}`));
      // The curtain stands at the same level; the later one, moved to the top, is the upper one.
      phone.setVisibleOnAllWorkspaces(true, { visibleOnFullScreen: true, skipTransformProcessType: true });
      phone.setAlwaysOnTop(true, 'screen-saver', 1);
      phone.show();
      phone.focus();
      phone.moveTop();
    },
    isOpen,
    moveToTop,
    close,
  };
}
