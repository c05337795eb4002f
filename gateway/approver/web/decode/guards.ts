/**
 * Checks what the gateway sends before anything is drawn from it. The schemas of protocol/ are zod's, which would be a third of the
 * whole page; these say the same (tests/approver/decode.test.ts holds both against each other) and, unlike them, let unknown keys be.
 */
export type Guard<T> = (value: unknown) => value is T;
type Guarded<G> = G extends Guard<infer T> ? T : never;
type Shape = Readonly<Record<string, Guard<unknown>>>;
type Shaped<R extends Shape, O extends Shape> = { [K in keyof R]: Guarded<R[K]> } & { [K in keyof O]?: Guarded<O[K]> };

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @param optional keys that may be absent, but not null and not of another kind. */
export function record<R extends Shape, O extends Shape = Record<never, never>>(
  required: R,
  optional?: O,
): Guard<Shaped<R, O>> {
  return (value): value is Shaped<R, O> =>
    isRecord(value) &&
    Object.entries(required).every(([key, guard]) => guard(value[key])) &&
    Object.entries(optional ?? {}).every(([key, guard]) => value[key] === undefined || guard(value[key]));
}

export function listOf<T>(item: Guard<T>, max: number): Guard<T[]> {
  return (value): value is T[] => Array.isArray(value) && value.length <= max && value.every((entry) => item(entry));
}

export function matching(pattern: RegExp): Guard<string> {
  return (value): value is string => typeof value === 'string' && pattern.test(value);
}

/** Text for a person: bounded, without control characters. */
export function text(max: number, min = 0): Guard<string> {
  return (value): value is string =>
    typeof value === 'string' && value.length >= min && value.length <= max && !/\p{Cc}/u.test(value);
}

export function oneOf<const T extends string | boolean | number>(...allowed: readonly T[]): Guard<T> {
  return (value): value is T => allowed.some((one) => one === value);
}

export const truth: Guard<boolean> = (value): value is boolean => typeof value === 'boolean';
/** Unix ms. */
export const time: Guard<number> = (value): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
export const whole: Guard<number> = (value): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value);
