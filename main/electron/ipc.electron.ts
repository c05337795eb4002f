import { type IpcMainInvokeEvent, ipcMain, type WebContents } from 'electron';
import type { z } from 'zod';
import {
  type ArgsOf,
  type InvokeChannel,
  IPC,
  type Page,
  type PayloadOf,
  type PushChannel,
  type ResultOf,
} from '../../protocol/ipc.ts';
import type { HardenedWindows } from './hardened-windows.electron.ts';
import { isAddressOfPage } from './page-addresses.ts';
import { reasonOf, type ShellLog } from './shell-log.ts';

/** Who called, as main knows it: never as the page says. */
export interface IpcCaller {
  readonly page: Page;
  readonly webContentsId: number;
}

export type IpcHandler<C extends InvokeChannel> = (
  args: ArgsOf<C>,
  caller: IpcCaller,
) => ResultOf<C> | Promise<ResultOf<C>>;
export type IpcHandlers = { readonly [C in InvokeChannel]: IpcHandler<C> };

export interface IpcOptions {
  readonly handlers: IpcHandlers;
  readonly windows: Pick<HardenedWindows, 'pageOf'> & {
    showing(pages: readonly Page[]): readonly { readonly webContents: Pick<WebContents, 'send'> }[];
  };
  readonly log: ShellLog;
}

export interface IpcPush {
  /** Tells every window whose page may know. A payload that does not fit its schema is logged and not sent. */
  push<C extends PushChannel>(channel: C, payload: PayloadOf<C>): void;
}

/** What a page learns when main broke: no name, no path, no stack. */
const SOMETHING_WENT_WRONG = 'Something went wrong in Presence Locker. Please try again.';
const REFUSED = 'This is not possible from here.';
const NOT_UNDERSTOOD = 'That entry was not understood.';

interface Entry<A, R> {
  readonly pages: readonly Page[];
  readonly args: z.ZodType<A>;
  readonly result: z.ZodType<R>;
}

/** The table of channels, typed so that a channel's schemas and its handler can only be used together. */
const INVOKE: { readonly [C in InvokeChannel]: Entry<ArgsOf<C>, ResultOf<C>> } = IPC;
const PUSH: {
  readonly [C in PushChannel]: { readonly pages: readonly Page[]; readonly payload: z.ZodType<PayloadOf<C>> };
} = IPC;

const invokeNames: ReadonlySet<string> = new Set(
  Object.entries(IPC).flatMap(([name, { kind }]) => (kind === 'invoke' ? [name] : [])),
);
const isInvokeChannel = (name: string): name is InvokeChannel => invokeNames.has(name);

function answerChannel<C extends InvokeChannel>(channel: C, options: IpcOptions): void {
  const entry = INVOKE[channel];
  const handler = options.handlers[channel];
  ipcMain.handle(channel, (event, ...claimedArgs: unknown[]) =>
    answerCall({ channel, entry, handler, event, claimedArgs, options }),
  );
}

/** Call once, before any window is created. */
export function registerIpc(options: IpcOptions): IpcPush {
  for (const channel of Object.keys(IPC).filter(isInvokeChannel)) answerChannel(channel, options);
  return {
    push(channel, payload) {
      const { pages, payload: schema } = PUSH[channel];
      const encoded = schema.safeParse(payload);
      if (!encoded.success) {
        options.log.error(`What was to be told on ${channel} does not fit its schema at ${whereOf(encoded.error)}`);
        return;
      }
      for (const window of options.windows.showing(pages)) window.webContents.send(channel, encoded.data);
    },
  };
}

/** Which page calls, if it is one of ours, in its main frame, at its own address. */
function identify(event: IpcMainInvokeEvent, windows: IpcOptions['windows']): IpcCaller | null {
  // Null when the frame navigated or died since it called: nobody is left to answer.
  const frame = event.senderFrame;
  if (frame === null || frame.parent !== null) return null;
  const page = windows.pageOf(event.sender.id);
  if (page === null || !isAddressOfPage(frame.url, page)) return null;
  return { page, webContentsId: event.sender.id };
}

async function answerCall<A, R>(call: {
  readonly channel: InvokeChannel;
  readonly entry: Entry<A, R>;
  readonly handler: (args: A, caller: IpcCaller) => R | Promise<R>;
  readonly event: IpcMainInvokeEvent;
  readonly claimedArgs: readonly unknown[];
  readonly options: IpcOptions;
}): Promise<R> {
  const { channel, entry, handler, event, claimedArgs, options } = call;
  const caller = identify(event, options.windows);
  if (caller === null || !entry.pages.includes(caller.page)) {
    options.log.error(`A call of ${channel} from ${caller?.page ?? 'an unknown frame'} was refused`);
    throw new Error(REFUSED);
  }
  const args = entry.args.safeParse(claimedArgs[0]);
  if (!args.success || claimedArgs.length > 1) {
    // Where, never what: the value may be a secret that was typed into the wrong field.
    options.log.warn(`Arguments of ${channel} were refused${args.success ? '' : ` at ${whereOf(args.error)}`}`);
    return sentenceAsResult(entry, NOT_UNDERSTOOD);
  }
  try {
    const result = entry.result.safeParse(await handler(args.data, caller));
    if (result.success) return result.data;
    options.log.error(`The answer of ${channel} does not fit its schema at ${whereOf(result.error)}`);
  } catch (thrown) {
    options.log.error(`${channel} failed: ${reasonOf(thrown)}`);
  }
  return sentenceAsResult(entry, SOMETHING_WENT_WRONG);
}

/** The sentence as an ActionResult where the channel answers with one; otherwise thrown, which reaches the page as its message. */
function sentenceAsResult<R>(entry: { readonly result: z.ZodType<R> }, sentence: string): R {
  const result = entry.result.safeParse({ ok: false, sentence });
  if (result.success) return result.data;
  throw new Error(sentence);
}

function whereOf(error: z.ZodError): string {
  const path = error.issues[0]?.path.map(String).join('.') ?? '';
  return path === '' ? 'its root' : path;
}
