import { assertNever } from '../../protocol/result.ts';
import type { XDisplay } from './display.ts';
import { type Rectangle, setProperty, setTextProperty } from './requests.ts';

/** What a window tells the window manager about itself, as properties (ICCCM 4, EWMH). Numbers are predefined atoms. */
const ATOM_TYPE = 4;
const CARDINAL = 6;
const STRING = 31;
const WM_HINTS = 35;
const WM_NAME = 39;
const WM_NORMAL_HINTS = 40;
const WM_SIZE_HINTS = 41;
const WM_CLASS = 67;
export const ALL_DESKTOPS = 0xffffffff;

export type FrameState = 'above' | 'fullscreen' | 'skipTaskbar' | 'allDesktops';

export function writeIdentity(
  { x, atoms }: XDisplay,
  window: number,
  options: { readonly wmClass: string; readonly decorated: boolean },
): void {
  setTextProperty(x, window, WM_CLASS, STRING, `${options.wmClass}\0${options.wmClass}\0`);
  setProperty(x, window, atoms.WM_PROTOCOLS, ATOM_TYPE, [atoms.WM_DELETE_WINDOW]);
  setProperty(x, window, atoms._NET_WM_PID, CARDINAL, [process.pid]);
  setProperty(x, window, WM_HINTS, WM_HINTS, [1, 1, 0, 0, 0, 0, 0, 0, 0]);
  if (!options.decorated) setProperty(x, window, atoms._MOTIF_WM_HINTS, atoms._MOTIF_WM_HINTS, [2, 0, 0, 0, 0]);
}

export function writeTitle({ x, atoms }: XDisplay, window: number, title: string): void {
  setTextProperty(x, window, atoms._NET_WM_NAME, atoms.UTF8_STRING, title);
  setTextProperty(x, window, WM_NAME, STRING, title);
}

/** Position and size count as the person's wish (0x3), so that the window manager does not place the window elsewhere. */
export function writeSizeHints({ x }: XDisplay, window: number, content: Rectangle, resizable: boolean): void {
  const { width, height } = content;
  const fixed = resizable ? [0, 0, 0, 0] : [width, height, width, height];
  const hints = [
    0x3 | (resizable ? 0 : 0x30),
    content.x,
    content.y,
    width,
    height,
    ...fixed,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
  ];
  setProperty(x, window, WM_NORMAL_HINTS, WM_SIZE_HINTS, hints);
}

/** Before a window is mapped its states are a property; afterwards they are wishes to the window manager. */
export function writeStates(display: XDisplay, window: number, states: ReadonlySet<FrameState>): void {
  const { x, atoms } = display;
  const wanted = [...states].flatMap((state) => atomsOfState(display, state));
  setProperty(x, window, atoms._NET_WM_STATE, ATOM_TYPE, wanted);
  if (states.has('allDesktops')) setProperty(x, window, atoms._NET_WM_DESKTOP, CARDINAL, [ALL_DESKTOPS]);
}

export function atomsOfState({ atoms }: XDisplay, state: FrameState): number[] {
  switch (state) {
    case 'above':
      return [atoms._NET_WM_STATE_ABOVE];
    case 'fullscreen':
      return [atoms._NET_WM_STATE_FULLSCREEN];
    case 'skipTaskbar':
      return [atoms._NET_WM_STATE_SKIP_TASKBAR, atoms._NET_WM_STATE_SKIP_PAGER];
    case 'allDesktops':
      return [];
    default:
      return assertNever(state, 'window state');
  }
}

/** EWMH: a user time of 0 asks the window manager not to give the new window the focus. */
export function askForNoFocus({ x, atoms }: XDisplay, window: number): void {
  setProperty(x, window, atoms._NET_WM_USER_TIME, CARDINAL, [0]);
}
