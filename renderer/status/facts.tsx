import type { JSX, ReactNode } from 'react';
import type { ViewModel } from '../../protocol/view-model.ts';
import { ago, clockTime, moment, type Place } from '../shared/time-words.ts';
import { words } from '../shared/words.ts';

export interface FactsProps {
  readonly view: ViewModel;
  readonly now: number;
  readonly place: Place;
}

/** Since when, until when, and who says so. */
export function Facts({ view, now, place }: FactsProps): JSX.Element {
  const { session, service } = view;
  return (
    <section className="facts">
      <dl>
        <Fact term={words.status.since[view.state]}>{moment(view.sinceWall, now, place)}</Fact>
        {session === null || session.approvedAtWall === null ? null : (
          <Fact term={words.status.approved}>
            {(session.byOfflineCode ? words.status.byCode : words.status.byPhone)(
              moment(session.approvedAtWall, now, place),
            )}
          </Fact>
        )}
        {session === null || session.endsAtWall === null ? null : (
          <Fact term={words.status.sessionEnds}>
            {session.asksAgainAtWall === null
              ? clockTime(session.endsAtWall, place)
              : words.status.asksAgain(clockTime(session.endsAtWall, place), clockTime(session.asksAgainAtWall, place))}
          </Fact>
        )}
        <Fact term={words.status.lastHeard}>
          {view.lastHeardAtWall === null ? words.status.neverHeard : ago(view.lastHeardAtWall, now)}
        </Fact>
        {service === null ? null : (
          <Fact term={words.status.service}>
            {service.reachable
              ? words.status.serviceVia(service.title, service.via)
              : words.status.unreachable(service.title)}
          </Fact>
        )}
      </dl>
      {service === null || service.proximity ? null : (
        <p className="facts__note">{words.status.noProximity(service.title)}</p>
      )}
    </section>
  );
}

function Fact({ term, children }: { readonly term: string; readonly children: ReactNode }): JSX.Element {
  return (
    <div className="fact">
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}
