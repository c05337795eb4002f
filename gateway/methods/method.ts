import { z } from 'zod';
import { err, ok, type Result } from '../../protocol/result.ts';
import { type MethodData, MethodDataSchema } from '../providers/wcd-2factor/wire.ts';

/** What the person has to be told, once, so that they can confirm. Never logged: it may hold secrets. */
export interface PersonNeeds {
  /** `otpauth://…` or `https://…`, at most 1,024 characters: shown as a QR code at set-up. */
  readonly setUpLink?: string;
  /** Codes to be printed or written down at set-up. */
  readonly setUpCodes?: readonly string[];
  /** How many codes are left that work once. */
  readonly codesLeft?: number;
}

/** `set-up`: a new config, or one changed so that it must be confirmed anew. `permit`: a confirmation with a config in use. */
export type Purpose = 'set-up' | 'permit';

export interface RequestContext<Settings, State> {
  readonly purpose: Purpose;
  readonly userId: string;
  readonly settings: Settings;
  /** What the method kept with this config; null at set-up. */
  readonly state: State | null;
  /** What the caller sent along; `{}` at set-up. */
  readonly data: MethodData;
  /** Unix ms. */
  readonly nowMs: number;
}

export interface Requested<State, Asked> {
  /** Kept with the config from now on; required at set-up, absent: unchanged. */
  readonly newState?: State;
  /** Kept with this one confirmation, e.g. the hash of a code that was sent. */
  readonly asked: Asked;
  readonly needs?: PersonNeeds;
}

export interface ConfirmContext<Settings, State, Asked> {
  readonly purpose: Purpose;
  readonly userId: string;
  readonly settings: Settings;
  readonly state: State;
  readonly asked: Asked;
  /** Unix ms. */
  readonly nowMs: number;
}

export interface Confirmed<State> {
  /** Absent: unchanged. What may count only once is marked here: it is stored together with the confirmation, or neither is. */
  readonly newState?: State;
}

/** A confirmation method: descriptor and backend (PROVIDERS §3). docs/confirmation-methods.md has a worked example. */
export interface MethodDefinition<Settings, State, Asked, Data> {
  /** Stable name on the wire and in the database. */
  readonly key: string;
  readonly title: string;
  /** What the person states. Shown to them again, so no place for secrets; offered to front ends as JSON schema. */
  readonly settings: z.ZodType<Settings>;
  /** Kept sealed with the config; shown to nobody. */
  readonly state: z.ZodType<State>;
  /** Kept sealed with one confirmation; shown to nobody. `z.null()` where there is nothing. */
  readonly asked: z.ZodType<Asked>;
  /** What is sent to confirm. Anything else is a wrong attempt. */
  readonly data: z.ZodType<Data>;
  /** Wrong attempts in a row after which the config accepts nothing any more; null where guessing is hopeless anyhow. */
  readonly maxWrongInARow: number | null;
  /** What the person calls this config. Default nothing. */
  titleOf?(settings: Settings): string;
  /** Whether the config must be confirmed (anew). `before` is null for a new one. */
  isSignificantChange(before: Settings | null, after: Settings): boolean;
  /** Starts a confirmation. Throwing fails the call and changes nothing. */
  request(context: RequestContext<Settings, State>): Requested<State, Asked> | Promise<Requested<State, Asked>>;
  /** @returns null when `data` does not confirm. Counted and delayed by the caller. */
  confirm(
    context: ConfirmContext<Settings, State, Asked>,
    data: Data,
  ): Confirmed<State> | null | Promise<Confirmed<State> | null>;
}

/** A method whose types are its own affair: everything goes in and out as JSON and is decoded at the edge. */
export interface ConfirmationMethod {
  readonly key: string;
  readonly title: string;
  readonly maxWrongInARow: number | null;
  /** JSON schema of the settings. */
  readonly settingsSchema: unknown;
  decodeSettings(claimed: unknown): Result<MethodData, readonly z.core.$ZodIssue[]>;
  titleOf(settings: unknown): string;
  isSignificantChange(before: unknown, after: unknown): boolean;
  request(context: RequestContext<unknown, unknown>): Promise<Requested<unknown, unknown>>;
  confirm(context: ConfirmContext<unknown, unknown, unknown>, claimedData: unknown): Promise<Confirmed<unknown> | null>;
}

/** What a person calls a config. Short also where a link has to encode it (`PersonNeeds.setUpLink`). */
export const labelSetting = z
  .string()
  .max(64)
  .refine((label) => label.isWellFormed() && !/\p{Cc}/u.test(label) && encodeURIComponent(label).length <= 300, {
    error: 'one short line of text',
  });

const KEY = /^[a-z][a-z0-9_-]{0,63}$/;
const MAX_TITLE_CHARACTERS = 80;

/** @throws RangeError for a key or title that cannot be shown */
export function defineMethod<Settings, State, Asked, Data>(
  definition: MethodDefinition<Settings, State, Asked, Data>,
): ConfirmationMethod {
  const { key, title, settings, state, asked, data, maxWrongInARow } = definition;
  if (!KEY.test(key)) throw new RangeError('a method’s key is small letters, digits, hyphens and underscores');
  if (title.trim() === '' || title.length > MAX_TITLE_CHARACTERS)
    throw new RangeError(`a method’s title has 1 to ${MAX_TITLE_CHARACTERS} characters`);
  return {
    key,
    title,
    maxWrongInARow,
    settingsSchema: z.toJSONSchema(settings, { io: 'input' }),
    decodeSettings(claimed) {
      const parsed = settings.safeParse(claimed);
      return parsed.success ? ok(MethodDataSchema.parse(parsed.data)) : err(parsed.error.issues);
    },
    titleOf: (known) => definition.titleOf?.(settings.parse(known)) ?? '',
    isSignificantChange: (before, after) =>
      definition.isSignificantChange(before === null ? null : settings.parse(before), settings.parse(after)),
    async request(context) {
      const known = context.state === null ? null : state.parse(context.state);
      const requested = await definition.request({
        ...context,
        settings: settings.parse(context.settings),
        state: known,
      });
      if (context.purpose === 'set-up' && requested.newState === undefined)
        throw new TypeError(`the method "${key}" kept nothing at set-up`);
      return requested;
    },
    async confirm(context, claimedData) {
      const typed = data.safeParse(claimedData);
      if (!typed.success) return null;
      const decoded = {
        ...context,
        settings: settings.parse(context.settings),
        state: state.parse(context.state),
        asked: asked.parse(context.asked),
      };
      return definition.confirm(decoded, typed.data);
    },
  };
}
