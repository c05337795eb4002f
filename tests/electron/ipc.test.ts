import { beforeEach, describe, expect, it, vi } from 'vitest';

vi.mock('electron', () => import('./fake-electron.ts'));

import { type IpcHandlers, registerIpc } from '../../main/electron/ipc.electron.ts';
import { IPC, type Page } from '../../protocol/ipc.ts';
import type { ViewModel } from '../../protocol/view-model.ts';
import * as electron from './fake-electron.ts';
import { rememberingLog } from './remembering-log.ts';

const VIEW: ViewModel = {
  state: 'present',
  mark: 'present',
  headline: 'You’re here',
  detail: '',
  workstation: 'desk',
  countdown: null,
  prompt: null,
  sinceWall: 0,
  session: null,
  lastHeardAtWall: null,
  service: null,
  actions: {
    lockNow: true,
    askAgain: false,
    attemptsLeft: 2,
    pause: true,
    maxPauseMinutes: 60,
    recoveryCode: false,
    enroll: false,
  },
  problem: null,
  trial: false,
  disabledSinceWall: null,
  history: [],
};

const done = async () => ({ ok: true as const });
const unwanted = (): never => {
  throw new Error('not part of this test');
};

function listen(replaced: Partial<IpcHandlers> = {}) {
  const log = rememberingLog();
  const pageWindows: { page: Page; window: electron.BrowserWindow }[] = (
    ['curtain', 'status', 'enrollment'] as const
  ).map((page) => ({ page, window: new electron.BrowserWindow({}) }));
  const handlers: IpcHandlers = {
    'view.get': async () => VIEW,
    'action.lockNow': done,
    'action.askAgain': done,
    'action.answer': done,
    'action.copyLink': done,
    'action.pause': done,
    'history.export': async () => ({ ok: true, savedAs: null }),
    'action.offlineCode': done,
    'page.painted': done,
    'window.open': done,
    'enrollment.get': unwanted,
    'enrollment.useAccount': done,
    'enrollment.sendSms': done,
    'enrollment.addContact': done,
    'enrollment.newLink': done,
    'enrollment.copyLink': done,
    'enrollment.openPhonePage': done,
    'enrollment.test': done,
    'enrollment.finish': done,
    'enrollment.lostDevice': done,
    'enrollment.remove': done,
    'enrollment.back': done,
    'methods.refresh': done,
    'methods.create': unwanted,
    'methods.confirm': done,
    'methods.update': unwanted,
    'methods.delete': done,
    'codes.open': done,
    'codes.make': unwanted,
    'codes.prove': done,
    'codes.copy': done,
    'settings.get': unwanted,
    'settings.set': done,
    'settings.setStartAtLogin': done,
    ...replaced,
  };
  const ipc = registerIpc({
    handlers,
    windows: {
      pageOf: (id) => pageWindows.find(({ window }) => window.webContents.id === id)?.page ?? null,
      showing: (pages) => pageWindows.filter(({ page }) => pages.includes(page)).map(({ window }) => window),
    },
    log,
  });
  const windowOf = (page: Page): electron.BrowserWindow => {
    const found = pageWindows.find((it) => it.page === page);
    if (found === undefined) throw new Error(`no window for ${page}`);
    return found.window;
  };
  const call = (
    channel: string,
    page: Page,
    args: readonly unknown[] = [],
    changed: { url?: string; parent?: unknown; id?: number; frame?: null } = {},
  ): Promise<unknown> => {
    const handler = electron.invokeHandlers.get(channel);
    if (handler === undefined) throw new Error(`nobody answers ${channel}`);
    const frame = {
      url: changed.url ?? `app://presence-locker/${page}/index.html`,
      parent: changed.parent ?? null,
    };
    return handler(
      {
        sender: { id: changed.id ?? windowOf(page).webContents.id },
        senderFrame: changed.frame === null ? null : frame,
      },
      ...args,
    );
  };
  return { ipc, call, log, windowOf };
}

beforeEach(() => electron.forgetEverything());

