import { ERROR_CODES, type ErrorCode } from '../protocol/error-codes.ts';
import { type GatewayFrameOf, PROTOCOL_VERSION } from '../protocol/frames.ts';

/** A refusal as the table has it. `requestId` is the request's own id, or the session's id for refusals of `session.*` frames that carry no request id. */
export function errorFrame(code: ErrorCode, requestId?: string): GatewayFrameOf<'error'> {
  const { text, retryable } = ERROR_CODES[code];
  return {
    v: PROTOCOL_VERSION,
    type: 'error',
    ...(requestId === undefined ? {} : { requestId }),
    code,
    message: text,
    retryable,
  };
}
