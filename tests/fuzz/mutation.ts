import * as fc from 'fast-check';

/**
 * Structure-aware mutation: a recipe names a valid example and the edits to be made to it. The recipe is made from the seed alone;
 * the examples may hold ids that are known only while it runs, so that what is sent is near enough to the real thing to get far.
 */
export interface Edit {
  readonly where: number;
  readonly how: number;
  readonly amount: number;
  readonly text: string;
}

export interface Recipe {
  /** Which example; counted modulo their number. */
  readonly example: number;
  /** To the value, before it is written as text. */
  readonly ofValue: readonly Edit[];
  /** To the text or bytes. */
  readonly ofText: readonly Edit[];
  /** Instead of any example: what has no structure at all. */
  readonly noise: string | null;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  where: fc.nat(),
  how: fc.nat({ max: 255 }),
  amount: fc.nat({ max: 20_000 }),
  text: fc.string({ unit: 'binary', maxLength: 12 }),
});

/** Edits for something that is not made from a recipe. */
export const editsOf = (most: number): fc.Arbitrary<Edit[]> => fc.array(edit, { maxLength: most });

/** One in eight is an example as it is, so that the ways behind a refusal are walked too; one in eight is noise. */
export const recipes: fc.Arbitrary<Recipe> = fc.oneof(
  { weight: 1, arbitrary: recipe(fc.constant([]), fc.constant([])) },
  { weight: 4, arbitrary: recipe(fc.array(edit, { minLength: 1, maxLength: 3 }), fc.constant([])) },
  {
    weight: 2,
    arbitrary: recipe(fc.array(edit, { maxLength: 2 }), fc.array(edit, { minLength: 1, maxLength: 3 })),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      example: fc.constant(0),
      ofValue: fc.constant([]),
      ofText: fc.constant([]),
      noise: fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.json({ maxDepth: 3 })),
    }),
  },
);

function recipe(ofValue: fc.Arbitrary<Edit[]>, ofText: fc.Arbitrary<Edit[]>): fc.Arbitrary<Recipe> {
  return fc.record({ example: fc.nat(), ofValue, ofText, noise: fc.constant(null) });
}

/** Values that broke something somewhere. */
const NASTY: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  Number.MAX_SAFE_INTEGER + 1,
  1e308,
  -1e308,
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\u202e',
  'A'.repeat(300),
  '__proto__',
  'constructor',
  '../../etc/passwd',
  'https://elsewhere.example/',
  'active',
  'True',
  [],
  {},
  [[]],
  '9'.repeat(400),
];

/** A copy: what later edits do to it must not show in the next input. */
const nasty = (amount: number): unknown => structuredClone(NASTY[amount % NASTY.length]);

/** The members that a careless copy would put on the prototype of every object. */
const PROTOTYPE_KEYS: readonly string[] = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];

/** The example after the edits of its value; the example itself is not touched. */
export function mutatedValue(example: unknown, edits: readonly Edit[]): unknown {
  let value: unknown = structuredClone(example);
  for (const made of edits) value = edited(value, made);
  return value;
}

/** What the recipe says as JSON text, or as noise. */
export function mutatedText(recipe: Recipe, examples: readonly unknown[]): string {
  if (recipe.noise !== null) return recipe.noise;
  const value = mutatedValue(examples[recipe.example % examples.length], recipe.ofValue);
  return editedText(JSON.stringify(value) ?? 'undefined', recipe.ofText);
}

interface Place {
  readonly parent: object | null;
  readonly key: string | number;
}

function placesOf(root: unknown): readonly Place[] {
  const places: Place[] = [{ parent: null, key: '' }];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null || places.length > 200) return;
    for (const key of Object.keys(node)) {
      places.push({ parent: node, key });
      visit(Reflect.get(node, key));
    }
  };
  visit(root);
  return places;
}

