/**
 * Every error that crosses the gateway socket, in one table: code → close code → log level → text for the person.
 * `closeCode` is the WebSocket close code sent after the error frame; `null` keeps the connection.
 * `retryable` tells the client whether the same request may succeed later without anybody changing anything.
 * docs/protocol.md lists exactly these (checked by `npm run check`).
 */
export const ERROR_CODES = {
  FRAME_TOO_LARGE: { closeCode: 1009, logLevel: 'warn', retryable: false, text: 'The message was too large.' },
  FRAME_NOT_JSON: { closeCode: 1007, logLevel: 'warn', retryable: false, text: 'The message could not be read.' },
  FRAME_BINARY: { closeCode: 1003, logLevel: 'warn', retryable: false, text: 'Only text messages are understood.' },
  FRAME_INVALID: {
    closeCode: 1008,
    logLevel: 'warn',
    retryable: false,
    text: 'The message did not have the agreed form.',
  },
  VERSION_UNSUPPORTED: {
    closeCode: 4001,
    logLevel: 'warn',
    retryable: false,
    text: 'The app and the gateway are of versions that do not understand each other.',
  },
  HELLO_EXPECTED: {
    closeCode: 4002,
    logLevel: 'warn',
    retryable: false,
    text: 'The connection did not introduce itself.',
  },
  HELLO_TIMEOUT: {
    closeCode: 4003,
    logLevel: 'info',
    retryable: true,
    text: 'The connection did not introduce itself in time.',
  },
  UNAUTHORIZED: {
    closeCode: 4004,
    logLevel: 'warn',
    retryable: false,
    text: 'The gateway did not accept this workstation.',
  },
  DEVICE_KEY_REQUIRED: {
    closeCode: 4005,
    logLevel: 'warn',
    retryable: false,
    text: 'The gateway wants this workstation to prove itself with a key of its own. A token alone is not enough.',
  },
  DEVICE_KEY_REFUSED: {
    closeCode: 4006,
    logLevel: 'warn',
    retryable: false,
    text: 'The gateway does not know this workstation by its key. Whoever runs the gateway can let it in anew.',
  },
  TOKEN_SPENT: {
    closeCode: 4007,
    logLevel: 'warn',
    retryable: false,
    text: 'The token has been used for another workstation already. Each workstation needs a token of its own.',
  },
  RATE_LIMITED: { closeCode: null, logLevel: 'warn', retryable: true, text: 'Too many requests in a short time.' },
  TOO_MANY_FRAMES: { closeCode: 4008, logLevel: 'warn', retryable: true, text: 'Too many messages in a short time.' },
  SLOW_CONSUMER: { closeCode: 4009, logLevel: 'warn', retryable: true, text: 'The connection could not keep up.' },
  SESSION_UNKNOWN: { closeCode: null, logLevel: 'info', retryable: false, text: 'The session is no longer known.' },
  SESSION_FORBIDDEN: {
    closeCode: null,
    logLevel: 'warn',
    retryable: false,
    text: 'The session belongs to another workstation.',
  },
  ANSWER_NOT_EXPECTED: {
    closeCode: null,
    logLevel: 'info',
    retryable: false,
    text: 'Nothing has to be typed for this approval.',
  },
  CODE_WRONG: { closeCode: null, logLevel: 'info', retryable: false, text: 'That code is wrong.' },
  SETTINGS_REFUSED: {
    closeCode: null,
    logLevel: 'info',
    retryable: false,
    text: 'The service did not accept what was typed.',
  },
  NOT_SUPPORTED: { closeCode: null, logLevel: 'info', retryable: false, text: 'The service cannot do this.' },
  NO_MOBILE_DEVICE: { closeCode: null, logLevel: 'info', retryable: false, text: 'No phone is registered for you.' },
  REPORTED_BY_PHONE: {
    closeCode: null,
    logLevel: 'warn',
    retryable: false,
    text: 'Your phone said “that wasn’t me”.',
  },
  START_REFUSED: {
    closeCode: null,
    logLevel: 'warn',
    retryable: true,
    text: 'The service did not start the approval.',
  },
  USER_UNKNOWN: {
    closeCode: null,
    logLevel: 'warn',
    retryable: false,
    text: 'The service does not know this person or this application.',
  },
  SMS_REFUSED: {
    closeCode: null,
    logLevel: 'info',
    retryable: false,
    text: 'The service did not accept the phone number.',
  },
  CONTACT_REFUSED: {
    closeCode: null,
    logLevel: 'info',
    retryable: false,
    text: 'The service did not accept the phone number or address.',
  },
  PROVIDER_UNAUTHORIZED: {
    closeCode: null,
    logLevel: 'error',
    retryable: false,
    text: 'The service does not accept the application id or secret.',
  },
  PROVIDER_RATE_LIMITED: {
    closeCode: null,
    logLevel: 'warn',
    retryable: true,
    text: 'The service is busy. It asks to wait a moment.',
  },
  PROVIDER_UNAVAILABLE: {
    closeCode: null,
    logLevel: 'warn',
    retryable: true,
    text: 'The service has a fault of its own.',
  },
  PROVIDER_UNREACHABLE: { closeCode: null, logLevel: 'warn', retryable: true, text: 'The service cannot be reached.' },
  PROVIDER_NO_NETWORK: {
    closeCode: null,
    logLevel: 'warn',
    retryable: true,
    text: 'The network is down between here and the service.',
  },
  PROVIDER_TIMEOUT: { closeCode: null, logLevel: 'warn', retryable: true, text: 'The service did not answer in time.' },
  PROVIDER_BAD_ANSWER: {
    closeCode: null,
    logLevel: 'error',
    retryable: true,
    text: 'The service answered with something that was not understood.',
  },
  GATEWAY_SHUTTING_DOWN: { closeCode: 1001, logLevel: 'info', retryable: true, text: 'The gateway is restarting.' },
  INTERNAL: { closeCode: 1011, logLevel: 'error', retryable: true, text: 'The gateway met a fault of its own.' },
} as const satisfies Record<
  string,
  {
    readonly closeCode: number | null;
    readonly logLevel: 'info' | 'warn' | 'error';
    readonly retryable: boolean;
    readonly text: string;
  }
>;

export type ErrorCode = keyof typeof ERROR_CODES;

const KNOWN_CODES: readonly string[] = Object.keys(ERROR_CODES);

/** Narrows a claimed code; a newer gateway may send one that this version does not know. */
export function isErrorCode(claimedCode: string): claimedCode is ErrorCode {
  return KNOWN_CODES.includes(claimedCode);
}
