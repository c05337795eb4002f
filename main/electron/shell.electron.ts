import { app, Menu, session } from 'electron';
import type { InvokeChannel } from '../../protocol/ipc.ts';
import type { EnrollmentView, SettingsView, ViewModel } from '../../protocol/view-model.ts';
import type { NotificationKind } from '../core/lock-types.ts';
import type { Curtain, EmbeddedProcesses, Notifier, PowerMonitorSource } from '../core/ports.ts';
import type { NotificationText } from '../core/sentences.ts';
import { type AppLifecycle, type AppLifecycleOptions, takeAppLifecycle } from './app-lifecycle.electron.ts';
import { createCurtain } from './curtain.electron.ts';
import { displaySystemOf } from './display-system.ts';
import { createEmbeddedProcesses } from './embedded-processes.electron.ts';
import { createExternalLinks, type ExternalLinks } from './external-links.electron.ts';
import { denyAllPermissions } from './guarded-session.electron.ts';
import { createHardenedWindows } from './hardened-windows.electron.ts';
import { type IpcHandlers, type IpcPush, registerIpc } from './ipc.electron.ts';
import { createLoginItem, type LoginItem } from './login-item.electron.ts';
import { createNotifications, type Notifications } from './notifications.electron.ts';
import { createPageWindows, type PageWindows } from './page-windows.electron.ts';
import { readPageFiles, registerPageScheme, servePages } from './pages.electron.ts';
import { createPowerMonitorSource, type PowerMonitorOptions } from './power-monitor.electron.ts';
import { createSaveDialog, type SaveDialog } from './save-dialog.electron.ts';
import type { ShellLog } from './shell-log.ts';
import { createTray, type StatusTray, type TrayActions } from './tray.electron.ts';
import { createTrialPhone, type TrialPhone } from './trial-phone.electron.ts';

export interface ShellOptions extends Pick<AppLifecycleOptions, 'onSecondInstance' | 'onQuitRequested'> {
  /** Application id of Windows' notifications and start menu: the `appId` of the package. */
  readonly appUserModelId: string;
  readonly process: Pick<NodeJS.Process, 'platform' | 'env' | 'argv' | 'execPath'>;
  readonly homeDirectory: string;
  readonly paths: {
    readonly renderer: string;
    readonly preload: string;
    readonly gateway: string;
    readonly simulator: string;
    readonly trayIcons: string;
  };
  readonly monotonicNow: () => number;
  readonly textOf: (notification: NotificationKind) => NotificationText;
  readonly alarmText: (reason: string) => NotificationText;
  /** Hosts whose links may be opened in the browser. */
  readonly expectedLinkHosts: () => readonly string[];
  readonly onCurtainLost: (reason: string) => void;
  readonly onCurtainMeasured: (measured: { readonly raiseToPaintedMs: number; readonly windows: number }) => void;
  readonly registerSessionNotification?: PowerMonitorOptions['registerSessionNotification'];
  readonly log: ShellLog;
}

/** Channels that the shell answers by itself. */
type OwnChannel = Extract<InvokeChannel, 'page.painted' | 'window.open'>;
export type PageHandlers = Omit<IpcHandlers, OwnChannel>;
export type AppTrayActions = Pick<TrayActions, 'lockNow' | 'pause' | 'askAgain' | 'openTrialPhone'>;

/** Everything Electron, as ports. Nothing is on the screen before `open`. */
export interface Shell {
  readonly curtain: Curtain;
  readonly notifier: Notifier;
  readonly alarmBell: Notifications['alarmBell'];
  readonly powerMonitor: PowerMonitorSource;
  readonly processes: EmbeddedProcesses;
  readonly loginItem: LoginItem;
  readonly links: ExternalLinks;
  readonly trialPhone: TrialPhone;
  readonly saveDialog: SaveDialog;
  readonly windows: PageWindows;
  /** Pages may call from here on; the tray appears, the curtain windows are made (hidden). Call once, before the first `raise`. */
  open(wiring: { readonly handlers: PageHandlers; readonly trayActions: AppTrayActions }): void;
  /** Tells the pages that may know. Before `open` there is nobody to tell. */
  readonly publish: {
    /** To the tray as well. */
    view(view: ViewModel): void;
    enrollment(view: EnrollmentView): void;
    settings(view: SettingsView): void;
  };
  /** Ends the children and takes windows and tray away. Only before `exit`: it lowers the curtain without a proof. */
  close(): Promise<void>;
}

/** What stands before `ready`. */
export interface ShellBeginning {
  readonly lifecycle: AppLifecycle;
  readonly installation: { readonly version: string; readonly isPackaged: boolean; readonly userDataDirectory: string };
  /**
   * Waits for `ready` and builds the ports. Not for a second instance.
   * @throws when the pages cannot be read: without pages there is no curtain.
   */
  whenReady(): Promise<Shell>;
}

