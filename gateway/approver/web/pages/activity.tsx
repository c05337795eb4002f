import type { JSX } from 'react';
import type { Activity, ActivityKind } from '../../../../protocol/approver-state.ts';
import type { Mark as MarkName } from '../../../../protocol/view-model.ts';
import { Mark } from '../../../../renderer/shared/mark.tsx';
import { Screen, Title, Told } from '../parts/screen.tsx';
import { type SignedIn, useServerClock } from '../parts/use-clock.ts';
import type { Words } from '../words/en.ts';
import { useWords } from '../words/language.ts';
import { moment } from '../words/moments.ts';

const MARKS: Readonly<Record<ActivityKind, MarkName>> = {
  approved: 'present',
  denied: 'locked',
  'not-me': 'problem',
  'wrong-number': 'problem',
  unanswered: 'leaving',
  superseded: 'unenrolled',
  'locked-from-phone': 'locked',
  'ended-from-phone': 'locked',
  'paused-from-phone': 'paused',
  'session-over': 'leaving',
  'workstation-added': 'verifying',
  'workstation-removed': 'unenrolled',
  'phone-added': 'verifying',
  'phone-renamed': 'unenrolled',
  'phone-revoked': 'locked',
  'phone-lost': 'problem',
  'recovery-code-made': 'unenrolled',
  'recovery-code-used': 'problem',
  'counter-went-back': 'problem',
};

export function RecentActivity({ known }: { readonly known: SignedIn }): JSX.Element {
  const words = useWords();
  const now = useServerClock(known);
  const { activity } = known.state;
  if (activity.length === 0) {
    return <Told mark="unenrolled" title={words.activity.empty} text={words.activity.emptyText} />;
  }
  return (
    <Screen>
      <Title>{words.activity.title}</Title>
      <ol className="timeline">
        {withKeys(activity).map(({ key, entry }) => (
          <li key={key} data-tone={MARKS[entry.kind]}>
            <Mark name={MARKS[entry.kind]} />
            <p>
              {words.activity.kinds[entry.kind]}
              <small>{whereOf(entry, words)}</small>
            </p>
            <time dateTime={new Date(entry.at).toISOString()}>{moment(entry.at, now, words.locale)}</time>
          </li>
        ))}
      </ol>
    </Screen>
  );
}

function whereOf({ workstation, phone }: Activity, words: Words): string {
  if (workstation !== undefined && phone !== undefined) return words.activity.on(workstation, phone);
  return workstation ?? phone ?? '';
}

/** Two entries may be of one moment and say the same; newer ones come in front, so those are numbered from the oldest on. */
function withKeys(entries: readonly Activity[]): readonly { readonly key: string; readonly entry: Activity }[] {
  const seen = new Map<string, number>();
  return entries
    .toReversed()
    .map((entry) => {
      const said = `${entry.at} ${entry.kind} ${entry.workstation ?? ''} ${entry.phone ?? ''}`;
      const number = (seen.get(said) ?? 0) + 1;
      seen.set(said, number);
      return { key: `${said} ${number}`, entry };
    })
    .reverse();
}
