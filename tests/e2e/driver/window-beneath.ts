import { XConnection } from '../../../chromium-host/x11/connection.ts';
import {
  createWindow,
  mapWindow,
  type Rectangle,
  sendToWindowManager,
  setInputFocus,
} from '../../../chromium-host/x11/requests.ts';
import { waitFor } from '../../system/desktop/managed-process.ts';
import { DESKTOP_PIXEL } from './bare-screen.ts';

const KEY_PRESS_MASK = 1 << 0;
const BUTTON_PRESS_MASK = 1 << 2;
const FOCUS_CHANGE_MASK = 1 << 21;
const KEY_PRESS = 2;
const BUTTON_PRESS = 4;
const FOCUS_IN = 9;
/** EWMH: `_NET_WM_STATE_ADD`, asked for by an ordinary program. */
const ADD = 1;
const ORDINARY_PROGRAM = 1;
const READY_WITHIN_MS = 10_000;

/**
 * A window of some other program: it is what a person leaves open, in the glaring colour of the painted desktop, and remembers every key and
 * button that reached it.
 */
export class WindowBeneath {
  readonly #x: XConnection;
  readonly #window: number;
  #typed = 0;
  #clicked = 0;
  #focused = false;

  private constructor(x: XConnection, window: number) {
    this.#x = x;
    this.#window = window;
    x.on('event', (event) => {
      const kind = event.readUInt8(0) & 0x7f;
      if (kind === KEY_PRESS) this.#typed += 1;
      if (kind === BUTTON_PRESS) this.#clicked += 1;
      if (kind === FOCUS_IN) this.#focused = true;
    });
  }

  static async open(env: Readonly<Record<string, string>>, bounds: Rectangle): Promise<WindowBeneath> {
    const x = await XConnection.open(env['DISPLAY'] ?? '', env);
    const window = createWindow(x, bounds, {
      backgroundPixel: DESKTOP_PIXEL,
      overrideRedirect: false,
      eventMask: KEY_PRESS_MASK | BUTTON_PRESS_MASK | FOCUS_CHANGE_MASK,
    });
    mapWindow(x, window);
    return new WindowBeneath(x, window);
  }

  /** Keys and buttons that reached it so far. */
  get reached(): { readonly keys: number; readonly buttons: number } {
    return { keys: this.#typed, buttons: this.#clicked };
  }

  /** Takes the keyboard, as a person who clicks on it. */
  async focus(): Promise<void> {
    this.#focused = false;
    await waitFor(
      'the window beneath to have the keyboard',
      async () => {
        if (this.#focused) return true;
        setInputFocus(this.#x, this.#window);
        await this.#x.atom('_NET_WM_STATE');
        return this.#focused;
      },
      READY_WITHIN_MS,
    );
  }

  /** Over the whole screen and above panels, as a film or a presentation. */
  async fillScreen(): Promise<void> {
    const [state, fullScreen] = await Promise.all([
      this.#x.atom('_NET_WM_STATE'),
      this.#x.atom('_NET_WM_STATE_FULLSCREEN'),
    ]);
    sendToWindowManager(this.#x, this.#window, state, [ADD, fullScreen, 0, ORDINARY_PROGRAM]);
  }

  close(): void {
    this.#x.close();
  }
}
