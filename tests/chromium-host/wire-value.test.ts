import { describe, expect, it } from 'vitest';
import { FromPageSchema } from '../../chromium-host/chromium/from-page.ts';
import { fromWire, toWire } from '../../chromium-host/page/wire-value.ts';

const travel = (value: unknown): unknown => fromWire(JSON.parse(JSON.stringify(toWire(value, null))), null);

describe('a value that travels between page and host', () => {
  it.each([
    [undefined],
    [null],
    [true],
    [0],
    [Number.NaN],
    [Number.NEGATIVE_INFINITY],
    ['ä\u2028\0'],
    [12n],
    [new Date(5)],
    [Uint8Array.of(0, 255)],
    [[1, [undefined], {}]],
    [{ a: undefined, b: { t: 'undefined' } }],
  ])('arrives as it left: %s', (value) => {
    expect(travel(value)).toEqual(value);
    expect(Object.keys(Object(travel(value)))).toEqual(Object.keys(Object(value)));
  });

  it('keeps name and message of an error', () => {
    const error = travel(new TypeError('no'));
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toBe('TypeError: no');
  });

  it('cannot change the prototype of what it becomes', () => {
    const made = travel(JSON.parse('{"__proto__":{"admin":true}}'));
    expect(Object.getPrototypeOf(made)).toBe(Object.prototype);
    expect(Reflect.get(Object(made), 'admin')).toBeUndefined();
  });

  it.each([[() => 1], [Symbol('s')], [Promise.resolve()]])('is refused when it cannot be copied: %s', (value) => {
    expect(() => toWire({ value }, null)).toThrow('An object could not be cloned.');
  });

  it('is refused when it contains itself', () => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    expect(() => toWire(cycle, null)).toThrow('An object could not be cloned.');
  });
});

describe('what a page sends', () => {
  const invoke = { type: 'invoke', id: 1, channel: 'c', args: { t: 'array', v: [] } };
  it('is understood when it has the form the preload gives it', () => {
    expect(FromPageSchema.safeParse(invoke).success).toBe(true);
  });
  it.each([
    ['an unknown type', { ...invoke, type: 'other' }],
    ['no id', { ...invoke, id: undefined }],
    ['an id that is no number', { ...invoke, id: '1' }],
    ['a further field', { ...invoke, sender: 1 }],
    ['arguments that are no wire value', { ...invoke, args: { t: 'function', id: 3 } }],
  ])('is refused with %s', (_what, message) => {
    expect(FromPageSchema.safeParse(message).success).toBe(false);
  });
});
