import type { ShellLog } from '../../main/electron/shell-log.ts';

/** A log that keeps its lines, so that a test can say what must and must not be in them. */
export function rememberingLog(): ShellLog & { readonly lines: string[] } {
  const lines: string[] = [];
  const remember = (message: string): void => {
    lines.push(message);
  };
  return { lines, info: remember, warn: remember, error: remember };
}
