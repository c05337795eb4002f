import { ADMIN_ERRORS, type AdminErrorCode } from './wire/calls.ts';

/** Why a call of the administrator is not carried out. Its message is the table's sentence: nothing of what came in. */
export class AdminRefusal extends Error {
  override readonly name = 'AdminRefusal';
  readonly code: AdminErrorCode;

  constructor(code: AdminErrorCode, options: { cause?: unknown } = {}) {
    super(ADMIN_ERRORS[code].text, options);
    this.code = code;
  }
}
