import { CURTAIN_MENDED_MS, LONGEST_SIGNAL_MS } from './desk.ts';

export type Invariant = 'S1' | 'S2' | 'S3' | 'S4' | 'S5' | 'S6' | 'S7';

export interface Violation {
  readonly invariant: Invariant;
  readonly sentence: string;
}

/** What one computes in a moment may be due a moment later: timers are rounded up to whole milliseconds, leases down. */
export const ROUNDING_MS = 5;
/** After waking the machine is told within this: until then it cannot know that it slept. */
export const WAKING_NOTICED_MS = 3_000;
/** The OS session may be open and uncovered for as long as it takes to hear of it and to mend a window. */
export const UNCOVERED_MS = LONGEST_SIGNAL_MS + CURTAIN_MENDED_MS + 3_000;
/** After the last disturbance everything has settled by then; a lock that nobody asked for later is a false one. */
export const QUIET_AFTER_MS = 60_000;

/** What was struck while something was wrong may be under way for this long after. */
export const UNDER_WAY_MS = 10_000;
/** With nothing wrong, an approval is acted upon within this. */
export const APPROVAL_HEARD_MS = 5_000;

/** A promise that is broken when this moment passes. */
export interface Deadline {
  readonly invariant: Invariant;
  readonly at: number;
  readonly sentence: string;
}
