import { type JSX, useEffect, useRef, useState } from 'react';
import type { ApprovalRequest } from '../../../../protocol/approver-state.ts';
import { Button } from '../../../../renderer/shared/button.tsx';
import { Told } from '../parts/screen.tsx';
import { type SignedIn, useServerClock } from '../parts/use-clock.ts';
import type { Deeds } from '../phone/deeds.ts';
import { useWords } from '../words/language.ts';
import { causeOfEnd, type Ending, type Outcome, OutcomeShown } from './outcome.tsx';
import { RequestCard } from './request-card.tsx';

export interface RequestsProps {
  readonly known: SignedIn;
  readonly deeds: Deeds;
  /** What stands there while nobody asks. */
  readonly idle: JSX.Element;
  /** After the person has read how a request ended. */
  readonly onClosed?: (outcome: Outcome) => void;
}

/** The newest request, or how the last one ended, or that there is none. */
export function Requests({ known, deeds, idle, onClosed }: RequestsProps): JSX.Element {
  const now = useServerClock(known);
  const [outcome, setOutcome] = useState<(Outcome & { readonly openThen: readonly string[] }) | null>(null);
  const [wanted, setWanted] = useState<string | null>(null);
  const [answering, setAnswering] = useState<ApprovalRequest | null>(null);
  const open = known.state.requests.filter(({ expiresAt }) => expiresAt > now);
  const shown = answering ?? open.find(({ requestId }) => requestId === wanted) ?? open[0] ?? null;
  const others = open.filter(({ requestId }) => requestId !== shown?.requestId);

  // A request that was on the screen and is gone without an answer from here: say so, rather than let it vanish under the thumb.
  const last = useRef<ApprovalRequest | null>(null);
  const lastOpen = useRef<readonly string[]>([]);
  useEffect(() => {
    const before = last.current;
    // Without itself: a request that comes back is one to answer.
    const openThen = lastOpen.current.filter((requestId) => requestId !== before?.requestId);
    last.current = shown;
    lastOpen.current = idsOf(open);
    if (before === null || before.requestId === shown?.requestId || answering !== null) return;
    if (open.some(({ requestId }) => requestId === before.requestId)) return;
    setOutcome((told) =>
      told?.request.requestId === before.requestId
        ? told
        : { request: before, ending: { kind: 'over', cause: causeOfEnd(before, known.state, now) }, openThen },
    );
  });

  // What asks since then is more urgent than how an older request ended.
  const stillTold = outcome !== null && open.every(({ requestId }) => outcome.openThen.includes(requestId));
  if (outcome !== null && stillTold && answering === null) {
    const close = () => {
      setOutcome(null);
      onClosed?.(outcome);
    };
    return <OutcomeShown outcome={outcome} onClose={close} />;
  }
  if (shown === null) return idle;
  return (
    <>
      <RequestCard
        key={shown.requestId}
        request={shown}
        now={now}
        deeds={deeds}
        onAnswering={setAnswering}
        // As it was when the answer was given: what asks since then comes to the front.
        onEnding={(ending: Ending) => setOutcome({ request: shown, ending, openThen: idsOf(open) })}
      />
      <Others requests={others} onShow={setWanted} />
    </>
  );
}

const idsOf = (requests: readonly ApprovalRequest[]): readonly string[] => requests.map(({ requestId }) => requestId);

function Others({ requests, onShow }: OthersProps): JSX.Element | null {
  const words = useWords();
  if (requests.length === 0) return null;
  return (
    <section className="others" aria-label={words.request.others}>
      <h2>{words.request.others}</h2>
      {requests.map(({ requestId, workstation }) => (
        <Button key={requestId} onPress={() => onShow(requestId)}>
          {words.request.othersShow(workstation)}
        </Button>
      ))}
    </section>
  );
}

interface OthersProps {
  readonly requests: readonly ApprovalRequest[];
  readonly onShow: (requestId: string) => void;
}

/** Nobody asks. Says where the person is in, because that is what one opens the page for then. */
export function NothingPending({ known }: { readonly known: SignedIn }): JSX.Element {
  const words = useWords();
  const present = known.state.workstations.filter(({ session }) => session !== undefined);
  const [only] = present;
  const where =
    only === undefined
      ? words.nothing.text
      : `${present.length === 1 ? words.nothing.present(only.name) : words.nothing.presentMany(present.length)} ${words.nothing.text}`;
  return <Told mark={only === undefined ? 'unenrolled' : 'present'} title={words.nothing.title} text={where} />;
}
