import type { JSX, ReactNode } from 'react';
import type { Mark } from '../../protocol/view-model.ts';
import { assertNever } from './assert-never.ts';
import type { Remaining } from './use-countdown.ts';

const CENTRE = 50;
const RADIUS = 46;
/** Circumference in the units of `pathLength`, so that an arc is simply its share in percent. */
const WHOLE = 100;
const FULL_TURN_DEGREES = 360;

export interface DrawnRingProps {
  readonly mark: Mark;
  readonly remaining: Remaining | null;
  /** What stands in the middle instead of the mark's own glyph: a number, a QR code. */
  readonly children?: ReactNode;
  /** White ground for a QR code. */
  readonly disc?: boolean;
  /** Something is under way and nobody knows how long it takes. */
  readonly turning?: boolean;
  /** What a screen reader says of the time left (ms), in the language of the page. */
  readonly left: (ms: number) => string;
}

/** The mark of a state, large; with a countdown the ring is the time left and the dot travels along it. */
export function DrawnRing({
  mark,
  remaining,
  children,
  disc = false,
  turning = false,
  left,
}: DrawnRingProps): JSX.Element {
  const share = remaining?.share ?? restingShare(mark, turning);
  const dot = dotPlace(mark, remaining !== null);
  const spoken =
    remaining === null
      ? { 'aria-hidden': children === undefined }
      : { role: 'timer', 'aria-label': left(remaining.ms) };
  return (
    <div className="ring" data-tone={mark} data-mark={mark} data-dot={dot} data-orbit={turning} {...spoken}>
      <svg viewBox="0 0 100 100" aria-hidden="true">
        {disc ? <circle className="ring__disc" cx={CENTRE} cy={CENTRE} r={RADIUS} /> : null}
        <circle className="ring__track" cx={CENTRE} cy={CENTRE} r={RADIUS} />
        <g className="ring__turn">
          <circle
            className="ring__arc"
            cx={CENTRE}
            cy={CENTRE}
            r={RADIUS}
            pathLength={WHOLE}
            strokeDasharray={mark === 'unenrolled' ? '3 3.25' : `${share * WHOLE} ${WHOLE}`}
            transform={`rotate(-90 ${CENTRE} ${CENTRE})`}
          />
          {dot === 'none' ? null : (
            <g transform={`translate(${CENTRE} ${CENTRE}) rotate(${share * FULL_TURN_DEGREES})`}>
              <circle className="ring__dot" r="4.6" />
            </g>
          )}
        </g>
        {children === undefined ? <Glyph mark={mark} /> : null}
      </svg>
      {children === undefined ? null : <div className="ring__middle">{children}</div>}
    </div>
  );
}

function restingShare(mark: Mark, turning: boolean): number {
  if (mark === 'verifying' || turning) return 0.82;
  return mark === 'leaving' ? 0.86 : 1;
}

function dotPlace(mark: Mark, counting: boolean): 'edge' | 'inside' | 'outside' | 'none' {
  switch (mark) {
    case 'present':
      return 'inside';
    case 'verifying':
      return 'edge';
    case 'leaving':
      return 'outside';
    case 'problem':
      return counting ? 'edge' : 'none';
    case 'locked':
    case 'paused':
    case 'unenrolled':
      return 'none';
    default:
      return assertNever(mark);
  }
}

function Glyph({ mark }: { readonly mark: Mark }): JSX.Element | null {
  switch (mark) {
    case 'locked':
      return <path className="ring__glyph" d="M34 50h32" />;
    case 'paused':
      return <path className="ring__glyph" d="M41 37v26M59 37v26" />;
    case 'problem':
      return (
        <>
          <path className="ring__glyph" d="M50 30v24" />
          <circle cx="50" cy="68" r="3.4" fill="currentColor" />
        </>
      );
    case 'present':
    case 'verifying':
    case 'leaving':
    case 'unenrolled':
      return null;
    default:
      return assertNever(mark);
  }
}
