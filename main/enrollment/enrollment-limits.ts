/** Longest display name in a frame (protocol/frames.ts). */
export const MAX_FRAME_TEXT = 80;
/** First wait before an enrollment that could not be brought up at start is tried again; doubles up to the longest. */
export const RESUME_RETRY_MIN_MS = 1_000;
export const RESUME_RETRY_MAX_MS = 60_000;
/** Test approvals in any 60 minutes: the state machine does not see them, and they buzz the phone all the same (S7). */
export const MAX_TESTS_PER_HOUR = 10;
export const TESTS_WINDOW_MS = 60 * 60_000;
