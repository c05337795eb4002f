import { type JSX, useState } from 'react';
import type { ApprovalRequest } from '../../../../protocol/approver-state.ts';
import { Button } from '../../../../renderer/shared/button.tsx';
import { DrawnRing } from '../../../../renderer/shared/drawn-ring.tsx';
import { Refused, Screen, Title } from '../parts/screen.tsx';
import { useDeed } from '../parts/use-deed.ts';
import { type Deeds, type Done, isGateway } from '../phone/deeds.ts';
import { useWords } from '../words/language.ts';
import { ago, durationLeft } from '../words/moments.ts';
import { NotMe } from './not-me.tsx';
import type { Ending } from './outcome.tsx';

export interface RequestCardProps {
  readonly request: ApprovalRequest;
  /** The gateway's clock, Unix ms. */
  readonly now: number;
  readonly deeds: Deeds;
  /** An answer is on its way: the request may disappear from the state before it is back. */
  readonly onAnswering: (request: ApprovalRequest | null) => void;
  readonly onEnding: (ending: Ending) => void;
}

export function RequestCard({ request, now, deeds, onAnswering, onEnding }: RequestCardProps): JSX.Element {
  const words = useWords();
  const deed = useDeed();
  const [number, setNumber] = useState<string | null>(null);
  const [doubting, setDoubting] = useState(false);
  const { requestId } = request;

  const answer = async (act: () => Promise<Done<unknown>>, ending: Ending) => {
    onAnswering(request);
    const done = await deed.run(act);
    if (done?.ok === true) onEnding(ending);
    else if (done?.ok === false && isGateway(done.trouble, 'WRONG_NUMBER')) onEnding({ kind: 'wrong-number' });
    else if (done?.ok === false && isGateway(done.trouble, 'REQUEST_GONE')) onEnding({ kind: 'over', cause: 'gone' });
    onAnswering(null);
  };
  const approve = () => {
    if (number === null) deed.refuse(words.request.choose);
    else void answer(() => deeds.approve(requestId, number), { kind: 'approved' });
  };
  const deny = () => void answer(() => deeds.do('request.deny', { requestId }), { kind: 'denied' });
  const notMe = () => void answer(() => deeds.do('request.not-me', { requestId }), { kind: 'not-me' });

  if (doubting) {
    return (
      <NotMe
        workstation={request.workstation}
        busy={deed.busy}
        refusal={deed.refusal}
        onSure={notMe}
        onBack={() => setDoubting(false)}
      />
    );
  }
  return (
    <Screen
      actions={
        <>
          <Numbers request={request} chosen={number} busy={deed.busy} onChoose={setNumber} />
          <Refused text={deed.refusal} />
          <Button kind="main" busy={deed.busy} onPress={approve}>
            {deed.busy ? words.working : number === null ? words.request.approve : words.request.approveNumber(number)}
          </Button>
          <Button busy={deed.busy} onPress={deny}>
            {words.request.deny}
          </Button>
          <div className="apart">
            <span>{words.request.notMeQuestion}</span>
            <Button kind="plain" busy={deed.busy} onPress={() => setDoubting(true)}>
              {words.request.notMe}
            </Button>
          </div>
        </>
      }
    >
      <Asking request={request} now={now} />
    </Screen>
  );
}

function Asking({ request, now }: Pick<RequestCardProps, 'request' | 'now'>): JSX.Element {
  const words = useWords();
  const totalMs = Math.max(1, request.expiresAt - request.requestedAt);
  const leftMs = Math.max(0, Math.min(totalMs, request.expiresAt - now));
  const left = (ms: number) => words.request.left(durationLeft(ms, words.locale));
  return (
    <>
      <header className="asking">
        <DrawnRing mark="verifying" remaining={{ ms: leftMs, share: leftMs / totalMs }} left={left} />
        <div>
          <Title>{words.request.title(request.workstation)}</Title>
          <p className="asking__left">{left(leftMs)}</p>
        </div>
      </header>
      <dl className="facts">
        <div>
          <dt>{words.request.why}</dt>
          <dd>{words.request.reasons[request.reason]}</dd>
        </div>
        {request.network === undefined ? null : (
          <div>
            <dt>{words.request.network}</dt>
            <dd>{request.network}</dd>
          </div>
        )}
        <div>
          <dt>{words.request.asked}</dt>
          <dd>{ago(request.requestedAt, now, words.locale)}</dd>
        </div>
      </dl>
    </>
  );
}

interface NumbersProps {
  readonly request: ApprovalRequest;
  readonly chosen: string | null;
  readonly busy: boolean;
  readonly onChoose: (number: string) => void;
}

function Numbers({ request, chosen, busy, onChoose }: NumbersProps): JSX.Element {
  const words = useWords();
  return (
    <fieldset className="numbers" disabled={busy}>
      <legend>{words.request.question}</legend>
      <div className="numbers__row">
        {request.numbers.map((number) => (
          <label className="number" key={number}>
            <input
              type="radio"
              name={request.requestId}
              value={number}
              checked={number === chosen}
              onChange={() => onChoose(number)}
            />
            <span>{number}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
