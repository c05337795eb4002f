import { type JSX, useState } from 'react';
import type { PresenceLockerBridge } from '../../protocol/ipc.ts';
import type { HistoryEntry, HistorySubject } from '../../protocol/view-model.ts';
import { Button } from '../shared/button.tsx';
import { Mark } from '../shared/mark.tsx';
import { moment, type Place } from '../shared/time-words.ts';
import { words } from '../shared/words.ts';
import { SaveCopy } from './save-copy.tsx';

/** Entries shown before somebody asks for more: the last day or so, without a long scroll to what is below. */
const SHOWN_AT_FIRST = 12;

type Filter = 'all' | HistorySubject;
const FILTERS = ['all', 'lock', 'approval', 'problem'] as const satisfies readonly Filter[];

export interface HistoryProps {
  readonly bridge: Pick<PresenceLockerBridge, 'history'>;
  readonly entries: readonly HistoryEntry[];
  readonly now: number;
  readonly place: Place;
}

/** "Why did it lock?" must always have an answer, also when the answer is: it has not. */
export function History({ bridge, entries, now, place }: HistoryProps): JSX.Element {
  const [filter, setFilter] = useState<Filter>('all');
  const [everything, setEverything] = useState(false);
  const wanted = filter === 'all' ? entries : entries.filter(({ about }) => about.includes(filter));
  const shown = everything ? wanted : wanted.slice(0, SHOWN_AT_FIRST);
  return (
    <section className="history" aria-labelledby="why">
      <h2 id="why">{words.status.whyTitle}</h2>
      {entries.length === 0 ? (
        <Nothing text={words.status.whyEmpty} help={words.status.whyEmptyHelp} />
      ) : (
        <>
          <Filters chosen={filter} onChoose={setFilter} />
          {filter !== 'all' && wanted.length === 0 ? <Nothing text={words.status.noneOf[filter]} /> : null}
          <Timeline entries={shown} now={now} place={place} />
          <div className="history__foot">
            {shown.length === wanted.length ? null : (
              <Button kind="plain" onPress={() => setEverything(true)}>
                {words.status.showEarlier(wanted.length - shown.length)}
              </Button>
            )}
            <SaveCopy bridge={bridge} />
          </div>
        </>
      )}
    </section>
  );
}

function Filters({
  chosen,
  onChoose,
}: {
  readonly chosen: Filter;
  readonly onChoose: (filter: Filter) => void;
}): JSX.Element {
  return (
    <fieldset className="history__filters">
      <legend className="only-heard">{words.status.filterLabel}</legend>
      <div className="segments">
        {FILTERS.map((filter) => (
          <label className="segment" key={filter}>
            <input
              type="radio"
              name="history-filter"
              value={filter}
              checked={filter === chosen}
              onChange={() => onChoose(filter)}
            />
            <span>{words.status.filters[filter]}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Timeline({ entries, now, place }: Omit<HistoryProps, 'bridge'>): JSX.Element {
  return (
    <ol>
      {withKeys(entries).map(({ key, entry }) => (
        <li key={key}>
          <Mark name={entry.mark} />
          <p>
            {entry.title}
            <small>{entry.detail}</small>
          </p>
          <time dateTime={new Date(entry.atWall).toISOString()}>{moment(entry.atWall, now, place)}</time>
        </li>
      ))}
    </ol>
  );
}

/** Two entries may be of one moment and say the same; newer ones come in front, so those are numbered from the oldest on. */
function withKeys(entries: readonly HistoryEntry[]): readonly { readonly key: string; readonly entry: HistoryEntry }[] {
  const seen = new Map<string, number>();
  return entries
    .toReversed()
    .map((entry) => {
      const said = `${entry.atWall} ${entry.title}`;
      const number = (seen.get(said) ?? 0) + 1;
      seen.set(said, number);
      return { key: `${said} ${number}`, entry };
    })
    .reverse();
}

function Nothing({ text, help }: { readonly text: string; readonly help?: string }): JSX.Element {
  return (
    <div className="history__empty">
      <Mark name="unenrolled" />
      <p>
        {text}
        {help === undefined ? null : <small>{help}</small>}
      </p>
    </div>
  );
}
