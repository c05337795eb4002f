import type { ConfirmationMethod } from './method.ts';
import { recoveryCodeMethod } from './recovery-code.ts';
import { totpMethod } from './totp.ts';

/** Methods there are to choose from, by their keys. The first one is the default that front ends offer. */
export class MethodRegistry {
  readonly #byKey: ReadonlyMap<string, ConfirmationMethod>;

  /** @throws RangeError for none, or two with one key */
  constructor(methods: readonly ConfirmationMethod[]) {
    this.#byKey = new Map(methods.map((method) => [method.key, method]));
    if (methods.length === 0) throw new RangeError('a registry holds at least one method');
    if (this.#byKey.size !== methods.length) throw new RangeError('the keys of methods must differ');
  }

  get methods(): readonly ConfirmationMethod[] {
    return [...this.#byKey.values()];
  }

  method(key: string): ConfirmationMethod | undefined {
    return this.#byKey.get(key);
  }
}

/** The methods a gateway serves. One more is one file beside this one, and its line here (docs/confirmation-methods.md). */
export function servedMethods(settings: { readonly issuer: string }): MethodRegistry {
  return new MethodRegistry([totpMethod(settings), recoveryCodeMethod()]);
}