/** An own member, whatever its name: a plain assignment to `__proto__` would set the prototype instead. */
function put(target: object, key: string | number, value: unknown): void {
  if (Array.isArray(target) && key === 'length') return;
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

function edited(root: unknown, { where, how, amount, text }: Edit): unknown {
  const places = placesOf(root);
  const place = places[where % places.length];
  if (place === undefined) return root;
  const { parent, key } = place;
  const before = parent === null ? root : Reflect.get(parent, key);
  const replace = (value: unknown): unknown => {
    if (parent === null) return value;
    put(parent, key, value);
    return root;
  };
  switch (how % 9) {
    case 0:
      if (parent === null) return nasty(amount);
      Reflect.deleteProperty(parent, key);
      return root;
    case 1:
      return replace(nasty(amount));
    case 2:
      return replace(typeof before === 'number' ? before + (amount - 10_000) : text);
    case 3:
      return replace(
        typeof before === 'string' ? before.slice(0, amount % 8) + text + before.slice(amount % 8) : [before],
      );
    case 4: {
      const target = typeof before === 'object' && before !== null ? before : parent;
      if (target === null || Array.isArray(target)) return replace({ [text]: before });
      put(target, PROTOTYPE_KEYS[amount % PROTOTYPE_KEYS.length] ?? text, { polluted: true, type: 'hello' });
      return root;
    }
    case 5: {
      const target = typeof before === 'object' && before !== null ? before : parent;
      if (target === null) return replace([before, text]);
      put(target, text, nasty(amount));
      return root;
    }
    case 6: {
      // Something from elsewhere in the same value.
      const other = places[amount % places.length];
      return replace(other?.parent == null ? before : structuredClone(Reflect.get(other.parent, other.key)));
    }
    case 7:
      return replace(typeof before === 'string' ? text.repeat(1 + (amount % 400)) : JSON.stringify(before));
    default:
      return replace(nested(amount % 600, before));
  }
}

function nested(depth: number, innermost: unknown): unknown {
  let value = innermost;
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

const NASTY_TEXTS: readonly string[] = [
  '1e999',
  '-0',
  '\ud83d',
  '"__proto__":',
  '\\u0000',
  '//',
  '\ufeff',
  'NaN',
  ']',
  '}',
  '{',
];

/** Edits that no JSON writer would make. */
export function editedText(text: string, edits: readonly Edit[]): string {
  let result = text;
  for (const { where, how, amount, text: inserted } of edits) {
    const at = where % (result.length + 1);
    switch (how % 7) {
      case 0:
        result = result.slice(0, at);
        break;
      case 1:
        result = result.slice(0, at) + inserted + result.slice(at);
        break;
      case 2:
        result = result.slice(0, at) + result.slice(at + (amount % 16));
        break;
      case 3:
        result = result.slice(0, at) + (NASTY_TEXTS[amount % NASTY_TEXTS.length] ?? '') + result.slice(at);
        break;
      case 4:
        result += result.slice(at);
        break;
      case 5:
        result = ' '.repeat(amount) + result;
        break;
      default:
        result = '[{"a":'.repeat(amount % 5_000) + result;
    }
  }
  return result;
}

/** The same on bytes: flips, cuts, insertions, doublings, numbers at their limits. */
export function editedBytes(bytes: Buffer, edits: readonly Edit[]): Buffer {
  let result = Buffer.from(bytes);
  for (const { where, how, amount, text } of edits) {
    const at = result.length === 0 ? 0 : where % result.length;
    switch (how % 6) {
      case 0:
        result = result.subarray(0, at);
        break;
      case 1:
        if (result.length > 0) result.writeUInt8(result.readUInt8(at) ^ (1 << (amount % 8)), at);
        break;
      case 2:
        result = Buffer.concat([result.subarray(0, at), Buffer.from(text), result.subarray(at)]);
        break;
      case 3:
        if (result.length > 0) result.writeUInt8([0x00, 0xff, 0x7f, 0x80][amount % 4] ?? 0, at);
        break;
      case 4:
        result = Buffer.concat([result, result.subarray(at)]);
        break;
      default:
        result = Buffer.concat([result.subarray(0, at), result.subarray(at + (amount % 32))]);
    }
    result = Buffer.from(result);
  }
  return result;
}

/** Bytes of a recipe: an example with edits, or noise. */
export function mutatedBytes(recipe: Recipe, examples: readonly Buffer[]): Buffer {
  if (recipe.noise !== null) return Buffer.from(recipe.noise, 'latin1');
  return editedBytes(examples[recipe.example % examples.length] ?? Buffer.alloc(0), [
    ...recipe.ofValue,
    ...recipe.ofText,
  ]);
}