describe('calls of a page', () => {
  it('has one handler for every invoke channel of the table, and for no other', () => {
    listen();
    const inTable = Object.entries(IPC).filter(([, { kind }]) => kind === 'invoke');
    expect([...electron.invokeHandlers.keys()].sort()).toEqual(inTable.map(([name]) => name).sort());
  });

  it('answers a page that may ask', async () => {
    const { call } = listen();
    expect(await call('view.get', 'curtain', [undefined])).toEqual(VIEW);
    expect(await call('action.lockNow', 'curtain')).toEqual({ ok: true });
  });

  it('tells the handler which page calls, from what main knows', async () => {
    const lockNow = vi.fn(done);
    const { call, windowOf } = listen({ 'action.lockNow': lockNow });
    await call('action.lockNow', 'status');
    expect(lockNow).toHaveBeenCalledWith(undefined, {
      page: 'status',
      webContentsId: windowOf('status').webContents.id,
    });
  });

  it.each([
    ['a web page', 'https://presence-locker/curtain/index.html'],
    ['another host of the scheme', 'app://elsewhere/curtain/index.html'],
    ['a host that only begins like ours', 'app://presence-locker.evil/curtain/index.html'],
    ['a file', 'file:///curtain/index.html'],
    ['another scheme whose origin is "null" as well', 'data:text/html,hello'],
    ['a user name before the host', 'app://x@presence-locker/curtain/index.html'],
    ['a port', 'app://presence-locker:1/curtain/index.html'],
    ['another page of ours in the curtain window', 'app://presence-locker/enrollment/index.html'],
    ['no address', ''],
  ])('refuses %s', async (_what, url) => {
    const lockNow = vi.fn(done);
    const { call } = listen({ 'action.lockNow': lockNow });
    await expect(call('action.lockNow', 'curtain', [], { url })).rejects.toThrow('not possible from here');
    expect(lockNow).not.toHaveBeenCalled();
  });

  it('refuses a frame inside a page', async () => {
    const { call } = listen();
    await expect(call('action.lockNow', 'curtain', [], { parent: {} })).rejects.toThrow('not possible');
  });

  it('refuses a frame that is gone', async () => {
    const { call } = listen();
    await expect(call('action.lockNow', 'curtain', [], { frame: null })).rejects.toThrow('not possible');
  });

  it('refuses a web contents that is none of ours', async () => {
    const { call } = listen();
    await expect(call('action.lockNow', 'curtain', [], { id: 9_999 })).rejects.toThrow('not possible');
  });

  it('refuses the curtain what only enrollment may do', async () => {
    const remove = vi.fn(done);
    const { call } = listen({ 'enrollment.remove': remove });
    await expect(call('enrollment.remove', 'curtain')).rejects.toThrow('not possible');
    expect(remove).not.toHaveBeenCalled();
  });

  it.each([
    ['a number that is too large', 'action.pause', [{ minutes: 481 }]],
    ['a number that is a string', 'action.pause', [{ minutes: '5' }]],
    ['a field that is not in the table', 'action.pause', [{ minutes: 5, force: true }]],
    ['nothing where something is needed', 'action.pause', []],
    ['something where nothing is needed', 'action.lockNow', [{ force: true }]],
    ['a second argument', 'action.lockNow', [undefined, 'more']],
  ])('does not act on %s', async (_what, channel, args) => {
    const act = vi.fn(done);
    const { call } = listen({ 'action.pause': act, 'action.lockNow': act });
    expect(await call(channel, 'status', args)).toEqual({ ok: false, sentence: 'That entry was not understood.' });
    expect(act).not.toHaveBeenCalled();
  });

  it('writes no argument into the log, because it may be a secret', async () => {
    const { call, log } = listen();
    const appSecret = 'very secret indeed';
    await call('enrollment.useAccount', 'enrollment', [{ account: { mode: 'embedded', appSecret }, displayName: '' }]);
    expect(log.lines).toHaveLength(1);
    expect(log.lines.join()).not.toContain(appSecret);
  });

  it('turns an exception into a sentence without its message', async () => {
    const { call, log } = listen({
      'action.lockNow': async () => {
        throw new Error('ENOENT /home/someone/.config/secret-place');
      },
    });
    const result = await call('action.lockNow', 'curtain');
    expect(result).toMatchObject({ ok: false });
    expect(JSON.stringify(result)).not.toContain('secret-place');
    expect(log.lines.join()).toContain('action.lockNow failed');
  });

  it('throws a plain sentence where the channel has no room for one', async () => {
    const { call } = listen({
      'view.get': () => {
        throw new Error('internal');
      },
    });
    await expect(call('view.get', 'curtain')).rejects.toThrow(/^Something went wrong in Presence Locker/);
  });

  it('does not hand out an answer with more in it than the table allows', async () => {
    const withToken = { ...VIEW, token: 'secret token' };
    const { call, log } = listen({ 'view.get': async () => withToken });
    await expect(call('view.get', 'curtain')).rejects.toThrow('Something went wrong');
    expect(log.lines.join()).not.toContain('secret token');
  });
});

describe('what main tells the pages', () => {
  it('reaches every page that may know', () => {
    const { ipc, windowOf } = listen();
    ipc.push('view.changed', VIEW);
    for (const page of ['curtain', 'status', 'enrollment'] as const) {
      expect(windowOf(page).webContents.sent).toEqual([{ channel: 'view.changed', payload: VIEW }]);
    }
  });

  it('does not reach a page that may not', () => {
    const { ipc, windowOf } = listen();
    ipc.push('settings.changed', {
      startAtLogin: { value: false, available: true, detail: '' },
      settings: [],
      problem: null,
    });
    expect(windowOf('enrollment').webContents.sent).toHaveLength(1);
    expect(windowOf('curtain').webContents.sent).toEqual([]);
    expect(windowOf('status').webContents.sent).toEqual([]);
  });

  it('is not sent when it does not fit its schema', () => {
    const { ipc, windowOf, log } = listen();
    const withToken = { ...VIEW, token: 'secret token' };
    ipc.push('view.changed', withToken);
    expect(windowOf('curtain').webContents.sent).toEqual([]);
    expect(log.lines).toHaveLength(1);
  });
});
