import type { PreloadOptions } from './preload-options.ts';
import { fromWire, toWire, type Wire } from './wire-value.ts';
import { WorldChannel } from './world-channel.ts';

type Listener = (event: object, ...args: unknown[]) => void;
type PreloadModule = (exports: object, require: (name: string) => unknown, module: object, process: object) => void;

/** Keys that Chromium would take as commands of its own (close, reload, full screen …) and Electron has none for. */
const BROWSER_KEYS = new Set([
  'F1',
  'F3',
  'F5',
  'F6',
  'F7',
  'F11',
  'F12',
  'BrowserBack',
  'BrowserForward',
  'BrowserRefresh',
]);
const EDITING_KEYS = new Set(['a', 'c', 'v', 'x', 'y', 'z']);

/** Runs in the preload's isolated world: gives the preload the part of `electron` that a sandboxed preload has. */
export function startPreloadWorld(options: PreloadOptions, preload: PreloadModule | null): void {
  if (window.top !== window) return;
  const binding: unknown = Reflect.get(globalThis, options.binding);
  if (typeof binding !== 'function') throw new Error('chromium-host: the way to the host is missing');
  const toHost = (message: object): void => {
    Reflect.apply(binding, undefined, [JSON.stringify(message)]);
  };

  let nextInvoke = 1;
  const invokes = new Map<number, { resolve: (value: unknown) => void; reject: (error: unknown) => void }>();
  const listeners = new Map<string, Listener[]>();
  const listenersOf = (channel: string): Listener[] => listeners.get(channel) ?? [];

  const ipcRenderer = {
    invoke(channel: string, ...args: unknown[]): Promise<unknown> {
      return new Promise((resolve, reject) => {
        const wire = toWire(args, null);
        const id = nextInvoke++;
        invokes.set(id, { resolve, reject });
        toHost({ type: 'invoke', id, channel, args: wire });
      });
    },
    send(channel: string, ...args: unknown[]): void {
      toHost({ type: 'send', channel, args: toWire(args, null) });
    },
    on(channel: string, listener: Listener): unknown {
      listeners.set(channel, [...listenersOf(channel), listener]);
      return standIn;
    },
    once(channel: string, listener: Listener): unknown {
      const once: Listener = (event, ...args) => {
        ipcRenderer.removeListener(channel, once);
        listener(event, ...args);
      };
      return ipcRenderer.on(channel, once);
    },
    off(channel: string, listener: Listener): unknown {
      return ipcRenderer.removeListener(channel, listener);
    },
    removeListener(channel: string, listener: Listener): unknown {
      const left = [...listenersOf(channel)];
      const at = left.lastIndexOf(listener);
      if (at >= 0) left.splice(at, 1);
      listeners.set(channel, left);
      return standIn;
    },
    removeAllListeners(channel: string): unknown {
      listeners.delete(channel);
      return standIn;
    },
  };

  const implementedOnly = <T extends object>(name: string, part: T): T =>
    new Proxy(part, {
      get(target, property) {
        if (property in target || typeof property === 'symbol' || property === 'then')
          return Reflect.get(target, property);
        throw new Error(`${name}.${property} is not implemented in chromium-host`);
      },
    });
  const standIn = implementedOnly('electron.ipcRenderer', ipcRenderer);

  const channel = new WorldChannel(options.nonce, 'preload', () => {
    throw new Error('the page may not expose anything to the preload');
  });
  const contextBridge = implementedOnly('electron.contextBridge', {
    exposeInMainWorld(key: string, api: unknown): void {
      if (!channel.expose(key, api)) throw new Error('chromium-host: the page has no bridge yet');
    },
  });

  /** Called by the host, by name, in this world. */
  Reflect.set(globalThis, `${options.binding}Deliver`, (text: string): void => {
    const message:
      | { type: 'reply'; id: number; ok: boolean; value: Wire }
      | { type: 'push'; channel: string; args: Wire } = JSON.parse(text);
    if (message.type === 'push') {
      const args = fromWire(message.args, null);
      if (!Array.isArray(args)) return;
      const event = { sender: standIn, ports: [], type: 'message', senderId: 0 };
      for (const listener of listenersOf(message.channel)) listener(event, ...args);
      return;
    }
    const waiting = invokes.get(message.id);
    invokes.delete(message.id);
    const value = fromWire(message.value, null);
    if (message.ok) waiting?.resolve(value);
    else waiting?.reject(value);
  });

  window.addEventListener(
    'keydown',
    (event) => {
      const { key, code, ctrlKey: control, shiftKey: shift, altKey: alt, metaKey: meta, repeat: isAutoRepeat } = event;
      toHost({ type: 'input', input: { key, code, control, shift, alt, meta, isAutoRepeat } });
      const command = control && !alt && !(EDITING_KEYS.has(key.toLowerCase()) && !shift) && key.length === 1;
      const history = alt && (key === 'ArrowLeft' || key === 'ArrowRight');
      if (command || history || BROWSER_KEYS.has(key)) event.preventDefault();
    },
    { capture: true },
  );

  if (preload === null) return;
  const module = { exports: {} };
  const require = (name: string): unknown => {
    if (name === 'electron') return implementedOnly('electron', { contextBridge, ipcRenderer: standIn });
    throw new Error(`module not found: ${name}`);
  };
  const process = {
    type: 'renderer',
    sandboxed: true,
    contextIsolated: true,
    platform: options.platform,
    argv: [...options.argv],
    versions: { ...options.versions },
    env: {},
  };
  try {
    preload(module.exports, require, module, process);
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    toHost({ type: 'preload-error', name, message });
  }
}
