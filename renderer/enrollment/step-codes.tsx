import { type JSX, useState } from 'react';
import type { MadeCodes } from '../../protocol/ipc.ts';
import { Button } from '../shared/button.tsx';
import { Ring } from '../shared/ring.tsx';
import { words } from '../shared/words.ts';
import { CodesShown } from './codes-shown.tsx';
import type { StepProps } from './step-props.ts';
import { StepTitle } from './step-title.tsx';
import { isRenewingCodes } from './steps.ts';

const text = words.enrollment.codes;

/**
 * Codes for the day the phone cannot be asked: made, shown once, proven. They live in this component only, so leaving the step or
 * closing the window forgets them.
 */
export function CodesStep(props: StepProps): JSX.Element {
  const { bridge, view, action, busy } = props;
  const [made, setMade] = useState<MadeCodes | null>(null);

  const make = () =>
    action.run(async () => {
      const result = await bridge.codes.make();
      if (!result.ok) return result;
      setMade(result.codes);
      return { ok: true };
    });

  if (view.codes.proven) return <Proven {...props} />;
  if (made !== null) return <CodesShown {...props} made={made} />;
  return (
    <>
      <StepTitle title={text.title} lead={text.lead} />
      <ul className="codes__facts">
        <li>{text.once}</li>
        <li>{text.app}</li>
        <li>{view.codes.required ? text.needed : text.notAccepted}</li>
        {view.codes.left === null ? null : <li>{text.replaces(view.codes.left)}</li>}
      </ul>
      <div className="row form__end">
        <Button kind="main" busy={busy} onPress={() => void make()}>
          {view.codes.left === null ? text.make : text.makeNew}
        </Button>
        {!isRenewingCodes(view) && !view.codes.required ? <StartButton {...props} label={text.skip} /> : null}
        <BackButton {...props} />
      </div>
    </>
  );
}

function Proven(props: StepProps): JSX.Element {
  return (
    <div className="done">
      <Ring mark="present" remaining={null} />
      <StepTitle title={text.proven} lead={text.provenText} />
      <div className="row">
        {isRenewingCodes(props.view) ? (
          <BackButton {...props} />
        ) : (
          <StartButton {...props} label={words.enrollment.done.start} main />
        )}
      </div>
    </div>
  );
}

function StartButton({ bridge, action, busy, label, main = false }: StepProps & StartButtonProps): JSX.Element {
  return (
    <Button
      busy={busy}
      onPress={() => void action.run(() => bridge.enrollment.finish())}
      {...(main ? { kind: 'main' as const } : {})}
    >
      {label}
    </Button>
  );
}

interface StartButtonProps {
  readonly label: string;
  readonly main?: boolean;
}

function BackButton({ bridge, action, busy }: StepProps): JSX.Element {
  return (
    <Button kind="plain" busy={busy} onPress={() => void action.run(() => bridge.enrollment.back())}>
      {words.back}
    </Button>
  );
}
