import type { References, Wire } from './wire-value.ts';
import { fromWire, toWire } from './wire-value.ts';

type AnyFunction = (...args: unknown[]) => unknown;

type Message =
  | { readonly type: 'expose'; readonly key: string; readonly value: Wire }
  | { readonly type: 'call'; readonly id: number; readonly args: Wire }
  | { readonly type: 'settled'; readonly id: number; readonly ok: boolean; readonly value: Wire };

type Reply = { readonly ok: boolean; readonly value: Wire };

/**
 * One end of the bridge between the preload's world and the page's. The two share the DOM and nothing else, so they talk in
 * events on `window`, whose name holds a random part that the page cannot learn; the answer is there when the dispatch returns,
 * so that functions keep Electron's manner: synchronous stays synchronous, promises stay promises, functions may be arguments.
 */
export class WorldChannel {
  private readonly outgoing: string;
  private readonly functions: AnyFunction[] = [];
  private readonly functionIds = new WeakMap<AnyFunction, number>();
  private readonly proxies = new Map<number, AnyFunction>();
  private readonly pending = new Map<number, { resolve: (value: unknown) => void; reject: (error: unknown) => void }>();
  private nextPromise = 1;
  private lastReply: string | null = null;
  /** Taken before the page's scripts run: they could replace them. */
  private readonly dispatch = window.dispatchEvent.bind(window);
  private readonly EventClass = CustomEvent;
  private readonly onExpose: (key: string, value: unknown) => void;

  constructor(nonce: string, side: 'page' | 'preload', onExpose: (key: string, value: unknown) => void) {
    const incoming = `${nonce}:to-${side}`;
    this.outgoing = `${nonce}:to-${side === 'page' ? 'preload' : 'page'}`;
    this.onExpose = onExpose;
    window.addEventListener(incoming, (event) => {
      event.stopImmediatePropagation();
      if (!(event instanceof CustomEvent) || typeof event.detail !== 'string') return;
      const reply = this.handle(JSON.parse(event.detail));
      this.dispatch(new this.EventClass(`${incoming}:reply`, { detail: JSON.stringify(reply) }));
    });
    window.addEventListener(`${this.outgoing}:reply`, (event) => {
      event.stopImmediatePropagation();
      if (event instanceof CustomEvent && typeof event.detail === 'string') this.lastReply = event.detail;
    });
  }

  /** @returns whether the other side was there to take it. */
  expose(key: string, value: unknown): boolean {
    return this.send({ type: 'expose', key, value: toWire(value, this.references) }) !== null;
  }

  private send(message: Message): Reply | null {
    this.lastReply = null;
    this.dispatch(new this.EventClass(this.outgoing, { detail: JSON.stringify(message) }));
    const reply: string | null = this.lastReply;
    return reply === null ? null : JSON.parse(reply);
  }

  private handle(message: Message): Reply {
    try {
      switch (message.type) {
        case 'expose':
          this.onExpose(message.key, fromWire(message.value, this.references));
          return { ok: true, value: { t: 'undefined' } };
        case 'call': {
          const target = this.functions[message.id];
          const args = fromWire(message.args, this.references);
          if (target === undefined || !Array.isArray(args)) throw new Error('no such function');
          return { ok: true, value: toWire(target(...args), this.references) };
        }
        case 'settled': {
          const waiting = this.pending.get(message.id);
          this.pending.delete(message.id);
          const value = fromWire(message.value, this.references);
          if (message.ok) waiting?.resolve(value);
          else waiting?.reject(value);
          return { ok: true, value: { t: 'undefined' } };
        }
        default: {
          const never: never = message;
          throw new Error(`unknown message ${String(never)}`);
        }
      }
    } catch (error) {
      return { ok: false, value: toWire(error instanceof Error ? error : new Error(String(error)), null) };
    }
  }

  private readonly references: References = {
    toFunction: (id) => {
      const known = this.proxies.get(id);
      if (known !== undefined) return known;
      const proxy = (...args: unknown[]): unknown => {
        const reply = this.send({ type: 'call', id, args: toWire(args, this.references) });
        if (reply === null) throw new Error('the other side of the bridge is gone');
        const value = fromWire(reply.value, this.references);
        if (!reply.ok) throw value;
        return value;
      };
      this.proxies.set(id, proxy);
      return proxy;
    },
    // Ids of promises belong to the side that made them; the other side waits for `settled`.
    toPromise: (id) => new Promise((resolve, reject) => this.pending.set(id, { resolve, reject })),
    fromFunction: (value) => {
      const known = this.functionIds.get(value);
      if (known !== undefined) return known;
      const id = this.functions.push(value) - 1;
      this.functionIds.set(value, id);
      return id;
    },
    fromPromise: (promise) => {
      const id = this.nextPromise++;
      const settle = (ok: boolean, value: unknown): void => {
        this.send({ type: 'settled', id, ok, value: toWire(value, ok ? this.references : null) });
      };
      promise.then(
        (value) => settle(true, value),
        (error: unknown) => settle(false, error instanceof Error ? error : new Error(String(error))),
      );
      return id;
    },
  };
}
