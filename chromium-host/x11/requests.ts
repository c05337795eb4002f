import type { XConnection } from './connection.ts';

/** The requests of X11 that the host needs, by their names in the protocol. Numbers are opcodes and offsets of that document. */

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const EVENT_MASK = {
  structureNotify: 1 << 17,
  substructureNotify: 1 << 19,
  substructureRedirect: 1 << 20,
  focusChange: 1 << 21,
  propertyChange: 1 << 22,
} as const;

export const EVENT = {
  focusIn: 9,
  focusOut: 10,
  createNotify: 16,
  destroyNotify: 17,
  unmapNotify: 18,
  mapNotify: 19,
  reparentNotify: 21,
  configureNotify: 22,
  propertyNotify: 28,
} as const;

function words(...values: number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    buffer.writeUInt32LE(value >>> 0, index * 4);
  });
  return buffer;
}

/**
 * Makes a window of our own that is not mapped: whatever is put into it is off the screen, yet mapped from its own point of view.
 * `overrideRedirect` keeps the window manager away from it for good.
 */
export function createWindow(
  x: XConnection,
  bounds: Rectangle,
  options: { backgroundPixel: number; overrideRedirect: boolean; eventMask: number },
): number {
  const id = x.newResource();
  const body = Buffer.alloc(28);
  body.writeUInt32LE(id, 0);
  body.writeUInt32LE(x.screen.root, 4);
  body.writeInt16LE(bounds.x, 8);
  body.writeInt16LE(bounds.y, 10);
  body.writeUInt16LE(Math.max(1, bounds.width), 12);
  body.writeUInt16LE(Math.max(1, bounds.height), 14);
  body.writeUInt16LE(1, 18);
  body.writeUInt32LE(0x2 | 0x200 | 0x800, 24);
  x.send(
    1,
    0,
    Buffer.concat([body, words(options.backgroundPixel, options.overrideRedirect ? 1 : 0, options.eventMask)]),
  );
  return id;
}

export function destroyWindow(x: XConnection, window: number): void {
  x.send(4, 0, words(window));
}

export function selectEvents(x: XConnection, window: number, mask: number): void {
  x.send(2, 0, words(window, 0x800, mask));
}

export function reparentWindow(x: XConnection, window: number, parent: number, at: { x: number; y: number }): void {
  const body = words(window, parent, 0);
  body.writeInt16LE(at.x, 8);
  body.writeInt16LE(at.y, 10);
  x.send(7, 0, body);
}

export function mapWindow(x: XConnection, window: number): void {
  x.send(8, 0, words(window));
}

export function unmapWindow(x: XConnection, window: number): void {
  x.send(10, 0, words(window));
}

export function configureWindow(x: XConnection, window: number, bounds: Partial<Rectangle>, raise = false): void {
  let mask = 0;
  const values: number[] = [];
  (['x', 'y', 'width', 'height'] as const).forEach((side, bit) => {
    const value = bounds[side];
    if (value === undefined) return;
    mask |= 1 << bit;
    values.push(value);
  });
  if (raise) {
    mask |= 0x40;
    values.push(0);
  }
  x.send(12, 0, words(window, mask, ...values));
}

export function setInputFocus(x: XConnection, window: number): void {
  x.send(42, 1, words(window, 0));
}

export function setProperty(
  x: XConnection,
  window: number,
  property: number,
  type: number,
  values: readonly number[],
): void {
  x.send(18, 0, Buffer.concat([words(window, property, type, 32, values.length), words(...values)]));
}

export function setTextProperty(x: XConnection, window: number, property: number, type: number, text: string): void {
  const data = Buffer.from(text, 'utf8');
  const head = words(window, property, type, 8, data.length);
  x.send(18, 0, Buffer.concat([head, data]));
}

async function askProperty(x: XConnection, window: number, property: number): Promise<Buffer> {
  const MOST_WORDS = 1_024;
  return x.ask(20, 0, words(window, property, 0, 0, MOST_WORDS));
}

/** @returns the text of a property; empty when it does not exist. */
export async function getTextProperty(x: XConnection, window: number, property: number): Promise<string> {
  const reply = await askProperty(x, window, property);
  return reply.readUInt8(1) === 8 ? reply.subarray(32, 32 + reply.readUInt32LE(16)).toString('utf8') : '';
}

/** @returns the 32-bit values of a property; empty when it does not exist. */
export async function getProperty(x: XConnection, window: number, property: number): Promise<number[]> {
  const reply = await askProperty(x, window, property);
  if (reply.readUInt8(1) !== 32) return [];
  return Array.from({ length: reply.readUInt32LE(16) }, (_, index) => reply.readUInt32LE(32 + index * 4));
}

/** Asks the window manager: an EWMH client message to the root window. */
export function sendToWindowManager(x: XConnection, window: number, type: number, data: readonly number[]): void {
  const event = Buffer.alloc(32);
  event.writeUInt8(33, 0);
  event.writeUInt8(32, 1);
  event.writeUInt32LE(window, 4);
  event.writeUInt32LE(type, 8);
  data.slice(0, 5).forEach((value, index) => {
    event.writeUInt32LE(value >>> 0, 12 + index * 4);
  });
  const mask = EVENT_MASK.substructureNotify | EVENT_MASK.substructureRedirect;
  x.send(25, 0, Buffer.concat([words(x.screen.root, mask), event]));
}

/** Where a window is on the screen. */
export async function boundsOnScreen(x: XConnection, window: number): Promise<Rectangle> {
  const [geometry, position] = await Promise.all([
    x.ask(14, 0, words(window)),
    x.ask(40, 0, words(window, x.screen.root, 0)),
  ]);
  return {
    x: position.readInt16LE(12),
    y: position.readInt16LE(14),
    width: geometry.readUInt16LE(16),
    height: geometry.readUInt16LE(18),
  };
}

/** The process that made a window, as the server knows it (X-Resource); null where it cannot say. */
export async function processOfWindow(x: XConnection, resourceOpcode: number, window: number): Promise<number | null> {
  const LOCAL_CLIENT_PID = 2;
  const reply = await x.ask(resourceOpcode, 4, words(1, window, LOCAL_CLIENT_PID));
  if (reply.readUInt32LE(8) === 0 || reply.length < 48) return null;
  return reply.readUInt32LE(44);
}

/** ICCCM 4.1.4: the synthetic event tells the window manager that the window is withdrawn, even while it is iconified. */
export function announceWithdrawal(x: XConnection, window: number): void {
  const event = Buffer.alloc(32);
  event.writeUInt8(EVENT.unmapNotify, 0);
  event.writeUInt32LE(x.screen.root, 4);
  event.writeUInt32LE(window, 8);
  const to = Buffer.alloc(8);
  to.writeUInt32LE(x.screen.root, 0);
  to.writeUInt32LE(EVENT_MASK.substructureNotify | EVENT_MASK.substructureRedirect, 4);
  x.send(25, 0, Buffer.concat([to, event]));
}
