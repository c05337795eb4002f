import type { Figure } from './result.ts';

/** How much is measured, for a figure to quote and to see that it works. */
export interface Extent {
  readonly quick: boolean;
  /** Where the server under load leaves its CPU profile, or null. */
  readonly profileTo: string | null;
  /** One sentence for whoever waits; goes to standard error. */
  readonly say: (sentence: string) => void;
}

/** Figures that are measured together because they need the same surroundings. */
export interface Group {
  readonly name: string;
  /** Debian packages or programs that this machine lacks for it; empty: it can run. */
  readonly lacks: () => readonly string[];
  readonly run: (extent: Extent) => Promise<readonly Figure[]>;
}
