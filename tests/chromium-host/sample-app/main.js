import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  Notification,
  nativeImage,
  protocol,
  screen,
  session,
  Tray,
  utilityProcess,
} from 'electron';

/** A small Electron app that uses what chromium-host offers and tells about it in JSON lines. */
const here = dirname(fileURLToPath(import.meta.url));
const tell = (event, details = {}) => process.stdout.write(`${JSON.stringify({ event, ...details })}\n`);
const nameOfFailure = (use) => {
  try {
    use();
    return null;
  } catch (error) {
    return error.message;
  }
};

protocol.registerSchemesAsPrivileged([
  { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
]);
process.on('SIGUSR2', () => app.quit());

if (!app.requestSingleInstanceLock({ from: 'sample' })) {
  tell('second-instance-refused');
  app.exit(0);
} else {
  app.on('second-instance', (_event, argv, workingDirectory, data) =>
    tell('second-instance', { argv, workingDirectory, data }),
  );
  app.on('window-all-closed', () => tell('window-all-closed'));
  app.on('before-quit', () => tell('before-quit'));
  app.on('will-quit', () => tell('will-quit'));
  app.on('render-process-gone', (_event, contents, details) =>
    tell('render-process-gone', { id: contents.id, reason: details.reason }),
  );
  app.whenReady().then(start);
}

async function start() {
  const CSP = "default-src 'none'; script-src 'self' app://sample; style-src 'self'; connect-src 'none'";
  session.fromPartition('pages').protocol.handle('app', (request) => {
    tell('protocol-request', { url: request.url });
    const { pathname } = new URL(request.url);
    const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
    const type = types[pathname.slice(pathname.lastIndexOf('.'))];
    if (type === undefined) return new Response(null, { status: 404 });
    const headers = {
      'Content-Type': type,
      'Content-Security-Policy': CSP,
      'Cross-Origin-Opener-Policy': 'same-origin',
    };
    return new Response(readFileSync(join(here, pathname.slice(1))), { headers });
  });
  session.fromPartition('pages').setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  session.fromPartition('pages').setPermissionCheckHandler(() => false);

  let invoked = null;
  ipcMain.handle('echo', (event, ...args) => {
    invoked = {
      args,
      count: args.length,
      undefinedFirst: args.length > 0 && args[0] === undefined,
      frameUrl: event.senderFrame.url,
      parent: event.senderFrame.parent,
      sender: event.sender.id,
      knowsWindow: BrowserWindow.fromWebContents(event.sender) !== null,
    };
    tell('invoked', invoked);
    return { got: args };
  });
  ipcMain.handle('fail', () => {
    throw new Error('refused by the sample');
  });
  ipcMain.on('heard', (_event, what) => tell('heard', { what }));

  const makeWindow = (options) =>
    new BrowserWindow({
      width: 500,
      height: 400,
      show: false,
      backgroundColor: '#123456',
      ...options,
      webPreferences: {
        preload: join(here, 'preload.cjs'),
        session: session.fromPartition('pages'),
        contextIsolation: true,
        sandbox: true,
        additionalArguments: ['--sample-argument'],
      },
    });
  const window = makeWindow({ title: 'first', x: 60, y: 70 });
  let vetoClose = true;
  for (const event of ['show', 'hide', 'focus', 'blur', 'closed', 'ready-to-show', 'minimize'])
    window.on(event, () => tell(`window-${event}`));
  window.on('close', (event) => {
    tell('window-close', { vetoed: vetoClose });
    if (vetoClose) event.preventDefault();
  });
  window.webContents.on('will-navigate', (event) => {
    tell('will-navigate', { url: event.url });
    event.preventDefault();
  });
  window.webContents.on('before-input-event', (_event, input) => tell('input', { key: input.key }));
  window.webContents.on('render-process-gone', (_event, details) => tell('contents-gone', { reason: details.reason }));
  window.webContents.setWindowOpenHandler(({ url }) => {
    tell('window-open', { url });
    return { action: 'deny' };
  });
  await window.loadURL('app://sample/index.html?display=one#part');
  tell('loaded', { url: window.webContents.getURL(), visible: window.isVisible() });

  const cover = makeWindow({ title: 'cover', frame: false, skipTaskbar: true, backgroundColor: '#0d1014' });
  await cover.loadURL('app://sample/index.html?display=cover');
  for (const event of ['focus', 'blur', 'show', 'hide']) cover.on(event, () => tell(`cover-${event}`));

  const showDisplays = (event) =>
    tell(event, { displays: screen.getAllDisplays().map(({ bounds, label }) => ({ label, bounds })) });
  screen.on('display-added', () => showDisplays('display-added'));
  screen.on('display-removed', () => showDisplays('display-removed'));
  screen.on('display-metrics-changed', () => showDisplays('display-metrics-changed'));

  const child = utilityProcess.fork(join(here, 'child.js'), [], {
    env: { SAMPLE: 'yes' },
    stdio: 'ignore',
    serviceName: 'sample',
  });
  child.on('message', (message) => tell('child-message', { message }));
  child.on('exit', (code) => tell('child-exit', { code }));
  child.postMessage({ ping: 1 });

  const notification = new Notification({ title: 'Leaving', body: 'Locking in 10 seconds' });
  notification.on('click', () => tell('notification-click'));
  notification.on('close', () => tell('notification-closed'));
  const tray = new Tray(nativeImage.createFromPath(join(here, 'icon.png')));
  tray.setToolTip('sample tray');
  tray.on('click', () => tell('tray-click'));
  const act = (label, click) => ({ label, click });
  tray.setContextMenu(
    Menu.buildFromTemplate([
      { label: 'headline', enabled: false },
      { type: 'separator' },
      act('show', () => window.show()),
      act('hide', () => window.hide()),
      act('cover', () => {
        cover.setAlwaysOnTop(true, 'screen-saver');
        cover.setBounds(screen.getAllDisplays().at(-1).bounds);
        cover.show();
        cover.setKiosk(true);
        cover.focus();
        cover.moveTop();
      }),
      act('uncover', () => {
        cover.setKiosk(false);
        cover.hide();
      }),
      act('push', () => window.webContents.send('news', { n: 1, at: undefined })),
      act('allow close', () => {
        vetoClose = false;
      }),
      act('reload', () => window.webContents.reload()),
      act('notify', () => notification.show()),
      act('withdraw', () => notification.close()),
      act('end child', () => child.postMessage('stop')),
      { label: 'more', submenu: [act('nested', () => tell('nested-click'))] },
      act('quit', () => app.quit()),
    ]),
  );

  tell('ready', {
    lacks: [
      nameOfFailure(() => dialog.showOpenDialog({})),
      nameOfFailure(() => window.setOpacity(0.5)),
      nameOfFailure(() => app.showAboutPanel()),
      nameOfFailure(() => window.webContents.print()),
      nameOfFailure(() => BrowserWindow.getSomething()),
    ],
    version: app.getVersion(),
    name: app.getName(),
    argv: process.argv.slice(2),
    userData: app.getPath('userData'),
    same: BrowserWindow.getAllWindows().includes(window),
    isBrowserWindow: window instanceof BrowserWindow,
  });
}
