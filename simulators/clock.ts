/** The simulator's two clocks, so that tests can move time by hand. */
export interface Clock {
  /** Milliseconds since 1970. Only for what a client claims about time (signature timestamps) and for display. */
  wallMs(): number;
  /** Milliseconds since any fixed moment; never set back. Every duration is measured with it. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};
