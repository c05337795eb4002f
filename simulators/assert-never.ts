/** Ends every switch over a union: a member added later fails to compile here, and at run time says which one was missed. */
export function assertNever(missed: never): never {
  throw new Error(`not handled: ${JSON.stringify(missed)}`);
}
