import { z } from 'zod';

/** Every method of the control channel: JSON lines `{id, method, params}` → `{id, ok, result | error}`; events come unasked. */
const rectangle = z.strictObject({ x: z.number(), y: z.number(), width: z.number(), height: z.number() });
const nothing = z.strictObject({});
const windowId = z.int().min(1);

export const WindowInfoSchema = z.strictObject({
  id: windowId,
  webContentsId: z.int(),
  title: z.string(),
  /** As the app knows it, e.g. `app://…`. */
  url: z.string(),
  /** The first part of the path, which in this app names the page; the whole URL where there is none. */
  page: z.string(),
  visible: z.boolean(),
  /** The X server has it on the screen. */
  viewable: z.boolean(),
  focused: z.boolean(),
  crashed: z.boolean(),
  bounds: rectangle,
  /** Milliseconds from the last `show`/`hide` until the X server reported it; null before the first. */
  lastShowMs: z.number().nullable(),
  lastHideMs: z.number().nullable(),
});
export type WindowInfo = z.infer<typeof WindowInfoSchema>;

const menuLine = z.strictObject({
  path: z.string(),
  label: z.string(),
  type: z.string(),
  enabled: z.boolean(),
  checked: z.boolean(),
});
const notification = z.strictObject({ id: z.int(), title: z.string(), body: z.string(), urgency: z.string() });

export const CONTROL = {
  windows: { params: nothing, result: z.array(WindowInfoSchema) },
  /** PNG, base64. Without a window: the whole display, as a person sees it. */
  screenshot: {
    params: z.strictObject({ windowId: windowId.optional() }),
    result: z.strictObject({ pngBase64: z.base64() }),
  },
  /** Evaluates in the page's own world; the result must be JSON. */
  evaluate: {
    params: z.strictObject({ windowId, expression: z.string() }),
    result: z.strictObject({ value: z.json() }),
  },
  click: { params: z.strictObject({ windowId, selector: z.string(), timeoutMs: z.int().optional() }), result: nothing },
  fill: {
    params: z.strictObject({ windowId, selector: z.string(), text: z.string(), timeoutMs: z.int().optional() }),
    result: nothing,
  },
  /** A key as Playwright names it, e.g. `Enter` or `Control+w`, through the page's input pipeline. */
  press: { params: z.strictObject({ windowId, key: z.string() }), result: nothing },
  waitForSelector: {
    params: z.strictObject({ windowId, selector: z.string(), timeoutMs: z.int().optional() }),
    result: z.strictObject({ text: z.string() }),
  },
  trayMenu: {
    params: nothing,
    result: z.strictObject({ toolTip: z.string(), hasIcon: z.boolean(), menu: z.array(menuLine) }),
  },
  /** The icon itself, an item by its path, or an item by its label. */
  trayClick: {
    params: z.strictObject({ path: z.string().optional(), label: z.string().optional() }),
    result: nothing,
  },
  notifications: { params: nothing, result: z.array(notification) },
  clickNotification: { params: z.strictObject({ id: z.int() }), result: nothing },
  openedExternally: { params: nothing, result: z.array(z.string()) },
  clipboard: { params: nothing, result: z.strictObject({ text: z.string() }) },
  displays: {
    params: nothing,
    result: z.array(z.strictObject({ id: z.int(), label: z.string(), bounds: rectangle })),
  },
  /** What the close button of the window does. */
  requestClose: { params: z.strictObject({ windowId }), result: nothing },
  /** The page's renderer dies as if it had crashed. */
  killRenderer: { params: z.strictObject({ windowId }), result: nothing },
} as const satisfies Record<string, { readonly params: z.ZodType; readonly result: z.ZodType }>;

export type ControlMethod = keyof typeof CONTROL;
export type ControlParams<M extends ControlMethod> = z.infer<(typeof CONTROL)[M]['params']>;
export type ControlResult<M extends ControlMethod> = z.infer<(typeof CONTROL)[M]['result']>;

export const ControlRequestSchema = z.strictObject({ id: z.int(), method: z.string(), params: z.unknown() });
export const ControlReplySchema = z.union([
  z.strictObject({ id: z.int(), ok: z.literal(true), result: z.unknown() }),
  z.strictObject({ id: z.int(), ok: z.literal(false), error: z.string() }),
]);
/** `event` names what happened; the rest are its details. */
export const ControlEventSchema = z.looseObject({ event: z.string() });
export type ControlEvent = z.infer<typeof ControlEventSchema>;

/** A screenshot of a 4K display fits, a runaway sender does not. */
export const MAX_CONTROL_LINE_CHARACTERS = 64 * 1024 * 1024;
