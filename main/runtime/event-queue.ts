/**
 * One event at a time, in order of arrival, even when handling one raises another. The machine is never entered twice at once,
 * so a race between an approval and a lock (CVE-2010-0923) is decided by which came first and by nothing else.
 */
export interface EventQueue<Event> {
  push(event: Event): void;
}

/** Longest queue. Only a source gone wild fills it; then dropping would hide a lock, so it is reported as a fault instead. */
export const MAX_QUEUED_EVENTS = 10_000;

/**
 * @param handle called once per event.
 * @param onFault called when handling throws or the queue overflows; the event is then gone, and the caller must fail towards locked.
 */
export function createEventQueue<Event>(
  handle: (event: Event) => void,
  onFault: (error: unknown) => void,
): EventQueue<Event> {
  const waiting: Event[] = [];
  let handling = false;
  return {
    push(event) {
      if (waiting.length >= MAX_QUEUED_EVENTS) {
        onFault(new Error(`more than ${MAX_QUEUED_EVENTS} events wait`));
        return;
      }
      waiting.push(event);
      if (handling) return;
      handling = true;
      try {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          try {
            handle(next);
          } catch (error) {
            onFault(error);
          }
        }
      } finally {
        handling = false;
      }
    },
  };
}
