/** Where main/electron reports what went wrong. The messages hold no secret, no argument of a call and nothing a page sent. */
export interface ShellLog {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** The name and message of what was thrown, for the log only. Never for a page: it may name files or internals. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : 'something that is not an Error was thrown';
}
