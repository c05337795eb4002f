import type { JSX } from 'react';
import { words } from '../shared/words.ts';
import { displayNameFrom } from './account-form.ts';
import { sendAccount } from './send-account.ts';
import type { StepProps } from './step-props.ts';
import { StepTitle } from './step-title.tsx';

const text = words.enrollment.choose;

export function ChooseStep({ bridge, workstation, action, busy, setDraft }: StepProps): JSX.Element {
  const startTrial = () => void action.run(() => sendAccount(bridge, { mode: 'trial' }, displayNameFrom(workstation)));
  return (
    <>
      <StepTitle title={text.title} lead={text.lead} />
      <ul className="choices">
        <Choice title={text.trial} detail={text.trialText} busy={busy} onPress={startTrial} first />
        <Choice title={text.embedded} detail={text.embeddedText} busy={busy} onPress={() => setDraft('embedded')} />
        <Choice title={text.shared} detail={text.sharedText} busy={busy} onPress={() => setDraft('shared')} />
      </ul>
    </>
  );
}

function Choice({ title, detail, busy, onPress, first = false }: ChoiceProps): JSX.Element {
  return (
    <li>
      <button
        type="button"
        className="choice"
        data-first={first}
        aria-disabled={busy}
        onClick={() => {
          if (!busy) onPress();
        }}
      >
        <span className="choice__words">
          <span className="choice__title">{title}</span>
          <span className="choice__detail">{detail}</span>
        </span>
        <svg className="choice__on" viewBox="0 0 16 16" aria-hidden="true">
          <path d="M6 3.5 10.5 8 6 12.5" />
        </svg>
      </button>
    </li>
  );
}

interface ChoiceProps {
  readonly title: string;
  readonly detail: string;
  readonly busy: boolean;
  readonly onPress: () => void;
  readonly first?: boolean;
}
