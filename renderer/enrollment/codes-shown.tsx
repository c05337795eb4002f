import { type FormEvent, type JSX, useEffect, useRef, useState } from 'react';
import type { MadeCodes } from '../../protocol/ipc.ts';
import { Button, SubmitButton } from '../shared/button.tsx';
import { Refusal } from '../shared/note.tsx';
import { QrCode } from '../shared/qr-code.tsx';
import { useAction } from '../shared/use-action.ts';
import { words } from '../shared/words.ts';
import { Field } from './field.tsx';
import type { StepProps } from './step-props.ts';
import { StepTitle } from './step-title.tsx';
import { isToldAbove } from './told-above.ts';

const text = words.enrollment.codes;

/** The one time the codes are seen: to be written down, printed, copied or scanned; then one is typed. */
export function CodesShown(props: StepProps & { readonly made: MadeCodes }): JSX.Element {
  const { workstation, made } = props;
  const top = useRef<HTMLDivElement>(null);
  useEffect(() => top.current?.querySelector<HTMLElement>('h1')?.focus(), []);
  return (
    <>
      <div ref={top}>
        <StepTitle title={text.shownTitle} lead={text.shownLead} />
      </div>
      <section className="codes__sheet" aria-labelledby="codes-paper">
        <h2 id="codes-paper">{text.sheet(workstation)}</h2>
        <ol className="codes__list">
          {made.recovery.map((code) => (
            <li key={code}>
              <code>{code}</code>
            </li>
          ))}
        </ol>
        <p className="codes__note">{text.once}</p>
      </section>
      <div className="row">
        <Button onPress={() => window.print()}>{text.print}</Button>
        <CopyButton {...props} what="recovery" label={text.copy} />
      </div>
      <section className="registration codes__app" aria-labelledby="codes-app">
        <div className="registration__qr">
          <QrCode text={made.totp.link} label={text.qr} />
        </div>
        <div className="registration__ways">
          <h2 id="codes-app">{text.appTitle}</h2>
          <p className="codes__note">{text.appText}</p>
          <p className="link">
            <span className="only-heard">{text.secretLabel}: </span>
            {made.totp.secret}
          </p>
          <div className="row">
            <CopyButton {...props} what="link" label={text.copyLink} />
          </div>
        </div>
      </section>
      <Proof {...props} />
    </>
  );
}

function CopyButton({ bridge, what, label }: StepProps & CopyButtonProps): JSX.Element {
  const action = useAction();
  const [copied, setCopied] = useState(false);
  const copy = async () => setCopied(await action.run(() => bridge.codes.copy(what)));
  return (
    <>
      <Button busy={action.pending} onPress={() => void copy()}>
        {copied ? text.copied : label}
      </Button>
      <Refusal text={action.refusal} />
    </>
  );
}

interface CopyButtonProps {
  readonly what: 'recovery' | 'link';
  readonly label: string;
}

function Proof({ bridge, view, busy, action: leave }: StepProps): JSX.Element {
  const action = useAction();
  const form = useRef<HTMLFormElement>(null);
  const [wrong, setWrong] = useState<string>();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy || action.pending) return;
    const typed = new FormData(event.currentTarget).get('code');
    const code = typeof typed === 'string' ? typed.trim() : '';
    setWrong(code === '' ? words.curtain.codeEmpty : undefined);
    const proven = code !== '' && (await action.run(() => bridge.codes.prove(code)));
    if (!proven) form.current?.querySelector('input')?.focus();
  };
  return (
    <form className="sms codes__proof" ref={form} onSubmit={submit} noValidate autoComplete="off">
      <Field name="code" label={text.proof} help={text.proofHelp} maxLength={PROOF_MAX_CHARACTERS} wrong={wrong} />
      <div className="row">
        <SubmitButton busy={busy || action.pending}>{action.pending ? text.proving : text.prove}</SubmitButton>
        <Button kind="plain" busy={busy} onPress={() => void leave.run(() => bridge.enrollment.back())}>
          {words.back}
        </Button>
      </div>
      <Refusal text={isToldAbove(action.refusal, view.problem) ? null : action.refusal} />
    </form>
  );
}

/** Limit of `codes.prove` (protocol/ipc.ts). */
const PROOF_MAX_CHARACTERS = 64;
