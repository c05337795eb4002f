import { EventEmitter } from 'node:events';
import type { FromPage, ToPage } from '../chromium/from-page.ts';
import { fromWire, toWire } from '../page/wire-value.ts';
import { implementedOnly, type Members, standIn } from '../stand-in.ts';

type Invoke = Extract<FromPage, { type: 'invoke' }>;
type InvokeListener = Parameters<Electron.IpcMain['handle']>[1];

/** Who calls: always the main frame of a window; frames inside have no preload. */
export interface Caller {
  readonly sender: Electron.WebContents;
  readonly senderFrame: Electron.WebFrameMain;
}

class IpcMain extends EventEmitter implements Members<Electron.IpcMain, 'handle' | 'handleOnce' | 'removeHandler'> {
  private readonly handlers = new Map<string, InvokeListener>();

  handle(channel: string, listener: InvokeListener): void {
    if (this.handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    this.handlers.set(channel, listener);
  }

  handleOnce(channel: string, listener: InvokeListener): void {
    this.handle(channel, (event, ...args: unknown[]) => {
      this.removeHandler(channel);
      return listener(event, ...args);
    });
  }

  removeHandler(channel: string): void {
    this.handlers.delete(channel);
  }

  /** For web contents only. @returns the answer for the page; the words of a failure are Electron's. */
  async answer(call: Invoke, caller: Caller): Promise<ToPage> {
    try {
      const handler = this.handlers.get(call.channel);
      if (handler === undefined) throw new Error(`No handler registered for '${call.channel}'`);
      const args = fromWire(call.args, null);
      if (!Array.isArray(args)) throw new Error('An object could not be cloned.');
      const event = standIn<Electron.IpcMainInvokeEvent>('IpcMainInvokeEvent', { ...identity(caller), type: 'frame' });
      const value: unknown = await handler(event, ...args);
      return { type: 'reply', id: call.id, ok: true, value: toWire(value, null) };
    } catch (error) {
      const told = new Error(`Error invoking remote method '${call.channel}': ${String(error)}`);
      return { type: 'reply', id: call.id, ok: false, value: toWire(told, null) };
    }
  }

  /** For web contents only. */
  receive(message: Extract<FromPage, { type: 'send' }>, caller: Caller): void {
    const args = fromWire(message.args, null);
    if (!Array.isArray(args)) return;
    const event = standIn<Electron.IpcMainEvent>('IpcMainEvent', { ...identity(caller), type: 'frame', ports: [] });
    this.emit(message.channel, event, ...args);
  }
}

function identity(caller: Caller) {
  return { ...caller, processId: caller.senderFrame.processId, frameId: caller.senderFrame.routingId };
}

export const ipcMainItself = new IpcMain();
export const ipcMain = implementedOnly('electron.ipcMain', ipcMainItself);
