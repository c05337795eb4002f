import * as fc from 'fast-check';
import { type IpcHandlers, type IpcOptions, registerIpc } from '../../../main/electron/ipc.electron.ts';
import { createCodeDoor } from '../../../main/offline/code-door.ts';
import { type ActionResult, IPC, PAGES, type Page } from '../../../protocol/ipc.ts';
import { DEFAULT_POLICY, type Policy } from '../../../protocol/policy.ts';
import * as electron from '../../electron/fake-electron.ts';
import { CodeDesk } from '../../offline/code-desk.ts';
import { mutatedValue, type Recipe, recipes } from '../mutation.ts';
import { type FuzzTarget, FuzzViolation } from '../target.ts';
import { type WatchedGuard, WHO, watchedGuard } from '../watched-guard.ts';

const CHANNELS = Object.entries(IPC).flatMap(([name, entry]) =>
  entry.kind === 'invoke' ? [{ name, pages: entry.pages as readonly Page[] }] : [],
);
const ADDRESSES = [
  'https://presence-locker/curtain/index.html',
  'app://presence-locker/settings/index.html',
  'app://presence-locker/curtain/index.html/x',
  'app://presence-locker.elsewhere/curtain/index.html',
  'app://x@presence-locker/curtain/index.html',
  'data:text/html,x',
  'file:///curtain/index.html',
  '',
] as const;
/** Valid arguments of every channel that takes any. */
const ARGUMENTS: Readonly<Record<string, readonly unknown[]>> = {
  'action.answer': [{ data: '123456' }],
  'action.offlineCode': [{ code: '0000-0000-0000-0000' }, { code: '123456' }],
  'codes.prove': [{ code: '0000-0000-0000-0000' }],
  'action.pause': [{ minutes: 5 }],
  'window.open': [{ page: 'status' }],
  'enrollment.useAccount': [
    { account: { mode: 'trial' }, displayName: 'Ada' },
    {
      account: {
        mode: 'embedded',
        kind: 'activeconnect',
        profile: 'iampass',
        baseUrl: '',
        appId: 'app',
        appSecret: 'secret',
      },
      displayName: 'Ada',
    },
    { account: { mode: 'embedded', kind: 'authsignal', apiUrl: '', secret: 'secret' }, displayName: 'Ada' },
    {
      account: {
        mode: 'embedded',
        kind: 'wcd-2factor',
        baseUrl: 'https://login.example.org',
        prefix: '/2fa/',
        headerName: 'Authorization',
        headerTemplate: 'Bearer {token}',
        token: 'secret',
        outOfBandMethods: ['push'],
      },
      displayName: 'Ada',
    },
    { account: { mode: 'shared', gatewayUrl: 'wss://gw.example/', gatewayToken: '0123456789abcdef' }, displayName: '' },
  ],
  'enrollment.sendSms': [{ phoneNumber: '+491701234567' }],
  'enrollment.addContact': [
    { contact: { kind: 'phone', phoneNumber: '+491701234567' } },
    { contact: { kind: 'email', email: 'ada@example.org' } },
  ],
  'methods.create': [{ methodId: '1', settings: { email: 'ada@example.org', digits: 6, spare: true } }],
  'methods.confirm': [{ data: '123456' }],
  'methods.update': [{ configId: '11', settings: { pin: '1234' }, isActive: true, isDefault: false }],
  'methods.delete': [{ configId: '11' }],
  'codes.copy': [{ what: 'recovery' }],
  'settings.set': [{ key: 'leaseMs', value: 15 }],
  'settings.setStartAtLogin': [{ value: true }],
};
const EVERY_ARGUMENT = Object.values(ARGUMENTS).flat();
/** Everything a page may be told when it is refused. */
const SENTENCES: ReadonlySet<string> = new Set([
  'Something went wrong in Presence Locker. Please try again.',
  'This is not possible from here.',
  'That entry was not understood.',
]);
/** A token at the service (protocol/account-fields.ts). */
const LONGEST_TEXT = 4_096;
const CODES: Policy = { ...DEFAULT_POLICY, offline: 'code' };

interface Call {
  readonly channel: number;
  readonly page: Page;
  /** Otherwise one that may use the channel. */
  readonly anyPage: boolean;
  readonly from: 'its-page' | 'other-page' | 'address' | 'inner-frame' | 'gone' | 'unknown-window';
  readonly address: string;
  readonly args: readonly Recipe[];
  /** A genuine code, so that the way in is walked too. */
  readonly genuine: number | null;
}

