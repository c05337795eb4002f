import { XConnection } from './connection.ts';
import { EVENT_MASK, getProperty, type Rectangle, selectEvents } from './requests.ts';

const ATOM_NAMES = [
  'WM_PROTOCOLS',
  'WM_DELETE_WINDOW',
  'WM_STATE',
  'UTF8_STRING',
  '_MOTIF_WM_HINTS',
  '_NET_ACTIVE_WINDOW',
  '_NET_FRAME_EXTENTS',
  '_NET_SUPPORTING_WM_CHECK',
  '_NET_WM_DESKTOP',
  '_NET_WM_NAME',
  '_NET_WM_PID',
  '_NET_WM_STATE',
  '_NET_WM_STATE_ABOVE',
  '_NET_WM_STATE_FULLSCREEN',
  '_NET_WM_STATE_HIDDEN',
  '_NET_WM_STATE_MAXIMIZED_HORZ',
  '_NET_WM_STATE_MAXIMIZED_VERT',
  '_NET_WM_STATE_SKIP_PAGER',
  '_NET_WM_STATE_SKIP_TASKBAR',
  '_NET_WM_USER_TIME',
  '_NET_WORKAREA',
] as const;
export type AtomName = (typeof ATOM_NAMES)[number];

/** A monitor as RandR names it. */
export interface Monitor {
  readonly name: string;
  readonly primary: boolean;
  readonly bounds: Rectangle;
  readonly workArea: Rectangle;
}

/** Missed hot-plug events exist in every desktop; the poll is what nothing slips past. */
const MONITOR_POLL_INTERVAL_MS = 1_000;

const ROOT_EVENTS = EVENT_MASK.structureNotify | EVENT_MASK.propertyChange;

/** The X display of the host: one connection, its atoms, its monitors, and whose event is whose. */
export class XDisplay {
  readonly x: XConnection;
  readonly atoms: Readonly<Record<AtomName, number>>;
  hasWindowManager: boolean;
  monitors: readonly Monitor[] = [];
  idleMs: number | null = null;
  private readonly randr: number;
  private readonly screenSaver: number | null;
  private readonly windows = new Map<number, (event: Buffer) => void>();
  private readonly monitorListeners = new Set<() => void>();
  private poll: NodeJS.Timeout | null = null;
  private refreshing = false;
  private refreshAgain = false;

  static async open(display: string, env: NodeJS.ProcessEnv): Promise<XDisplay> {
    const x = await XConnection.open(display, env);
    const [atoms, randr, screenSaver] = await Promise.all([
      Promise.all(ATOM_NAMES.map((name) => x.atom(name))),
      x.extension('RANDR'),
      x.extension('MIT-SCREEN-SAVER'),
    ]);
    if (randr === null) throw new Error('the X server lacks the RANDR extension');
    const named = Object.fromEntries(ATOM_NAMES.map((name, index) => [name, atoms[index] ?? 0]));
    const found = new XDisplay(x, named as Record<AtomName, number>, randr.opcode, screenSaver?.opcode ?? null);
    await found.start();
    return found;
  }

  private constructor(x: XConnection, atoms: Record<AtomName, number>, randr: number, screenSaver: number | null) {
    this.x = x;
    this.atoms = atoms;
    this.randr = randr;
    this.screenSaver = screenSaver;
    this.hasWindowManager = false;
  }

  /** Calls `listener` with every event that concerns `window`. */
  watch(window: number, listener: (event: Buffer) => void): void {
    this.windows.set(window, listener);
  }

  unwatch(window: number): void {
    this.windows.delete(window);
  }

  /** Also reports what happens to the top-level windows of others. */
  watchChildren(): void {
    selectEvents(this.x, this.x.screen.root, ROOT_EVENTS | EVENT_MASK.substructureNotify);
  }

  onMonitorsChanged(listener: () => void): void {
    this.monitorListeners.add(listener);
  }

  close(): void {
    if (this.poll !== null) clearInterval(this.poll);
    this.x.close();
  }

  private async start(): Promise<void> {
    const { x } = this;
    // RandR answers nothing before it was told which version is spoken: 1.5 brought GetMonitors.
    await x.ask(this.randr, 0, Buffer.from([1, 0, 0, 0, 5, 0, 0, 0]));
    if (this.screenSaver !== null) await x.ask(this.screenSaver, 0, Buffer.from([1, 1, 0, 0]));
    const select = Buffer.alloc(8);
    select.writeUInt32LE(x.screen.root, 0);
    select.writeUInt16LE(0x7, 4);
    x.send(this.randr, 4, select);
    selectEvents(x, x.screen.root, ROOT_EVENTS);
    x.on('event', (event) => this.dispatch(event));
    await this.refresh();
    this.poll = setInterval(() => this.refreshLogged(), MONITOR_POLL_INTERVAL_MS);
    this.poll.unref();
  }

