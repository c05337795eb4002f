import type { JSX } from 'react';
import type { HistoryEntry } from '../../protocol/view-model.ts';
import { Mark } from '../shared/mark.tsx';
import { moment, type Place } from '../shared/time-words.ts';
import { words } from '../shared/words.ts';

/** "Why did it lock?" must always have an answer, also when the answer is: it has not. */
export function History({ entries, now, place }: HistoryProps): JSX.Element {
  return (
    <section className="history" aria-labelledby="why">
      <h2 id="why">{words.status.whyTitle}</h2>
      {entries.length === 0 ? (
        <div className="history__empty">
          <Mark name="unenrolled" />
          <p>
            {words.status.whyEmpty}
            <small>{words.status.whyEmptyHelp}</small>
          </p>
        </div>
      ) : (
        <ol>
          {entries.map((entry) => (
            <li key={`${entry.atWall} ${entry.title}`}>
              <Mark name={entry.mark} />
              <p>
                {entry.title}
                <small>{entry.detail}</small>
              </p>
              <time dateTime={new Date(entry.atWall).toISOString()}>{moment(entry.atWall, now, place)}</time>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

export interface HistoryProps {
  readonly entries: readonly HistoryEntry[];
  readonly now: number;
  readonly place: Place;
}