const calls: fc.Arbitrary<Call> = fc.record({
  channel: fc.nat(),
  page: fc.constantFrom(...PAGES),
  anyPage: fc.integer({ min: 0, max: 3 }).map((roll) => roll === 0),
  from: fc.oneof(
    { weight: 8, arbitrary: fc.constant('its-page' as const) },
    {
      weight: 4,
      arbitrary: fc.constantFrom('other-page', 'address', 'inner-frame', 'gone', 'unknown-window'),
    },
  ),
  address: fc.oneof(fc.constantFrom(...ADDRESSES), fc.webUrl()),
  args: fc.oneof(
    { weight: 9, arbitrary: fc.array(recipes, { minLength: 1, maxLength: 1 }) },
    { weight: 1, arbitrary: fc.array(recipes, { maxLength: 3 }) },
  ),
  genuine: fc.integer({ min: 0, max: 60 }).map((roll) => (roll < 10 ? roll : null)),
});

type Windows = IpcOptions['windows'];

/** @param changedWindows a mutant's. */
export function ipcTarget(changedWindows: (windows: Windows) => Windows = (windows) => windows): FuzzTarget<Call> {
  return {
    name: 'ipc',
    inputs: calls,
    async open() {
      electron.forgetEverything();
      const host = await PageHost.open(changedWindows);
      return { feed: (call) => host.feed(call), close: async () => host.close() };
    },
  };
}

class PageHost {
  readonly #desk: CodeDesk;
  readonly #windows: ReadonlyMap<Page, electron.BrowserWindow>;
  #watched: WatchedGuard;
  #reached: { readonly args: unknown } | null = null;
  #door: { submit(typed: string): Promise<ActionResult> };

  static async open(changedWindows: (windows: Windows) => Windows): Promise<PageHost> {
    return new PageHost(await CodeDesk.withCodes(), changedWindows);
  }

  private constructor(desk: CodeDesk, changedWindows: (windows: Windows) => Windows) {
    this.#desk = desk;
    this.#windows = new Map(PAGES.map((page) => [page, new electron.BrowserWindow({})]));
    this.#watched = this.#covered();
    this.#door = this.#doorOf(this.#watched);
    const known: Windows = {
      pageOf: (id) => [...this.#windows].find(([, window]) => window.webContents.id === id)?.[0] ?? null,
      showing: (pages) => [...this.#windows].flatMap(([page, window]) => (pages.includes(page) ? [window] : [])),
    };
    registerIpc({
      handlers: this.#handlers(),
      windows: changedWindows(known),
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    });
  }

  async feed(call: Call): Promise<string> {
    const channel = CHANNELS[call.channel % CHANNELS.length];
    if (channel === undefined) throw new TypeError('no channel');
    // Mostly the channel's own arguments from a page that may ask: what is refused at the door goes no further.
    const own = ARGUMENTS[channel.name] ?? [undefined];
    const args: unknown[] = call.args.map((recipe) => {
      const examples = recipe.example % 4 === 0 ? EVERY_ARGUMENT : own;
      return recipe.noise ?? mutatedValue(examples[(recipe.example >> 2) % examples.length], recipe.ofValue);
    });
    if (this.#desk.recovery.length === 0) await this.#desk.renew();
    const genuine = call.genuine === null ? null : this.#desk.code(call.genuine % this.#desk.recovery.length);
    if (genuine !== null) args.splice(0, args.length, { code: genuine });

    const page = call.anyPage ? call.page : (channel.pages[call.channel % channel.pages.length] ?? call.page);
    const allowed = call.from === 'its-page' && channel.pages.includes(page);
    this.#reached = null;
    const outcome = await this.#ask(channel.name, { ...call, page }, args);
    this.#judge(channel.name, allowed, genuine);
    // The wait after wrong codes is over, so that the next one is looked at.
    this.#desk.time.pass(3_600_000);
    return outcome;
  }

  close(): void {
    electron.forgetEverything();
  }

  #judge(channel: string, allowed: boolean, genuine: string | null): void {
    const reached: { readonly args: unknown } | null = this.#reached;
    if (reached !== null) {
      if (!allowed) throw new FuzzViolation(`${channel} acted for a page that may not ask`);
      mustBeBounded(reached.args);
    }
    if (this.#watched.opened() > 0) {
      const byCode = channel === 'action.offlineCode' && allowed && genuine !== null;
      if (!byCode) this.#watched.mustBeShut(`by ${channel}`);
    }
    if (this.#watched.opened() > 0 || this.#watched.guard.current().state.name !== 'verifying') {
      this.#watched = this.#covered();
      this.#door = this.#doorOf(this.#watched);
    }
  }

  async #ask(channel: string, call: Call, args: readonly unknown[]): Promise<string> {
    const handler = electron.invokeHandlers.get(channel);
    const window = this.#windows.get(call.page);
    if (handler === undefined || window === undefined) throw new TypeError(`nobody answers ${channel}`);
    const elsewhere = PAGES[(PAGES.indexOf(call.page) + 1) % PAGES.length];
    const url = call.from === 'address' ? call.address : `app://presence-locker/${call.page}/index.html`;
    const frame = {
      url: call.from === 'other-page' ? `app://presence-locker/${elsewhere}/index.html` : url,
      parent: call.from === 'inner-frame' ? {} : null,
    };
    const sender = { id: call.from === 'unknown-window' ? -1 : window.webContents.id };
    try {
      const result = await handler({ sender, senderFrame: call.from === 'gone' ? null : frame }, ...args);
      return Reflect.get(Object(result), 'ok') === false ? 'refused' : 'accepted';
    } catch (thrown) {
      const sentence = thrown instanceof Error ? thrown.message : '';
      if (!SENTENCES.has(sentence)) throw thrown;
      return 'thrown';
    }
  }

  #covered(): WatchedGuard {
    const watched = watchedGuard({ policy: CODES });
    watched.tell({ type: 'gateway.down', reason: 'CONNECT_FAILED' });
    return watched;
  }

