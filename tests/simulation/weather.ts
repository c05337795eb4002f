/** What the network between workstation and gateway does to messages at present. */
export interface Weather {
  /** Nothing gets through and nothing says so: sockets look open (half-open). */
  readonly blackout: boolean;
  /** No new connection can be made. */
  readonly refusing: boolean;
  readonly loss: number;
  readonly duplication: number;
  readonly reordering: number;
  readonly truncation: number;
  /** Longest extra delay of a message. */
  readonly delayMs: number;
}

export const FAIR_WEATHER: Weather = {
  blackout: false,
  refusing: false,
  loss: 0,
  duplication: 0,
  reordering: 0,
  truncation: 0,
  delayMs: 0,
};

/** A message that overtakes others does so by at most this. WebSocket never reorders; the ghost allows for it in S2. */
export const REORDERING_MS = 1_500;
/** A message delivered twice comes the second time within this. */
export const DUPLICATE_AFTER_MS = 3_000;
