/**
 * Delay before reconnect number `attempt` (0: the first). Full jitter: anywhere between the shortest delay and an exponentially
 * growing ceiling, so that the workstations of an office do not return to a restarted gateway in step.
 * @param random uniform in [0, 1).
 */
export function reconnectDelayMs(
  attempt: number,
  random: () => number,
  limits: { readonly backOffMinMs: number; readonly backOffMaxMs: number },
): number {
  const { backOffMinMs, backOffMaxMs } = limits;
  // 2 ** 1024 is Infinity, which Math.min takes; no overflow to guard against.
  const ceiling = Math.min(backOffMaxMs, backOffMinMs * 2 ** (attempt + 1));
  return Math.round(backOffMinMs + random() * (ceiling - backOffMinMs));
}