  #doorOf(watched: WatchedGuard): { submit(typed: string): Promise<ActionResult> } {
    return createCodeDoor({
      codes: { check: (_userId, typed) => this.#desk.check(typed) },
      machine: () => watched.guard.current(),
      policy: () => CODES,
      clock: watched.time,
      dispatch: watched.guard.dispatch,
    });
  }

  #handlers(): IpcHandlers {
    const noting = async (args: unknown): Promise<ActionResult> => {
      this.#reached = { args };
      return { ok: true };
    };
    const throwing = (args: unknown): never => {
      this.#reached = { args };
      throw new Error(`ENOENT /home/${WHO.userId}/private`);
    };
    return {
      'view.get': throwing,
      'action.lockNow': async (args) => {
        this.#watched.tell({ type: 'user.lockNow', from: 'curtain' });
        return noting(args);
      },
      'action.askAgain': async (args) => {
        this.#watched.tell({ type: 'user.retry' });
        return noting(args);
      },
      'action.answer': noting,
      'action.copyLink': noting,
      'action.offlineCode': async (args) => {
        await noting(args);
        return this.#door.submit(args.code);
      },
      'action.pause': async (args) => {
        this.#watched.tell({ type: 'user.pause', minutes: args.minutes });
        return noting(args);
      },
      'history.export': async (args) => {
        await noting(args);
        return { ok: true, savedAs: null };
      },
      'page.painted': noting,
      'window.open': noting,
      'enrollment.get': throwing,
      'enrollment.useAccount': noting,
      'enrollment.sendSms': noting,
      'enrollment.addContact': noting,
      'enrollment.newLink': noting,
      'enrollment.copyLink': noting,
      'enrollment.openPhonePage': noting,
      'enrollment.test': noting,
      'enrollment.finish': noting,
      'enrollment.lostDevice': noting,
      'enrollment.remove': noting,
      'enrollment.back': noting,
      'methods.refresh': noting,
      'methods.create': throwing,
      'methods.confirm': noting,
      'methods.update': throwing,
      'methods.delete': noting,
      'codes.open': noting,
      'codes.make': throwing,
      'codes.prove': noting,
      'codes.copy': noting,
      'settings.get': throwing,
      'settings.set': noting,
      'settings.setStartAtLogin': noting,
    };
  }
}

/** What reached a handler is small and has no member that a careless copy would turn into a prototype. */
function mustBeBounded(args: unknown): void {
  // Counted as the schemas count: a character outside the basic plane is one.
  const characters = typeof args === 'string' ? [...args].length : 0;
  if (characters > LONGEST_TEXT) throw new FuzzViolation(`a text of ${characters} characters`);
  if (typeof args === 'number' && !Number.isFinite(args)) throw new FuzzViolation('a number without a bound');
  if (typeof args !== 'object' || args === null) return;
  if (Object.hasOwn(args, '__proto__')) throw new FuzzViolation('a member __proto__ came through');
  for (const value of Object.values(args)) mustBeBounded(value);
}