/** In memory, so that nothing a page keeps reaches the disk. */
const PAGES_PARTITION = 'presence-locker-pages';

/** Call while the entry module is evaluated, and do not await `whenReady` at its top level: Electron is ready only after that module. */
export function beginShell(options: ShellOptions): ShellBeginning {
  registerPageScheme();
  if (options.process.platform === 'win32') app.setAppUserModelId(options.appUserModelId);
  const lifecycle = takeAppLifecycle(options);
  return {
    lifecycle,
    installation: {
      version: app.getVersion(),
      isPackaged: app.isPackaged,
      userDataDirectory: app.getPath('userData'),
    },
    async whenReady() {
      await app.whenReady();
      return createShell(options, lifecycle);
    },
  };
}

async function createShell(options: ShellOptions, lifecycle: AppLifecycle): Promise<Shell> {
  const { log, monotonicNow, paths } = options;
  // First of all: the native monitor begins with its first listener.
  const powerMonitor = createPowerMonitorSource({
    platform: options.process.platform,
    ...(options.registerSessionNotification === undefined
      ? {}
      : { registerSessionNotification: options.registerSessionNotification }),
  });
  const pagesSession = session.fromPartition(PAGES_PARTITION);
  denyAllPermissions(session.defaultSession, log);
  denyAllPermissions(pagesSession, log);
  servePages(pagesSession, await readPageFiles(paths.renderer));
  keepEditShortcutsOnly(options.process.platform);

  const hardened = createHardenedWindows({
    preloadPath: paths.preload,
    session: pagesSession,
    allowDevTools: !app.isPackaged,
    log,
  });
  const windows = createPageWindows(hardened, log);
  const trialPhone = createTrialPhone(log);
  const notifications = createNotifications({
    textOf: options.textOf,
    alarmText: options.alarmText,
    onClick: () => windows.open('status'),
    log,
  });
  const curtain = createCurtain({
    windows: hardened,
    system: displaySystemOf(options.process),
    monotonicNow,
    onLost: options.onCurtainLost,
    onMeasured: options.onCurtainMeasured,
    above: trialPhone,
    log,
  });
  const processes = createEmbeddedProcesses({
    gatewayPath: paths.gateway,
    simulatorPath: paths.simulator,
    env: options.process.env,
    log,
  });
  lifecycle.beforeExit(() => curtain.dispose());
  let opened: { readonly ipc: IpcPush; readonly tray: StatusTray } | null = null;

  return {
    curtain,
    notifier: notifications.notifier,
    alarmBell: notifications.alarmBell,
    powerMonitor,
    processes,
    loginItem: createLoginItem({ ...options.process, homeDirectory: options.homeDirectory }),
    links: createExternalLinks(options.expectedLinkHosts),
    trialPhone,
    saveDialog: createSaveDialog(hardened),
    windows,
    open({ handlers, trayActions }) {
      const ipc = registerIpc({
        handlers: {
          ...handlers,
          'page.painted': (_nothing, caller) => {
            curtain.painted(caller.webContentsId);
            return { ok: true };
          },
          'window.open': ({ page }) => {
            windows.open(page);
            return { ok: true };
          },
        },
        windows: hardened,
        log,
      });
      const tray = createTray({
        iconDirectory: paths.trayIcons,
        platform: options.process.platform,
        actions: {
          ...trayActions,
          openStatus: () => windows.open('status'),
          openEnrollment: () => windows.open('enrollment'),
          openSettings: () => windows.open('settings'),
          quit: () => lifecycle.requestQuit(),
        },
        log,
      });
      opened = { ipc, tray };
      curtain.prepare();
    },
    publish: {
      view(view) {
        opened?.tray.show(view);
        opened?.ipc.push('view.changed', view);
      },
      enrollment: (view) => opened?.ipc.push('enrollment.changed', view),
      settings: (view) => opened?.ipc.push('settings.changed', view),
    },
    async close() {
      await Promise.all([processes.stopGateway(), processes.stopSimulator()]);
      notifications.dispose();
      trialPhone.close();
      windows.closeAll();
      curtain.dispose();
      opened?.tray.dispose();
      opened = null;
    },
  };
}

/**
 * macOS keeps Electron's default menu otherwise, with reload and developer tools; without any menu copy and paste would have no keys
 * there. On Windows and Linux each window is without a menu.
 */
function keepEditShortcutsOnly(platform: NodeJS.Platform): void {
  if (platform !== 'darwin') return;
  Menu.setApplicationMenu(Menu.buildFromTemplate([{ role: 'appMenu' }, { role: 'editMenu' }]));
}
