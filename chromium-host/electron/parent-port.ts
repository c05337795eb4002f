import { EventEmitter } from 'node:events';
import { installElectronHooks } from '../electron-hooks.ts';

/** Loaded before the module of a utility process: gives it Electron's `process.parentPort`, and ends it together with the host. */
class ParentPort extends EventEmitter {
  postMessage(message: unknown): void {
    process.send?.(message);
  }

  start(): void {
    // Node's channel is always started; messages that come before a listener are kept below.
  }
}

const port = new ParentPort();
/** Electron queues messages until somebody listens. */
const early: unknown[] = [];

process.on('message', (raw: unknown) => {
  const message: unknown = typeof raw === 'object' && raw !== null && 'message' in raw ? raw.message : raw;
  if (port.listenerCount('message') === 0) early.push(message);
  else port.emit('message', { data: message, ports: [] });
});
port.on('newListener', (event) => {
  if (event !== 'message') return;
  queueMicrotask(() => {
    for (const message of early.splice(0)) port.emit('message', { data: message, ports: [] });
  });
});
process.once('disconnect', () => process.exit(0));
Reflect.set(process, 'parentPort', port);
Reflect.set(process, 'type', 'utility');
installElectronHooks(new URL('./electron-in-utility-process.ts', import.meta.url).href);
