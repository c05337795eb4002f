import type { JSX } from 'react';
import { words } from './words.ts';

/** Honest trial: simulated services carry this on every screen. */
export function TrialMark({ long = false }: { readonly long?: boolean }): JSX.Element {
  return <span className="trial">{long ? words.trial.long : words.trial.short}</span>;
}
