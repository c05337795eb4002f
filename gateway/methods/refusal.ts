/** `{field: [sentence…]}` as Django REST has it; settings of a method stand one level deeper, under `config`. */
export interface FieldErrors {
  readonly [field: string]: readonly string[] | FieldErrors;
}

/** Why a call about methods is not carried out. Nothing has changed but, for a wrong attempt, its count. */
export type Refusal =
  | { readonly kind: 'fields'; readonly errors: FieldErrors }
  /** Not there, or another person's: which of the two is not told. */
  | { readonly kind: 'not-found' }
  | { readonly kind: 'throttled'; readonly waitMs: number }
  /** Changed by another call meanwhile: look again. */
  | { readonly kind: 'conflict' };

export class MethodsRefusal extends Error {
  override readonly name = 'MethodsRefusal';
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.kind);
    this.refusal = refusal;
  }
}

/** The vendor's words (PROVIDERS §3): its clients, ours among them, know them by heart. */
export const SENTENCES = {
  wrong_config: 'User config can not be confirmed with this confirmation.',
  unavailable_config: 'Can not be confirmed with unavailable config.',
  failed_to_confirm: 'Failed to confirm.',
  empty_config: 'Either method_config_id or user_config_id is required.',
} as const;

export const refusedFields = (errors: FieldErrors): MethodsRefusal => new MethodsRefusal({ kind: 'fields', errors });

export const refusedAsWhole = (sentence: string): MethodsRefusal => refusedFields({ non_field_errors: [sentence] });

/** What the named field points to is not there, or not this person's. */
export const unknownKey = (field: string): MethodsRefusal =>
  refusedFields({ [field]: ['Invalid pk - object does not exist.'] });
