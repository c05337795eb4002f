/**
 * Loaded into Electron's main process before the app (`electron -r`), by the end-to-end suite alone: the app knows nothing of it.
 * It remembers what Electron tells nobody afterwards, e.g. which menu a tray was given.
 */
const { mkdirSync } = require('node:fs');
const { dirname } = require('node:path');
const { app, dialog, Tray } = require('electron');

const begun = Promise.withResolvers();
const witness = {
  menu: null,
  lastHiddenAtWall: 0,
  deadRenderers: [],
  savedFiles: [],
  /** The app waits for `ready` until its log is listened to: Playwright reads, and drops, what comes before. */
  begin: () => begun.resolve(),
};
globalThis.presenceLockerWitness = witness;

const ready = app.whenReady();
app.whenReady = () => begun.promise.then(() => ready);

// An app run from its sources would share the user's own folder: Electron documents no such switch, but this call.
const userData = app.commandLine.getSwitchValue('user-data-dir');
if (userData !== '') app.setPath('userData', userData);

const { setContextMenu } = Tray.prototype;
Tray.prototype.setContextMenu = function (menu) {
  witness.menu = menu;
  return setContextMenu.call(this, menu);
};

// Nobody sits at the file chooser: its suggestion is taken.
dialog.showSaveDialog = async (...args) => {
  const filePath = args.at(-1).defaultPath;
  mkdirSync(dirname(filePath), { recursive: true });
  witness.savedFiles.push(filePath);
  return { canceled: false, filePath };
};

app.on('browser-window-created', (_event, window) => {
  window.on('hide', () => {
    witness.lastHiddenAtWall = Date.now();
  });
});
app.on('render-process-gone', (_event, webContents) => {
  witness.deadRenderers.push(webContents.id);
});
