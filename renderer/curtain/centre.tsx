import type { JSX } from 'react';
import type { ViewModel } from '../../protocol/view-model.ts';
import { assertNever } from '../shared/assert-never.ts';
import { QrCode } from '../shared/qr-code.tsx';
import { Ring, RingNumber } from '../shared/ring.tsx';
import { ringTime } from '../shared/time-words.ts';
import type { Remaining } from '../shared/use-countdown.ts';
import { words } from '../shared/words.ts';

/** The disc around the code is white already: one module of quiet zone in the drawing keeps the modules large. */
const QUIET_ON_DISC_MODULES = 1;

/** The one thing in the middle: the ring, and in it what the person needs now. */
export function Centre({ view, remaining, typing }: CentreProps): JSX.Element {
  const content = typing ? null : promptContent(view);
  const size = typing || view.prompt?.kind === 'code' ? 'small' : content === 'link' ? 'large' : 'middle';
  return (
    <div className="curtain__ring" data-size={size}>
      {content === 'link' && view.prompt?.kind === 'link' ? (
        <Ring mark={view.mark} remaining={remaining} disc>
          <div className="curtain__qr">
            <QrCode text={view.prompt.url} label={words.curtain.qr} quiet={QUIET_ON_DISC_MODULES} />
          </div>
        </Ring>
      ) : content === 'number' && view.prompt?.kind === 'number' ? (
        <Ring mark={view.mark} remaining={remaining}>
          <RingNumber value={view.prompt.number} unit={words.ring.choose} />
        </Ring>
      ) : remaining === null ? (
        <Ring
          mark={restingMark(view)}
          remaining={null}
          turning={view.state === 'locking' || view.state === 'unlocking'}
        />
      ) : (
        <Ring mark={view.mark} remaining={remaining}>
          <TimeLeft ms={remaining.ms} />
        </Ring>
      )}
    </div>
  );
}

/** Approved and opening: the dot has travelled in already, although main is not done. */
function restingMark(view: ViewModel): ViewModel['mark'] {
  return view.state === 'unlocking' ? 'present' : view.mark;
}

export interface CentreProps {
  readonly view: ViewModel;
  readonly remaining: Remaining | null;
  /** A recovery code is being typed: the ring steps back to its time. */
  readonly typing: boolean;
}

function promptContent(view: ViewModel): 'time' | 'number' | 'link' {
  if (view.prompt === null) return 'time';
  switch (view.prompt.kind) {
    case 'phone':
    case 'code':
      return 'time';
    case 'number':
      return 'number';
    case 'link':
      return 'link';
    default:
      return assertNever(view.prompt);
  }
}

function TimeLeft({ ms }: { readonly ms: number }): JSX.Element {
  const time = ringTime(ms);
  return <RingNumber value={time.value} unit={words.ring.units[time.unit]} />;
}
