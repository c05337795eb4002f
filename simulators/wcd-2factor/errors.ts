/** One refused thing, as Django REST has it: a sentence, and a code that by default never reaches the wire. */
export class ErrorDetail {
  readonly text: string;
  readonly code: string;
  constructor(text: string, code: string) {
    this.text = text;
    this.code = code;
  }
}

/** `{field: […]}`; settings of a method are nested one level deeper. */
export type FieldErrors = { [field: string]: ErrorDetail[] | FieldErrors };

/** Answers 400. */
export class ValidationError extends Error {
  override readonly name = 'ValidationError';
  readonly errors: FieldErrors;
  constructor(errors: FieldErrors) {
    super('refused');
    this.errors = errors;
  }
}

export function nonField(text: string, code: string): ValidationError {
  return new ValidationError({ non_field_errors: [new ErrorDetail(text, code)] });
}

/** @param coded as host projects with an error handler of their own send them */
export function errorsOnTheWire(errors: FieldErrors, coded: boolean): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(errors).map(([field, each]) => [
      field,
      Array.isArray(each)
        ? each.map(({ text, code }) => (coded ? { message: text, code } : text))
        : errorsOnTheWire(each, coded),
    ]),
  );
}

const required = () => new ErrorDetail('This field is required.', 'required');

/** Reads a request body field by field and collects what is wrong, so that one answer names every mistake. */
export class RequestFields {
  readonly #body: Readonly<Record<string, unknown>>;
  readonly #errors: FieldErrors = {};

  /** @throws ValidationError for a body that is no object */
  constructor(body: unknown) {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      throw nonField(`Invalid data. Expected a dictionary, but got ${pythonType(body)}.`, 'invalid');
    }
    this.#body = { ...body };
  }

  boolean(field: string): boolean {
    const value = this.#value(field, true);
    if (value === undefined) return false;
    if (typeof value === 'boolean') return value;
    return this.#refuse(field, 'Must be a valid boolean.', 'invalid', false);
  }

  /** Anything but `null` in the vendor's JSON field; its methods want an object. */
  dictionary(field: string): Readonly<Record<string, unknown>> {
    const value = this.#value(field, true);
    if (value === undefined) return {};
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
    return this.#refuse(field, `Expected a dictionary of items but got type "${pythonType(value)}".`, 'not_a_dict', {});
  }

  /** A primary key, looked up among what this caller may name. */
  key<T>(field: string, find: (key: string) => T | undefined, isRequired = true): T | undefined {
    const value = this.#value(field, isRequired);
    if (value === undefined) return undefined;
    if (typeof value !== 'string' && typeof value !== 'number') {
      const sentence = `Incorrect type. Expected pk value, received ${pythonType(value)}.`;
      return this.#refuse(field, sentence, 'incorrect_type', undefined);
    }
    const found = find(String(value));
    return found ?? this.#refuse(field, `Invalid pk "${value}" - object does not exist.`, 'does_not_exist', undefined);
  }

  refuse(field: string, text: string, code: string): void {
    this.#refuse(field, text, code, undefined);
  }

  /** @throws ValidationError when anything was wrong so far */
  check(): void {
    if (Object.keys(this.#errors).length > 0) throw new ValidationError(this.#errors);
  }

  #value(field: string, isRequired: boolean): unknown {
    const value = Object.hasOwn(this.#body, field) ? this.#body[field] : undefined;
    if (value === undefined && isRequired) this.#errors[field] = [required()];
    if (value !== null) return value;
    return this.#refuse(field, 'This field may not be null.', 'null', undefined);
  }

  #refuse<T>(field: string, text: string, code: string, instead: T): T {
    this.#errors[field] = [new ErrorDetail(text, code)];
    return instead;
  }
}

function pythonType(value: unknown): string {
  if (value === null || value === undefined) return 'NoneType';
  if (Array.isArray(value)) return 'list';
  switch (typeof value) {
    case 'string':
      return 'str';
    case 'boolean':
      return 'bool';
    case 'number':
      return Number.isInteger(value) ? 'int' : 'float';
    default:
      return 'dict';
  }
}
