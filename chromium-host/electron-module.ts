import { BrowserWindow as BrowserWindowItself } from './electron/browser-window.ts';
import { Notification as NotificationItself } from './electron/notification.ts';
import { Tray as TrayItself } from './electron/tray.ts';
import { implementedOnly, notImplemented } from './stand-in.ts';

/** What `import … from 'electron'` finds in the main process. Names that stand here with `notImplemented` fail when used. */
export { app } from './electron/app.ts';
export { dialog } from './electron/dialog.ts';
export { ipcMain } from './electron/ipc-main.ts';
export { Menu } from './electron/menu.ts';
export { nativeImage } from './electron/native-image.ts';
export { screen } from './electron/screen.ts';
export { protocol, session } from './electron/session.ts';
export { clipboard, nativeTheme, net, powerMonitor, shell } from './electron/system.ts';
export { utilityProcess } from './electron/utility-process.ts';
export { webContents } from './electron/web-contents.ts';

/** `new` gives the window that refuses what is not implemented, the same object that every event and look-up hands out. */
export const BrowserWindow = new Proxy(implementedOnly('electron.BrowserWindow', BrowserWindowItself), {
  construct: (target, [options]: [Electron.BrowserWindowConstructorOptions?]) => new target(options).electron,
});
export const Tray = new Proxy(TrayItself, {
  construct: (target, [image]: [Electron.NativeImage | string]) => implementedOnly('Tray', new target(image)),
});
export const Notification = new Proxy(implementedOnly('electron.Notification', NotificationItself), {
  construct: (target, [options]: [Electron.NotificationConstructorOptions?]) =>
    implementedOnly('Notification', new target(options)),
});

export const autoUpdater = notImplemented('electron.autoUpdater');
export const BaseWindow = notImplemented('electron.BaseWindow');
export const contentTracing = notImplemented('electron.contentTracing');
export const crashReporter = notImplemented('electron.crashReporter');
export const desktopCapturer = notImplemented('electron.desktopCapturer');
export const globalShortcut = notImplemented('electron.globalShortcut');
export const inAppPurchase = notImplemented('electron.inAppPurchase');
export const MenuItem = notImplemented('electron.MenuItem');
export const MessageChannelMain = notImplemented('electron.MessageChannelMain');
export const netLog = notImplemented('electron.netLog');
export const powerSaveBlocker = notImplemented('electron.powerSaveBlocker');
export const pushNotifications = notImplemented('electron.pushNotifications');
export const safeStorage = notImplemented('electron.safeStorage');
export const ShareMenu = notImplemented('electron.ShareMenu');
export const systemPreferences = notImplemented('electron.systemPreferences');
export const TouchBar = notImplemented('electron.TouchBar');
export const View = notImplemented('electron.View');
export const WebContentsView = notImplemented('electron.WebContentsView');
export const webFrameMain = notImplemented('electron.webFrameMain');
