import './zod-without-eval.ts';
import { contextBridge, ipcRenderer } from 'electron';
import {
  type ActionResult,
  type ArgsOf,
  type InvokeChannel,
  IPC,
  PAGES,
  type Page,
  type PayloadOf,
  type PresenceLockerBridge,
  type PushChannel,
  type ResultOf,
} from '../protocol/ipc.ts';

/**
 * The bridge: one function per capability. The page gets no channel name and no ipcRenderer, so a script that gets into a page can ask
 * for what that page can ask for, and nothing else; main checks once more.
 */

/** The page's own address: `app://presence-locker/<page>/index.html`. The DOM types stay out of this file on purpose. */
declare const location: { readonly pathname: string };

function pageOfThisWindow(): Page {
  const claimedPage = location.pathname.split('/')[1];
  const page = PAGES.find((known) => known === claimedPage);
  if (page === undefined) throw new Error('This window is none of the known pages');
  return page;
}

/** Schemas by channel, typed so that a channel and its schema can only be used together. */
const RESULTS: {
  readonly [C in InvokeChannel]: { readonly result: { parse(claimed: unknown): ResultOf<C> } };
} = IPC;
const PAYLOADS: {
  readonly [C in PushChannel]: {
    readonly payload: { safeParse(claimed: unknown): { success: true; data: PayloadOf<C> } | { success: false } };
  };
} = IPC;

async function ask<C extends InvokeChannel>(channel: C, args: ArgsOf<C>): Promise<ResultOf<C>> {
  const claimedResult: unknown = await ipcRenderer.invoke(channel, args);
  return RESULTS[channel].result.parse(claimedResult);
}

const act = async (
  channel: {
    [C in InvokeChannel]: ArgsOf<C> extends undefined ? (ResultOf<C> extends ActionResult ? C : never) : never;
  }[InvokeChannel],
): Promise<ActionResult> => ask(channel, undefined);

function hear<C extends PushChannel>(channel: C, listener: (payload: PayloadOf<C>) => void): () => void {
  const onMessage = (_event: unknown, claimedPayload: unknown): void => {
    const payload = PAYLOADS[channel].payload.safeParse(claimedPayload);
    if (payload.success) listener(payload.data);
    else console.error(`What came on ${channel} does not fit its schema`);
  };
  ipcRenderer.on(channel, onMessage);
  return () => {
    ipcRenderer.removeListener(channel, onMessage);
  };
}

const bridge: PresenceLockerBridge = {
  page: pageOfThisWindow(),
  view: {
    get: () => ask('view.get', undefined),
    onChange: (listener) => hear('view.changed', listener),
  },
  action: {
    lockNow: () => act('action.lockNow'),
    askAgain: () => act('action.askAgain'),
    answer: (data) => ask('action.answer', { data }),
    copyLink: () => act('action.copyLink'),
    pause: (minutes) => ask('action.pause', { minutes }),
    offlineCode: (code) => ask('action.offlineCode', { code }),
  },
  history: {
    export: () => ask('history.export', undefined),
  },
  painted: () => act('page.painted'),
  openWindow: (page) => ask('window.open', { page }),
  enrollment: {
    get: () => ask('enrollment.get', undefined),
    onChange: (listener) => hear('enrollment.changed', listener),
    useAccount: (account, displayName) => ask('enrollment.useAccount', { account, displayName }),
    sendSms: (phoneNumber) => ask('enrollment.sendSms', { phoneNumber }),
    addContact: (contact) => ask('enrollment.addContact', { contact }),
    newLink: () => act('enrollment.newLink'),
    copyLink: () => act('enrollment.copyLink'),
    openPhonePage: () => act('enrollment.openPhonePage'),
    test: () => act('enrollment.test'),
    finish: () => act('enrollment.finish'),
    lostDevice: () => act('enrollment.lostDevice'),
    remove: () => act('enrollment.remove'),
    back: () => act('enrollment.back'),
  },
  methods: {
    refresh: () => act('methods.refresh'),
    create: (methodId, settings) => ask('methods.create', { methodId, settings }),
    confirm: (data) => ask('methods.confirm', { data }),
    update: (change) => ask('methods.update', change),
    delete: (configId) => ask('methods.delete', { configId }),
  },
  codes: {
    open: () => act('codes.open'),
    make: () => ask('codes.make', undefined),
    prove: (code) => ask('codes.prove', { code }),
    copy: (what) => ask('codes.copy', { what }),
  },
  settings: {
    get: () => ask('settings.get', undefined),
    onChange: (listener) => hear('settings.changed', listener),
    set: (key, value) => ask('settings.set', { key, value }),
    setStartAtLogin: (value) => ask('settings.setStartAtLogin', { value }),
  },
};

contextBridge.exposeInMainWorld('presenceLocker', bridge);
