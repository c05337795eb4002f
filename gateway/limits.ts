/** Every fixed limit of the gateway, units in the names. What an operator may change is in config.ts. docs/protocol.md names those a client meets. */

/** Time from the WebSocket's opening to the end of the introduction: `hello`, and the proof where one is asked for. */
export const HELLO_TIMEOUT_MS = 5_000;
/** Ping both ways (DESIGN §5). */
export const HEARTBEAT_INTERVAL_MS = 10_000;
/** A peer that said something within this needs no ping. Looked at every half interval, so that a quiet one gets one in each interval. */
export const PING_AFTER_QUIET_MS = 0.75 * HEARTBEAT_INTERVAL_MS;
/** Nothing heard for this long: the other side is gone, whatever TCP says. */
export const HEARTBEAT_PATIENCE_MS = 2.5 * HEARTBEAT_INTERVAL_MS;
/** Bytes waiting for one client. A client that reads nothing must not fill the memory. */
export const MAX_BUFFERED_BYTES = 64 * 1024;
/** After a close frame, wait this long for the other side's, then cut. */
export const CLOSE_GRACE_MS = 1_000;
/** A WebSocket close reason has room for this many bytes. */
export const MAX_CLOSE_REASON_BYTES = 123;
/** Proofs of one device id from one address that may be refused in a minute; then its next are not looked at. */
export const REFUSED_PROOFS_PER_MINUTE = 10;
/** When a workstation was last seen is known to this. */
export const LAST_SEEN_RESOLUTION_MS = 3_600_000;
/** Requests of one connection that wait for the service at the same time. */
export const MAX_PENDING_REQUESTS = 8;

/** Upstream poll while an approval is awaited or the phone is away. */
export const URGENT_POLL_INTERVAL_MS = 1_000;
/** Upstream poll while active; shorter when the lease is short, so that three answers fit into one lease. */
export const ACTIVE_POLL_INTERVAL_MS = 5_000;
export const POLLS_PER_LEASE = 3;
/** However eagerly clients poll, the service is not asked more often than this (or the interval above, if that is shorter). */
export const MIN_DEMANDED_POLL_INTERVAL_MS = 1_000;
/** A pushed word of the service hastens the next question, but not beyond this: whoever can push must not make the gateway flood the service. */
export const MIN_HASTENED_POLL_INTERVAL_MS = 250;
/** Back-off after a failed poll: first wait, doubled up to the longest, jittered. */
export const POLL_RETRY_FIRST_MS = 1_000;
export const POLL_RETRY_LONGEST_MS = 5_000;
/** `Retry-After` is honoured up to this. */
export const POLL_RETRY_AFTER_LONGEST_MS = 60_000;

/** After a delivery of the service that says no more than that something happens: the session asks at once, and again after this. */
export const SECOND_LOOK_MS = 400;

/** A session that no connection watches is ended after this: longer than the longest network grace of a policy (300 s). */
export const UNWATCHED_SESSION_MS = 360_000;
/** A session the service keeps alive beyond its agreed duration is over here after this much more. */
export const DURATION_SLACK_MS = 30_000;
/** A session that is over is still explained to those who ask, this long. */
export const FORGET_TERMINAL_MS = 600_000;
/** Telling the service that a session is over: attempts, first wait, longest wait. */
export const END_ATTEMPTS = 6;
export const END_RETRY_FIRST_MS = 1_000;
export const END_RETRY_LONGEST_MS = 30_000;
/** At shutdown, time for such calls that are under way. */
export const END_AT_SHUTDOWN_MS = 2_000;
/** Sequence numbers reserved in the store at a time; the next block is reserved when half is used. */
export const SEQ_BLOCK = 1_000;

/** Sessions of one workstation that are not over. */
export const MAX_LIVE_SESSIONS_PER_DEVICE = 8;
/** How long a failed start with unclear effect is remembered, so that its repetition does not ask the phone again. */
export const REMEMBER_START_MS = 600_000;
/** Enrollment requests of one workstation per minute, and SMS per ten minutes (each costs money and rings a phone). */
export const ENROLL_REQUESTS_PER_MINUTE = 60;
export const SMS_PER_TEN_MINUTES = 5;
/** Known numbers and addresses registered for approvals: more than a person has, fewer than somebody who tries others' would need. */
export const CONTACTS_PER_TEN_MINUTES = 5;

/** Of a `methods.state` frame's 16 KiB, what the lists may take. */
export const MAX_METHODS_ANSWER_BYTES = 15 * 1024;
/** Wrong codes typed for one session; with the last one it fails. */
export const MAX_WRONG_CODES = 5;
/** Questions about a person's confirmation methods per workstation and minute. */
export const METHODS_REQUESTS_PER_MINUTE = 60;
/** Changes (each may send a code to a phone) and codes typed, per workstation and per person in ten minutes. */
export const METHOD_CHANGES_PER_TEN_MINUTES = 20;
export const METHOD_CODES_PER_TEN_MINUTES = 10;

/** HTTP side: a request's headers must be complete within this. */
export const HTTP_HEADERS_TIMEOUT_MS = 5_000;
/** And the whole request, its body included, within this. */
export const HTTP_REQUEST_TIMEOUT_MS = 10_000;
/** Node looks for requests that are over those two only so often, by default every 30 s: a slow sender holds a connection that much longer. */
export const HTTP_TIMEOUTS_LOOK_INTERVAL_MS = 2_000;
export const MAX_HTTP_HEADER_BYTES = 8 * 1024;
/** Between two looks at the certificate's files. A new pair counts once two looks saw the same. */
export const CERTIFICATE_LOOK_INTERVAL_MS = 10_000;
/** A certificate that has less than this left was not renewed when it should have been: ACME clients do it a month before. */
export const CERTIFICATE_EXPIRY_WARNING_MS = 14 * 86_400_000;
export const CERTIFICATE_EXPIRY_WARNING_EVERY_MS = 86_400_000;
/** Body of one delivery of a service. An event is about a kilobyte. */
export const MAX_WEBHOOK_BYTES = 64 * 1024;
/** A body of a request about our own confirmation methods. */
export const MAX_METHODS_BODY_BYTES = 16 * 1024;
/** Requests of one person about them: the burst that may come at once, and refilled per second. Presence is polled once a second. */
export const METHODS_HTTP_BURST = 60;
export const METHODS_HTTP_PER_SECOND = 10;
/** A service that speaks for many people: a gateway of 1,000 workstations polls about so often. */
export const METHODS_SERVICE_BURST = 1_000;
export const METHODS_SERVICE_PER_SECOND = 500;
/** All who are not signed in share these. */
export const METHODS_ANONYMOUS_BURST = 60;
export const METHODS_ANONYMOUS_PER_SECOND = 20;
/** One person: configs, confirmations not yet confirmed, and how often in ten minutes either may be made or changed. */
export const MAX_CONFIGS_PER_PERSON = 16;
export const MAX_OPEN_CONFIRMATIONS_PER_PERSON = 32;
export const CONFIG_CHANGES_PER_TEN_MINUTES = 30;
export const CONFIRMATION_REQUESTS_PER_TEN_MINUTES = 120;
/** Wrong attempts with one confirmation; with the last one it is gone. */
export const MAX_ATTEMPTS_PER_CONFIRMATION = 5;
/** An unconfirmed confirmation runs out after this. */
export const CONFIRM_WITHIN_MS = 300_000;
