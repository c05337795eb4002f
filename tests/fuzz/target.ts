import type { Arbitrary } from 'fast-check';

/** A place where something from outside is read, and what must hold there whatever comes. */
export interface FuzzTarget<Input = unknown> {
  readonly name: string;
  /** Every input is made from one seed by this, and from nothing else: a seed replays. It must be plain data, so that it can be printed. */
  readonly inputs: Arbitrary<Input>;
  /** Opens whatever reads the inputs: a server, a folder, a link. */
  open(): Promise<OpenTarget<Input>>;
}

export interface OpenTarget<Input> {
  /**
   * @returns what came of it in one stable word: `accepted`, or the code of the refusal. A run whose inputs all end in the same word proves little.
   * @throws when a promise was broken: a FuzzViolation, or whatever the code under test threw.
   */
  feed(input: Input): string | Promise<string>;
  /** Ends everything. @throws FuzzViolation when something is left that grows with the number of inputs. */
  close(): Promise<void>;
}

/** Something that must never come of any input. */
export class FuzzViolation extends Error {
  override readonly name = 'FuzzViolation';
}

/** Hides the kind of input, for a list of targets. */
export function anyTarget<Input>(target: FuzzTarget<Input>): FuzzTarget {
  const made = new WeakMap<object, Input>();
  const boxed = target.inputs.map((input) => {
    const box = { input };
    made.set(box, input);
    return box;
  });
  return {
    name: target.name,
    inputs: boxed,
    async open() {
      const opened = await target.open();
      return {
        feed(box) {
          const input = typeof box === 'object' && box !== null ? made.get(box) : undefined;
          if (input === undefined) throw new TypeError(`not an input of ${target.name}`);
          return opened.feed(input);
        },
        close: () => opened.close(),
      };
    },
  };
}
