import { EventEmitter } from 'node:events';
import type { XDisplay } from './display.ts';
import {
  ALL_DESKTOPS,
  askForNoFocus,
  atomsOfState,
  type FrameState,
  writeIdentity,
  writeSizeHints,
  writeStates,
  writeTitle,
} from './frame-hints.ts';
import {
  announceWithdrawal,
  boundsOnScreen,
  configureWindow,
  createWindow,
  destroyWindow,
  EVENT,
  EVENT_MASK,
  getProperty,
  getTextProperty,
  mapWindow,
  type Rectangle,
  reparentWindow,
  selectEvents,
  sendToWindowManager,
  setInputFocus,
  unmapWindow,
} from './requests.ts';

/** "A pager asks": window managers then raise and focus without asking whether the person was typing elsewhere. */
const SOURCE_PAGER = 2;
const CLIENT_MESSAGE = 33;

export interface FrameOptions {
  readonly bounds: Rectangle;
  readonly decorated: boolean;
  readonly resizable: boolean;
  readonly backgroundPixel: number;
  readonly title: string;
  readonly wmClass: string;
}

/**
 * A real top-level window of the host's own, into which a browser window is put. That it is ours is what makes it behave as in
 * Electron: it can be closed preventably, hidden at once, kept above others, and it stays (blank) when the browser inside dies.
 */
