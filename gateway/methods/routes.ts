import { CALLS, type CallName } from '../providers/wcd-2factor/wire.ts';

/** Ours, beside the vendor's: uses a permit up. */
export const USE_PATH = 'confirmation/use/';

export interface Route {
  readonly call: CallName | 'useConfirmation';
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** From the path; empty where it has none. */
  readonly id: string;
}

const VENDOR_ROUTES = Object.entries(CALLS).map(([name, { method, path }]) => ({
  name,
  method,
  pattern: new RegExp(`^${path.replace('{id}', '([A-Za-z0-9-]{1,64})')}$`),
}));

/** @param path below the prefix; exact, the trailing slash included, as Django has it */
export function findRoute(path: string): Route | null {
  if (path === USE_PATH) return { call: 'useConfirmation', method: 'POST', id: '' };
  for (const { name, method, pattern } of VENDOR_ROUTES) {
    const found = pattern.exec(path);
    if (found !== null && isCall(name)) return { call: name, method, id: found[1] ?? '' };
  }
  return null;
}

const isCall = (name: string): name is CallName => Object.hasOwn(CALLS, name);
