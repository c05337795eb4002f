import type { JSX } from 'react';
import type { EnrollmentView } from '../../protocol/view-model.ts';
import { words } from '../shared/words.ts';

/** Said before somebody relies on it: a service that notices nothing locks nothing when the phone leaves. */
export function NoProximity({ view }: { readonly view: Pick<EnrollmentView, 'service'> }): JSX.Element | null {
  if (view.service === null || view.service.proximity) return null;
  return <p className="manage__note">{words.status.noProximity(view.service.title)}</p>;
}