export class FrameWindow extends EventEmitter<{
  shown: [];
  hidden: [];
  focus: [];
  blur: [];
  minimize: [];
  bounds: [Rectangle];
  closeRequested: [];
  titled: [string];
}> {
  readonly id: number;
  viewable = false;
  focused = false;
  bounds: Rectangle;
  private readonly display: XDisplay;
  private readonly options: FrameOptions;
  private readonly states = new Set<FrameState>();
  private extents: readonly [number, number, number, number] = [0, 0, 0, 0];
  private content: number | null = null;
  private wanted = false;
  private destroyed = false;

  constructor(display: XDisplay, options: FrameOptions) {
    super();
    this.display = display;
    this.options = options;
    this.bounds = options.bounds;
    this.id = createWindow(display.x, options.bounds, {
      backgroundPixel: options.backgroundPixel,
      overrideRedirect: false,
      eventMask: EVENT_MASK.structureNotify | EVENT_MASK.focusChange | EVENT_MASK.propertyChange,
    });
    writeIdentity(display, this.id, options);
    this.setTitle(options.title);
    this.writeSizeHints();
    display.watch(this.id, (event) => this.onFrameEvent(event));
  }

  /** Puts a browser window into the frame. It was taken off the screen by the guard before it was ever visible. */
  adopt(content: number): void {
    const { x } = this.display;
    if (this.content !== null) {
      this.display.unwatch(this.content);
      unmapWindow(x, this.content); // It belongs to a renderer that died.
    }
    this.content = content;
    this.display.watch(content, (event) => this.onContentEvent(event));
    selectEvents(x, content, EVENT_MASK.structureNotify | EVENT_MASK.focusChange | EVENT_MASK.propertyChange);
    reparentWindow(x, content, this.id, { x: 0, y: 0 });
    configureWindow(x, content, { x: 0, y: 0, ...this.contentSize() });
    if (this.focused) setInputFocus(x, content);
  }

  show(activate: boolean): void {
    const { x } = this.display;
    this.wanted = true;
    writeStates(this.display, this.id, this.states);
    this.writeSizeHints();
    if (!activate) askForNoFocus(this.display, this.id);
    configureWindow(x, this.id, { x: this.bounds.x, y: this.bounds.y, ...this.contentSize() });
    mapWindow(x, this.id);
    if (activate) this.focus();
  }

  hide(): void {
    const { x } = this.display;
    this.wanted = false;
    unmapWindow(x, this.id);
    announceWithdrawal(x, this.id);
  }

  focus(): void {
    const { x, atoms } = this.display;
    if (this.display.hasWindowManager) {
      sendToWindowManager(x, this.id, atoms._NET_ACTIVE_WINDOW, [SOURCE_PAGER, 0, 0]);
      return;
    }
    configureWindow(x, this.id, {}, true);
    setInputFocus(x, this.content ?? this.id);
  }

  raise(): void {
    configureWindow(this.display.x, this.id, {}, true);
  }

  minimize(): void {
    const ICONIC_STATE = 3;
    this.display.x
      .atom('WM_CHANGE_STATE')
      .then((atom) => sendToWindowManager(this.display.x, this.id, atom, [ICONIC_STATE]))
      .catch((error: unknown) => console.error(`chromium-host: not minimised: ${String(error)}`));
  }

  setBounds(bounds: Rectangle): void {
    this.bounds = bounds;
    this.writeSizeHints();
    configureWindow(this.display.x, this.id, { x: bounds.x, y: bounds.y, ...this.contentSize() });
    this.resizeContent(this.contentSize());
  }

  setState(state: FrameState, on: boolean): void {
    if (this.states.has(state) === on) return;
    if (on) this.states.add(state);
    else this.states.delete(state);
    if (!this.wanted) return;
    const { x, atoms } = this.display;
    for (const atom of atomsOfState(this.display, state)) {
      sendToWindowManager(x, this.id, atoms._NET_WM_STATE, [on ? 1 : 0, atom, 0, SOURCE_PAGER]);
    }
    if (state === 'allDesktops')
      sendToWindowManager(x, this.id, atoms._NET_WM_DESKTOP, [on ? ALL_DESKTOPS : 0, SOURCE_PAGER]);
  }

  has(state: FrameState): boolean {
    return this.states.has(state);
  }

  setTitle(title: string): void {
    writeTitle(this.display, this.id, title);
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.display.unwatch(this.id);
    if (this.content !== null) this.display.unwatch(this.content);
    destroyWindow(this.display.x, this.id);
    this.viewable = false;
    this.focused = false;
  }

  private contentSize(): { width: number; height: number } {
    const [left, right, top, bottom] = this.extents;
    return {
      width: Math.max(1, this.bounds.width - left - right),
      height: Math.max(1, this.bounds.height - top - bottom),
    };
  }

  private resizeContent(size: { width: number; height: number }): void {
    if (this.content !== null) configureWindow(this.display.x, this.content, { x: 0, y: 0, ...size });
  }

  private writeSizeHints(): void {
    const content = { x: this.bounds.x, y: this.bounds.y, ...this.contentSize() };
    writeSizeHints(this.display, this.id, content, this.options.resizable);
  }

  private onFrameEvent(event: Buffer): void {
    const code = event.readUInt8(0) & 0x7f;
    if (code === EVENT.mapNotify) this.becameViewable();
    else if (code === EVENT.unmapNotify) this.becameUnviewable();
    else if (code === EVENT.focusIn || code === EVENT.focusOut) this.onFocusEvent(code, event, 'frame');
    else if (code === EVENT.configureNotify) this.onConfigured(event);
    else if (code === EVENT.propertyNotify) this.onProperty(event.readUInt32LE(8));
    else if (code === CLIENT_MESSAGE && event.readUInt32LE(12) === this.display.atoms.WM_DELETE_WINDOW) {
      this.emit('closeRequested');
    }
  }

  private becameViewable(): void {
    if (this.viewable) return;
    this.viewable = true;
    this.emit('shown');
  }

  private becameUnviewable(): void {
    if (!this.viewable) return;
    this.viewable = false;
    this.lostFocus();
    // Unmapped although it should be seen: the window manager iconified it.
    this.emit(this.wanted ? 'minimize' : 'hidden');
  }

  /** The keyboard belongs to the browser inside; `focused` means that either of the two has it. */
  private onFocusEvent(code: number, event: Buffer, on: 'frame' | 'content'): void {
    const NOTIFY_INFERIOR = 2;
    const NOTIFY_POINTER = 5;
    const detail = event.readUInt8(1);
    const mode = event.readUInt8(8);
    const grabbed = mode === 1 || mode === 2;
    if (grabbed || detail >= NOTIFY_POINTER) return;
    if (code === EVENT.focusIn) {
      if (on === 'frame' && this.content !== null && detail !== NOTIFY_INFERIOR)
        setInputFocus(this.display.x, this.content);
      if (this.focused) return;
      this.focused = true;
      this.emit('focus');
    } else if (on === 'content' || detail !== NOTIFY_INFERIOR) {
      this.lostFocus();
    }
  }

  private lostFocus(): void {
    if (!this.focused) return;
    this.focused = false;
    this.emit('blur');
  }

  private onConfigured(event: Buffer): void {
    if (event.readUInt32LE(8) !== this.id) return;
    this.resizeContent({ width: event.readUInt16LE(20), height: event.readUInt16LE(22) });
    this.measure();
  }

  private onProperty(property: number): void {
    const { x, atoms } = this.display;
    if (property !== atoms._NET_FRAME_EXTENTS) return;
    getProperty(x, this.id, property).then(
      ([left = 0, right = 0, top = 0, bottom = 0]) => {
        this.extents =
          this.options.decorated && !this.states.has('fullscreen') ? [left, right, top, bottom] : [0, 0, 0, 0];
        this.measure();
      },
      () => this.becameUnviewable(), // The window is gone.
    );
  }

  private measure(): void {
    if (!this.viewable) return;
    boundsOnScreen(this.display.x, this.id).then(
      (inner) => {
        const [left, right, top, bottom] = this.extents;
        const bounds = {
          x: inner.x - left,
          y: inner.y - top,
          width: inner.width + left + right,
          height: inner.height + top + bottom,
        };
        if (!this.viewable || JSON.stringify(bounds) === JSON.stringify(this.bounds)) return;
        this.bounds = bounds;
        this.emit('bounds', bounds);
      },
      () => this.becameUnviewable(), // The window is gone.
    );
  }

  private onContentEvent(event: Buffer): void {
    const code = event.readUInt8(0) & 0x7f;
    const { x, atoms } = this.display;
    if (code === EVENT.focusIn || code === EVENT.focusOut) this.onFocusEvent(code, event, 'content');
    else if (code === EVENT.destroyNotify && this.content !== null) {
      this.display.unwatch(this.content);
      this.content = null;
    } else if (code === EVENT.propertyNotify && event.readUInt32LE(8) === atoms._NET_WM_NAME && this.content !== null) {
      getTextProperty(x, this.content, atoms._NET_WM_NAME).then(
        (title) => this.emit('titled', title),
        () => undefined, // The browser window is gone; its end is told by DestroyNotify.
      );
    }
  }
}
