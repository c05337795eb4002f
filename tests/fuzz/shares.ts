/**
 * Every place where something from outside is read, with its part of 1,000 inputs. What costs a connection or a file gets fewer; what
 * anybody on the network reaches, more. targets.ts has one target for each.
 */
export const FUZZ_SHARES = {
  codec: 415,
  link: 220,
  ipc: 120,
  'bus-answers': 50,
  settings: 50,
  'stored-sessions': 40,
  'gateway-socket': 40,
  'service-answers': 25,
  'gateway-http': 12,
  'code-book': 15,
  record: 8,
  'x11-replies': 5,
} as const;
export type TargetName = keyof typeof FUZZ_SHARES;

const IN_ALL = Object.values(FUZZ_SHARES).reduce((sum, share) => sum + share, 0);

export interface InputShare {
  readonly name: string;
  readonly inputs: number;
}

/** @param only one target, which gets all of them; an unknown name is a RangeError. */
export function sharesOf(inputs: number, only: string | null): readonly InputShare[] {
  if (only !== null) {
    if (!Object.hasOwn(FUZZ_SHARES, only))
      throw new RangeError(`no target ${only}; there are ${Object.keys(FUZZ_SHARES).join(', ')}`);
    return [{ name: only, inputs }];
  }
  const shares = Object.entries(FUZZ_SHARES).map(([name, share]) => ({
    name,
    inputs: Math.floor((inputs * share) / IN_ALL),
  }));
  const left = inputs - shares.reduce((sum, share) => sum + share.inputs, 0);
  // What rounding left over goes to the cheapest.
  return shares.map((share, index) => (index === 0 ? { ...share, inputs: share.inputs + left } : share));
}
