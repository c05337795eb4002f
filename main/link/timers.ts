/** Timers as the link needs them; a fake takes their place in tests. */
export interface LinkTimers {
  /** Calls `fire` once after `ms`. @returns a function that cancels it; cancelling twice, or too late, does nothing. */
  after(ms: number, fire: () => void): () => void;
}

/** Node's timers. They stand still while the machine sleeps, which is why `os.resumed` must call `reconnectNow`. */
export const systemTimers: LinkTimers = {
  after(ms, fire) {
    const timer = setTimeout(fire, ms);
    return () => clearTimeout(timer);
  },
};

/** A timer that can be set again; setting replaces the one before. */
export interface SingleTimer {
  set(ms: number, fire: () => void): void;
  cancel(): void;
}

export function singleTimer(timers: LinkTimers): SingleTimer {
  let cancelPrevious: (() => void) | null = null;
  const cancel = () => {
    cancelPrevious?.();
    cancelPrevious = null;
  };
  return {
    set(ms, fire) {
      cancel();
      cancelPrevious = timers.after(ms, () => {
        cancelPrevious = null;
        fire();
      });
    },
    cancel,
  };
}
