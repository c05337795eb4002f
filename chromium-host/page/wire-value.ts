/**
 * Values as they travel between worlds and processes: JSON with the few things added that the structured clone of Electron's IPC
 * keeps and JSON loses. This file is imported by the host and, with its types stripped, put into pages: it may import nothing.
 */
export type Wire =
  | null
  | boolean
  | string
  | number
  | { readonly t: 'undefined' }
  | { readonly t: 'number'; readonly v: string }
  | { readonly t: 'bigint'; readonly v: string }
  | { readonly t: 'date'; readonly v: number }
  | { readonly t: 'bytes'; readonly v: readonly number[] }
  | { readonly t: 'error'; readonly name: string; readonly message: string }
  | { readonly t: 'array'; readonly v: readonly Wire[] }
  | { readonly t: 'object'; readonly v: readonly (readonly [string, Wire])[] }
  | { readonly t: 'function'; readonly id: number }
  | { readonly t: 'promise'; readonly id: number };

/** What to do with values that cannot be copied. The IPC refuses them, the context bridge passes a reference. */
export interface References {
  toFunction(id: number): unknown;
  toPromise(id: number): unknown;
  fromFunction(value: (...args: unknown[]) => unknown): number;
  fromPromise(value: Promise<unknown>): number;
}

/** Deeper than this is a cycle or an attack. */
const MAX_WIRE_DEPTH = 64;

export function toWire(value: unknown, references: References | null, depth = 0): Wire {
  if (depth > MAX_WIRE_DEPTH) throw new Error('An object could not be cloned.');
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (value === undefined) return { t: 'undefined' };
  if (typeof value === 'number') return Number.isFinite(value) ? value : { t: 'number', v: String(value) };
  if (typeof value === 'bigint') return { t: 'bigint', v: String(value) };
  if (typeof value === 'function') {
    if (references === null) throw new Error('An object could not be cloned.');
    return {
      t: 'function',
      id: references.fromFunction((...args: unknown[]) => Reflect.apply(value, undefined, args)),
    };
  }
  if (typeof value !== 'object') throw new Error('An object could not be cloned.');
  if (value instanceof Promise) {
    if (references === null) throw new Error('An object could not be cloned.');
    return { t: 'promise', id: references.fromPromise(value) };
  }
  if (value instanceof Date) return { t: 'date', v: value.getTime() };
  if (value instanceof Error) return { t: 'error', name: value.name, message: value.message };
  if (value instanceof Uint8Array) return { t: 'bytes', v: Array.from(value) };
  if (Array.isArray(value)) return { t: 'array', v: value.map((item: unknown) => toWire(item, references, depth + 1)) };
  return {
    t: 'object',
    v: Object.entries(value).map(
      ([key, item]: [string, unknown]) => [key, toWire(item, references, depth + 1)] as const,
    ),
  };
}

export function fromWire(wire: Wire, references: References | null): unknown {
  if (wire === null || typeof wire !== 'object') return wire;
  switch (wire.t) {
    case 'undefined':
      return undefined;
    case 'number':
      return Number(wire.v);
    case 'bigint':
      return BigInt(wire.v);
    case 'date':
      return new Date(wire.v);
    case 'bytes':
      return Uint8Array.from(wire.v);
    case 'error': {
      const error = new Error(wire.message);
      error.name = wire.name;
      return error;
    }
    case 'array':
      return wire.v.map((item) => fromWire(item, references));
    case 'object': {
      const copy: Record<string, unknown> = {};
      for (const [key, item] of wire.v) {
        // defineProperty, so that a key like __proto__ stays a plain property.
        const value = fromWire(item, references);
        Object.defineProperty(copy, key, { value, enumerable: true, writable: true, configurable: true });
      }
      return copy;
    }
    case 'function':
      return references?.toFunction(wire.id);
    case 'promise':
      return references?.toPromise(wire.id);
    default: {
      const never: never = wire;
      throw new Error(`unknown wire value ${String(never)}`);
    }
  }
}
