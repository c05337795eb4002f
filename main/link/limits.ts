/** Every limit of the gateway connection, in one place. Options may shorten them in tests of real sockets; nothing else does. */
export interface LinkLimits {
  /** From opening the socket to the end of the WebSocket handshake, TLS included. */
  readonly connectTimeoutMs: number;
  /** From sending `hello` to `ready`. */
  readonly readyTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  /** Without a single byte of WebSocket traffic for this long, a socket that looks open counts as dead (half-open). */
  readonly silenceLimitMs: number;
  /**
   * A ping after which not a byte was heard for this long: half-open too. With the poll interval before it this is less than the default
   * lease, so that the loss is known, and another connection tried, before the lease runs out and the silence is taken for the service's.
   */
  readonly pongLimitMs: number;
  /** Reconnect delays: full jitter between the two. */
  readonly backOffMinMs: number;
  readonly backOffMaxMs: number;
  /** Retry when trying again cannot help unless somebody changes something (token, version). */
  readonly slowRetryMs: number;
  /** A connection that lived this long resets the back-off; one that fails right after `ready` does not. */
  readonly stableAfterMs: number;
  /** An answer to an enrollment request. */
  readonly requestTimeoutMs: number;
  /** A session start not answered for this long is given up: re-sent later it would buzz the phone for nothing (S7). */
  readonly startAnswerLimitMs: number;
  /** Poll while a test approval is awaited. */
  readonly testPollIntervalMs: number;
  /** Wait for the closing handshake before the socket is destroyed. */
  readonly closeTimeoutMs: number;
}

export const LINK_LIMITS: LinkLimits = {
  connectTimeoutMs: 10_000,
  readyTimeoutMs: 5_000,
  heartbeatIntervalMs: 10_000,
  silenceLimitMs: 25_000,
  pongLimitMs: 7_500,
  backOffMinMs: 200,
  backOffMaxMs: 15_000,
  slowRetryMs: 60_000,
  stableAfterMs: 10_000,
  requestTimeoutMs: 20_000,
  startAnswerLimitMs: 60_000,
  testPollIntervalMs: 1_000,
  closeTimeoutMs: 1_000,
};

/** Sessions remembered at once: the one in use, the one to follow, a test, and a few whose end is still on its way. */
export const MAX_OPEN_SESSIONS = 8;
/** Pings on their way at once. At the shortest poll interval the silence limit strikes long before. */
export const MAX_OUTSTANDING_PINGS = 256;
/** Enrollment requests on their way at once; the screens make one at a time. */
export const MAX_OUTSTANDING_REQUESTS = 16;
/** Session ends kept for a gateway that is away. */
export const MAX_OWED_ENDS = 8;
