/** Every limit of the sentinel and of main's side of it (ADR 0016). */

/** Between two signs of life of main, and between two looks of the sentinel at when the last one came. */
export const HEARTBEAT_INTERVAL_MS = 2_000;
/**
 * Looks in a row without a sign of life until main counts as hung: 6 to 8 s on Linux, longer than a busy machine keeps a process waiting
 * (S4). Elsewhere an open native menu or dialog may keep main's event loop waiting for as long as somebody looks at it: about a minute.
 */
export const silentLooksUntilHung = (platform: NodeJS.Platform): number => (platform === 'linux' ? 4 : 30);
/** A process that was just started has this long for its first sign of life. */
export const FIRST_SIGN_TIMEOUT_MS = 30_000;
/** Observing the session may take this long before the first lock is asked for unobserved. */
export const WATCH_START_TIMEOUT_MS = 1_500;
/** Wait for the observed lock on each rung. Shorter than the policy's `lockConfirmMs`: nothing covers the screens meanwhile. */
export const RUNG_CONFIRM_MS = 1_500;
/** Between two climbs of the ladder. */
export const LADDER_REST_MS = 2_000;
/** Main is started again after this long even without an observed lock: its cover is better than an open desktop. */
export const LOCK_BEFORE_RESTART_MS = 4_000;
/** Where somebody else starts main again, the sentinel stays this long for its lock to be seen. */
export const LOCK_BEFORE_LEAVING_MS = 20_000;
/** Deaths within `DEATHS_WINDOW_MS` after which main is started again only when somebody unlocks. */
export const MAX_DEATHS_IN_WINDOW = 3;
export const DEATHS_WINDOW_MS = 5 * 60_000;
/** While main is not running: between two looks whether there is still a session to lock. */
export const SESSION_LOOK_INTERVAL_MS = 2_000;
/** Signs of life without an answer until the sentinel counts as hung; it shows nothing that could keep it waiting. */
export const UNANSWERED_UNTIL_HUNG = 4;
/** A sentinel that dies again this soon after its start cannot be relied on: main locks. */
export const SENTINEL_QUICK_DEATH_MS = 10_000;
/** Between two further attempts to start a sentinel that does not stay. */
export const SENTINEL_RETRY_MS = 30_000;
/** Longest wait for the farewell to be taken over. */
export const FAREWELL_TIMEOUT_MS = 2_000;
/** A message is a few dozen bytes; whatever is longer was not said by us. */
export const MAX_LINE_BYTES = 1_024;
/** The inherited descriptor of the wire, in the sentinel as in a main that the sentinel started. */
export const WIRE_DESCRIPTOR = 3;
