import { WorldChannel } from './world-channel.ts';

/** Runs in the page's own world before its scripts: makes what the preload exposes appear on `window`, unchangeable as in Electron. */
export function startMainWorld(nonce: string): void {
  if (window.top !== window) return;
  const freeze = (value: unknown): unknown => {
    if (typeof value === 'object' && value !== null && !(value instanceof Promise)) {
      for (const item of Object.values(value)) freeze(item);
      Object.freeze(value);
    }
    return value;
  };
  new WorldChannel(nonce, 'page', (key, value) => {
    Object.defineProperty(window, key, {
      value: freeze(value),
      enumerable: true,
      writable: false,
      configurable: false,
    });
  });
}
