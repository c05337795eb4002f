import { EventEmitter, once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CONTROL,
  type ControlEvent,
  ControlEventSchema,
  type ControlMethod,
  type ControlParams,
  ControlReplySchema,
  type ControlResult,
  type WindowInfo,
} from './control/control-protocol.ts';
import { readJsonLines } from './control/json-lines.ts';

const CONNECT_TIMEOUT_MS = 20_000;
const DEFAULT_TIMEOUT_MS = 10_000;
const LOOK_AGAIN_MS = 20;

/** The other end of `--control SOCKET`: what scripts/demo and tests/e2e drive the app with. Events: `event`, `closed`. */
export class ControlClient extends EventEmitter<{ event: [ControlEvent]; closed: [] }> {
  /** Every event since the connection, oldest first. */
  readonly history: ControlEvent[] = [];
  private readonly socket: Socket;
  private readonly waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  private nextId = 1;

  /** Connects, waiting for the host to come up. @throws when it does not in time. */
  static async connect(path: string, timeoutMs = CONNECT_TIMEOUT_MS): Promise<ControlClient> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const socket = connect(path);
      try {
        await once(socket, 'connect');
        return new ControlClient(socket);
      } catch (error) {
        socket.destroy();
        if (performance.now() > deadline)
          throw new Error(`the control channel ${path} did not open in time`, { cause: error });
        await delay(LOOK_AGAIN_MS);
      }
    }
  }

  private constructor(socket: Socket) {
    super();
    this.socket = socket;
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      for (const { reject } of this.waiting.values()) reject(new Error('the host ended'));
      this.waiting.clear();
      this.emit('closed');
    });
    readJsonLines(socket, (value) => this.receive(value));
  }

  /** @throws with the host's words when it refuses. */
  async call<M extends ControlMethod>(method: M, params: ControlParams<M>): Promise<ControlResult<M>> {
    const id = this.nextId++;
    const answered = new Promise<unknown>((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    this.socket.write(`${JSON.stringify({ id, method, params })}\n`);
    const schema: { readonly [N in ControlMethod]: { readonly result: { parse(value: unknown): ControlResult<N> } } } =
      CONTROL;
    return schema[method].result.parse(await answered);
  }

  /** Waits until a window is as wanted. @throws naming the windows there are when none is in time. */
  async window(wanted: (window: WindowInfo) => boolean, timeoutMs = DEFAULT_TIMEOUT_MS): Promise<WindowInfo> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const windows = await this.call('windows', {});
      const found = windows.find(wanted);
      if (found !== undefined) return found;
      if (performance.now() > deadline) throw new Error(`no such window in time; there are ${JSON.stringify(windows)}`);
      await delay(LOOK_AGAIN_MS);
    }
  }

  /** Waits for an event, also one that has come already. */
  async event(wanted: (event: ControlEvent) => boolean, timeoutMs = DEFAULT_TIMEOUT_MS): Promise<ControlEvent> {
    const known = this.history.find(wanted);
    if (known !== undefined) return known;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.off('event', listener);
        reject(new Error(`no such event in time; there were ${JSON.stringify(this.history.slice(-20))}`));
      }, timeoutMs);
      const listener = (event: ControlEvent): void => {
        if (!wanted(event)) return;
        clearTimeout(timer);
        this.off('event', listener);
        resolve(event);
      };
      this.on('event', listener);
    });
  }

  async screenshot(windowId?: number): Promise<Buffer> {
    const { pngBase64 } = await this.call('screenshot', windowId === undefined ? {} : { windowId });
    return Buffer.from(pngBase64, 'base64');
  }

  close(): void {
    this.socket.destroy();
  }

  private receive(value: unknown): void {
    const reply = ControlReplySchema.safeParse(value);
    if (!reply.success) {
      const event = ControlEventSchema.parse(value);
      this.history.push(event);
      this.emit('event', event);
      return;
    }
    const waiting = this.waiting.get(reply.data.id);
    this.waiting.delete(reply.data.id);
    if (reply.data.ok) waiting?.resolve(reply.data.result);
    else waiting?.reject(new Error(reply.data.error));
  }
}