  /** Events of a window carry it at offset 4 or, when reported for one of its neighbours, at 8. */
  private dispatch(event: Buffer): void {
    const code = event.readUInt8(0) & 0x7f;
    if (code >= 64 || code === 22 || code === 28) this.refreshOnRoot(code, event);
    const window = event.readUInt32LE(4);
    this.windows.get(window)?.(event);
  }

  private refreshOnRoot(code: number, event: Buffer): void {
    if (code >= 64 || event.readUInt32LE(4) === this.x.screen.root) this.refreshLogged();
  }

  /**
   * One reading at a time, and one more when something happened meanwhile: every window that is raised changes a property of the
   * root window, and a reading for each of them would outrun the server until replies can no longer be told apart.
   */
  private refreshLogged(): void {
    if (this.refreshing) {
      this.refreshAgain = true;
      return;
    }
    this.refreshing = true;
    this.refreshAgain = false;
    this.refresh()
      // A refusal here means that the server is going away, which closes the connection and ends the host.
      .catch((error: unknown) => console.error(`chromium-host: monitors could not be read: ${String(error)}`))
      .finally(() => {
        this.refreshing = false;
        if (this.refreshAgain) this.refreshLogged();
      });
  }

  private async refresh(): Promise<void> {
    const [monitors, check, idleMs] = await Promise.all([
      this.readMonitors(),
      getProperty(this.x, this.x.screen.root, this.atoms._NET_SUPPORTING_WM_CHECK),
      this.readIdle(),
    ]);
    this.hasWindowManager = check.length > 0;
    this.idleMs = idleMs;
    if (JSON.stringify(monitors) === JSON.stringify(this.monitors)) return;
    this.monitors = monitors;
    for (const listener of this.monitorListeners) listener();
  }

  private async readIdle(): Promise<number | null> {
    if (this.screenSaver === null) return null;
    const body = Buffer.alloc(4);
    body.writeUInt32LE(this.x.screen.root, 0);
    return (await this.x.ask(this.screenSaver, 1, body)).readUInt32LE(16);
  }

  private async readMonitors(): Promise<Monitor[]> {
    const body = Buffer.alloc(8);
    body.writeUInt32LE(this.x.screen.root, 0);
    body.writeUInt8(1, 4);
    const [reply, workArea] = await Promise.all([
      this.x.ask(this.randr, 42, body),
      getProperty(this.x, this.x.screen.root, this.atoms._NET_WORKAREA),
    ]);
    const found: Monitor[] = [];
    const names: Promise<string>[] = [];
    let at = 32;
    for (let index = 0; index < reply.readUInt32LE(12); index += 1) {
      const bounds = {
        x: reply.readInt16LE(at + 8),
        y: reply.readInt16LE(at + 10),
        width: reply.readUInt16LE(at + 12),
        height: reply.readUInt16LE(at + 14),
      };
      names.push(this.atomName(reply.readUInt32LE(at)));
      found.push({ name: '', primary: reply.readUInt8(at + 4) === 1, bounds, workArea: intersect(bounds, workArea) });
      at += 24 + reply.readUInt16LE(at + 6) * 4;
    }
    const texts = await Promise.all(names);
    return found.map((monitor, index) => ({ ...monitor, name: texts[index] ?? '' }));
  }

  private async atomName(atom: number): Promise<string> {
    const body = Buffer.alloc(4);
    body.writeUInt32LE(atom, 0);
    const reply = await this.x.ask(17, 0, body);
    return reply.subarray(32, 32 + reply.readUInt16LE(8)).toString('utf8');
  }
}

/** The part of a monitor that panels leave free. Without a (sensible) work area: all of it. */
function intersect(bounds: Rectangle, workArea: readonly number[]): Rectangle {
  const [x = bounds.x, y = bounds.y, width = 0, height = 0] = workArea;
  const left = Math.max(bounds.x, x);
  const top = Math.max(bounds.y, y);
  const right = Math.min(bounds.x + bounds.width, x + width);
  const bottom = Math.min(bounds.y + bounds.height, y + height);
  return right > left && bottom > top ? { x: left, y: top, width: right - left, height: bottom - top } : bounds;
}
