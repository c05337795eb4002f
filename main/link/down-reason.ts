import { ERROR_CODES, type ErrorCode, isErrorCode } from '../../protocol/error-codes.ts';
import type { GatewayFrameOf } from '../../protocol/frames.ts';

/** Why there is no gateway: one of ours, or a code the gateway gave before it closed. */
export type DownReason =
  | 'NO_GATEWAY' // none is configured
  | 'ADDRESS_REFUSED' // the address is not one we send a token to
  | 'CONNECT_FAILED' // nothing listens, no network, no such host
  | 'TLS_FAILED' // something listens, but it cannot prove to be the gateway
  | 'READY_TIMEOUT' // connected, and then no `ready` in time
  | 'NOT_CHALLENGED' // it let us in without asking for our key: not a gateway that keeps to what was agreed
  | 'SILENT' // half-open: looks connected, nothing is heard
  | 'PROTOCOL_VIOLATION' // it said something outside the protocol
  | 'CLOSED' // it closed without a reason we know
  | 'RESUMED' // dropped by us after sleep: what it says may be old
  | 'RETARGETED' // dropped by us: another gateway was chosen
  | 'STOPPED' // dropped by us: the app ends
  | ErrorCode;

const OWN_TEXT: Record<Exclude<DownReason, ErrorCode>, string> = {
  NO_GATEWAY: 'No gateway is set up.',
  ADDRESS_REFUSED: 'The gateway’s address is not acceptable.',
  CONNECT_FAILED: 'The gateway cannot be reached.',
  TLS_FAILED: 'The gateway could not prove its identity.',
  READY_TIMEOUT: 'The gateway did not answer in time.',
  NOT_CHALLENGED: 'The gateway did not ask this workstation to prove itself.',
  SILENT: 'The connection to the gateway went silent.',
  PROTOCOL_VIOLATION: 'The gateway said something that was not understood.',
  CLOSED: 'The gateway closed the connection.',
  RESUMED: 'The connection is made anew after sleep.',
  RETARGETED: 'Another gateway was chosen.',
  STOPPED: 'The app is ending.',
};

/** A sentence for the person. */
export function downText(reason: DownReason): string {
  return isErrorCode(reason) ? ERROR_CODES[reason].text : OWN_TEXT[reason];
}

/** Trying again cannot help until somebody changes something. Quick retries would only fill the gateway's log like an attack. */
const NEEDS_A_CHANGE: readonly DownReason[] = [
  'UNAUTHORIZED',
  'DEVICE_KEY_REQUIRED',
  'DEVICE_KEY_REFUSED',
  'TOKEN_SPENT',
  'NOT_CHALLENGED',
  'VERSION_UNSUPPORTED',
  'ADDRESS_REFUSED',
];

export const worthRetryingSoon = (reason: DownReason): boolean => !NEEDS_A_CHANGE.includes(reason);

/** Why a request to the gateway failed, for a person and for a decision. */
export interface LinkFailure {
  /** A code of protocol/error-codes.ts, of a newer gateway, or a reason of ours. */
  readonly code: string;
  readonly text: string;
  /** The same request may succeed later without anybody changing anything. */
  readonly retryable: boolean;
}

export const failureOfReason = (reason: DownReason): LinkFailure => ({
  code: reason,
  text: downText(reason),
  retryable: worthRetryingSoon(reason),
});

/** A code we know is shown in our words, so that a gateway cannot put its own into the mouth of the app. */
export const failureOfErrorFrame = (claimed: GatewayFrameOf<'error'>): LinkFailure => ({
  code: claimed.code,
  text: isErrorCode(claimed.code) ? ERROR_CODES[claimed.code].text : claimed.message,
  retryable: claimed.retryable,
});

/** The error code that a close code stands for, when the error frame itself did not arrive. */
export function reasonOfCloseCode(closeCode: number): DownReason {
  // Codes below 4000 are shared with every WebSocket library and say too little about who meant what.
  if (closeCode < 4000 && closeCode !== ERROR_CODES.GATEWAY_SHUTTING_DOWN.closeCode) return 'CLOSED';
  const code = Object.keys(ERROR_CODES).find((key) => isErrorCode(key) && ERROR_CODES[key].closeCode === closeCode);
  return code !== undefined && isErrorCode(code) ? code : 'CLOSED';
}
