import { APPROVER_ERRORS, type ApproverErrorCode } from '../../../protocol/approver.ts';

/** What the phone's page is answered with. Its message is the table's sentence: nothing of what came in. */
export class ApproverRefusal extends Error {
  override readonly name = 'ApproverRefusal';
  readonly code: ApproverErrorCode;

  constructor(code: ApproverErrorCode, options: { cause?: unknown } = {}) {
    super(APPROVER_ERRORS[code].text, options);
    this.code = code;
  }
}
