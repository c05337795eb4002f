/** Ends a switch over a union: a variant added to the protocol and not drawn here is a type error, not a blank screen. */
export function assertNever(value: never): never {
  throw new Error(`Not drawn: ${JSON.stringify(value)}`);
}
