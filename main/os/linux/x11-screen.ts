import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { CoverProbe } from './locker-process-source.ts';
import { findX11Cookie, localDisplayNumber, X11Connection } from './x11-connection.ts';

const QUERY_TREE = 15;
const GET_WINDOW_ATTRIBUTES = 3;
const GET_GEOMETRY = 14;
const SCREEN_SAVER_QUERY_INFO = 1;
const MAP_STATE_VIEWABLE = 2;
/** Windows looked at per question, topmost first; a locker is above everything else. */
const MAX_WINDOWS_EXAMINED = 64;

/** Asks a local X server about the screen. One connection, opened when needed and again after it is lost. */
export class X11Screen {
  readonly #display: string;
  readonly #authorityFile: string | null;
  #connection: X11Connection | null = null;
  #screenSaverOpcode: number | null = null;

  /** @param env supplies DISPLAY, XAUTHORITY and HOME. */
  constructor(env: NodeJS.ProcessEnv) {
    const { DISPLAY, XAUTHORITY, HOME } = env;
    this.#display = DISPLAY ?? '';
    this.#authorityFile = XAUTHORITY ?? (HOME === undefined ? null : join(HOME, '.Xauthority'));
  }

  /** Whether a window that no window manager handles (as every X locker maps one) covers the whole root. */
  readonly cover: CoverProbe = async () => {
    try {
      const x = await this.#open();
      const root = rectangle(await x.ask(GET_GEOMETRY, 0, x.root));
      const tree = await x.ask(QUERY_TREE, 0, x.root);
      const children = tree.readUInt16LE(16);
      const lowest = Math.max(0, children - MAX_WINDOWS_EXAMINED);
      for (let index = children - 1; index >= lowest; index -= 1) {
        if (await this.#covers(x, tree.readUInt32LE(32 + 4 * index), root)) return 'covered';
      }
      return 'uncovered';
    } catch {
      return 'unknown'; // no X server, or none that lets us ask: the process alone must do
    }
  };

  /** Milliseconds since the last key or pointer event, or null where the server cannot say. */
  async idleMs(): Promise<number | null> {
    try {
      const x = await this.#open();
      if (this.#screenSaverOpcode === null) return null;
      return (await x.ask(this.#screenSaverOpcode, SCREEN_SAVER_QUERY_INFO, x.root)).readUInt32LE(16);
    } catch {
      return null; // the caller has other sources of activity, and none of them is a key to anything
    }
  }

  close(): void {
    this.#connection?.close();
    this.#connection = null;
  }

  async #open(): Promise<X11Connection> {
    if (this.#connection !== null && !this.#connection.closed) return this.#connection;
    const displayNumber = localDisplayNumber(this.#display);
    if (displayNumber === null) throw new Error(`no local X display on ${hostname()}`);
    const authority = this.#authorityFile === null ? null : await readFile(this.#authorityFile).catch(() => null);
    const cookie = authority === null ? null : findX11Cookie(authority, displayNumber);
    const connection = await X11Connection.open(displayNumber, cookie);
    try {
      this.#screenSaverOpcode = await connection.extension('MIT-SCREEN-SAVER');
    } catch (error) {
      connection.close();
      throw error;
    }
    this.#connection = connection;
    return connection;
  }

  async #covers(x: X11Connection, window: number, root: Rectangle): Promise<boolean> {
    try {
      const attributes = await x.ask(GET_WINDOW_ATTRIBUTES, 0, window);
      const unmanaged = attributes.readUInt8(27) === 1;
      if (attributes.readUInt8(26) !== MAP_STATE_VIEWABLE || !unmanaged) return false;
      const area = rectangle(await x.ask(GET_GEOMETRY, 0, window));
      return area.x <= 0 && area.y <= 0 && area.x + area.width >= root.width && area.y + area.height >= root.height;
    } catch (error) {
      if (x.closed) throw error;
      return false; // the window was destroyed between the two questions
    }
  }
}

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function rectangle(geometry: Buffer): Rectangle {
  return {
    x: geometry.readInt16LE(12),
    y: geometry.readInt16LE(14),
    width: geometry.readUInt16LE(16),
    height: geometry.readUInt16LE(18),
  };
}
