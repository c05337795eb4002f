import type { JSX } from 'react';
import { DrawnRing, type DrawnRingProps } from './drawn-ring.tsx';
import { words } from './words.ts';

export type RingProps = Omit<DrawnRingProps, 'left'>;

/** The ring with the words of the workstation's pages; the phone's page has its own words, in two languages. */
export function Ring(props: RingProps): JSX.Element {
  return <DrawnRing {...props} left={words.ring.left} />;
}

/** A number in the ring, with the word that says what it is, so that a time is never taken for a number to choose. */
export function RingNumber({ value, unit }: { readonly value: string; readonly unit: string }): JSX.Element {
  return (
    <>
      <span className="ring__number" data-long={value.length > 2}>
        {value}
      </span>
      <span className="ring__unit">{unit}</span>
    </>
  );
}
