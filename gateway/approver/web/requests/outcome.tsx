import type { JSX } from 'react';
import type { ActivityKind, ApprovalRequest, ApproverState } from '../../../../protocol/approver-state.ts';
import { assertNever } from '../../../../renderer/shared/assert-never.ts';
import { Button } from '../../../../renderer/shared/button.tsx';
import { Told } from '../parts/screen.tsx';
import type { Words } from '../words/en.ts';
import { useWords } from '../words/language.ts';

export type OverCause = keyof Words['outcome']['overText'];

/** How a request ended: by what was done on this phone, or without it. */
export type Ending =
  | { readonly kind: 'approved' | 'denied' | 'not-me' | 'wrong-number' }
  | { readonly kind: 'over'; readonly cause: OverCause };

export interface Outcome {
  readonly request: ApprovalRequest;
  readonly ending: Ending;
}

const CAUSES: Readonly<Partial<Record<ActivityKind, OverCause>>> = {
  unanswered: 'expired',
  superseded: 'superseded',
  approved: 'approved',
  denied: 'denied',
};

/** Why a request is no longer there: its time is over, or what the newest entry about its workstation says. */
export function causeOfEnd(request: ApprovalRequest, state: ApproverState, now: number): OverCause {
  if (now >= request.expiresAt) return 'expired';
  const newest = state.activity.find(
    ({ workstation, at }) => workstation === request.workstation && at >= request.requestedAt,
  );
  return (newest === undefined ? undefined : CAUSES[newest.kind]) ?? 'gone';
}

export function OutcomeShown({
  outcome,
  onClose,
}: {
  readonly outcome: Outcome;
  readonly onClose: () => void;
}): JSX.Element {
  const words = useWords();
  return <Told {...wordsOf(outcome, words)} actions={<Button onPress={onClose}>{words.close}</Button>} />;
}

function wordsOf({ request, ending }: Outcome, words: Words) {
  const { outcome } = words;
  const { workstation } = request;
  switch (ending.kind) {
    case 'approved':
      return { mark: 'present', ...approvedWords(request, outcome) } as const;
    case 'denied':
      return { mark: 'locked', title: outcome.denied, text: deniedText(request, outcome) } as const;
    case 'not-me':
      return { mark: 'locked', title: outcome.notMe, text: outcome.notMeText(workstation) } as const;
    case 'wrong-number':
      return { mark: 'problem', title: outcome.wrongNumber, text: outcome.wrongNumberText(workstation) } as const;
    case 'over':
      return { mark: 'unenrolled', title: outcome.over, text: outcome.overText[ending.cause] } as const;
    default:
      return assertNever(ending);
  }
}

function approvedWords({ reason, workstation }: ApprovalRequest, outcome: Words['outcome']) {
  switch (reason) {
    case 'unlock':
    case 'retry':
      return { title: outcome.approved, text: outcome.approvedFor.unlock(workstation) };
    case 'renewal':
    case 'pause':
      return { title: outcome.approved, text: outcome.approvedFor[reason](workstation) };
    case 'enrollment-test':
      return { title: outcome.tested, text: outcome.testedText };
    default:
      return assertNever(reason);
  }
}

function deniedText({ reason, workstation }: ApprovalRequest, outcome: Words['outcome']): string {
  switch (reason) {
    case 'unlock':
    case 'retry':
      return outcome.deniedFor.unlock(workstation);
    case 'renewal':
    case 'pause':
      return outcome.deniedFor[reason](workstation);
    case 'enrollment-test':
      return outcome.deniedFor.test(workstation);
    default:
      return assertNever(reason);
  }
}
