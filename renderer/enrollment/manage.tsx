import { type JSX, useEffect, useRef, useState } from 'react';
import type { ActionResult } from '../../protocol/ipc.ts';
import { Button } from '../shared/button.tsx';
import { Ring } from '../shared/ring.tsx';
import { localPlace, moment } from '../shared/time-words.ts';
import { words } from '../shared/words.ts';
import { ContactForm } from './contact-form.tsx';
import { Methods } from './methods.tsx';
import { NoProximity } from './no-proximity.tsx';
import type { StepProps } from './step-props.ts';
import { StepTitle } from './step-title.tsx';

const text = words.enrollment.manage;
const PLACE = localPlace(words.locale);

/** An enrolled phone, and the ways out of trouble with it. What cannot be undone asks once more, in place. */
export function Manage({ bridge, view, action, busy }: StepProps): JSX.Element {
  // A lost phone was disabled and no new one added yet. An enrollment that cannot be read still guards: its problem says so above.
  const none = view.enrolledSinceWall === null && view.mode !== null;
  const since = view.enrolledSinceWall === null ? '' : text.since(moment(view.enrolledSinceWall, Date.now(), PLACE));
  const service = view.service === null ? '' : words.status.serviceVia(view.service.title, view.service.via);
  const ways = view.service?.enrollment ?? [];
  const lead = none ? text.noneText : [since, service].filter((part) => part !== '').join(' · ');
  return (
    <>
      <div className="manage__head">
        <Ring mark={none ? 'unenrolled' : 'present'} remaining={null} />
        <StepTitle title={none ? text.noneTitle : text.title} lead={lead} />
      </div>
      <NoProximity view={view} />
      {ways.includes('methods') ? <Methods bridge={bridge} view={view} busy={busy} /> : null}
      <ul className="manage">
        {none || ways.length === 0 || ways.includes('link') ? (
          <Choice
            title={none ? text.first : text.again}
            detail={none ? text.firstText : text.againText}
            button={none && !ways.includes('link') ? text.goOn : text.againDo}
            busy={busy}
            onPress={() => action.run(() => bridge.enrollment.newLink())}
          />
        ) : null}
        {ways.includes('contact') ? <ContactChoice bridge={bridge} view={view} busy={busy} /> : null}
        {none ? null : (
          <Choice
            title={words.enrollment.codes.title}
            detail={codesInWords(view)}
            button={view.codes.left === null ? words.enrollment.codes.make : words.enrollment.codes.makeNew}
            busy={busy}
            onPress={() => action.run(() => bridge.codes.open())}
          />
        )}
        {none || view.service?.lostDevice === false ? null : (
          <Choice
            title={text.lost}
            detail={text.lostText}
            button={text.lostDo}
            confirm={text.lostConfirm}
            busy={busy}
            onPress={() => action.run((): Promise<ActionResult> => bridge.enrollment.lostDevice())}
          />
        )}
        {!none && view.service?.lostDevice === false && view.service.remoteLock ? (
          <li className="manage__choice">
            <div className="manage__words">
              <h2>{text.lost}</h2>
              <p>{text.lostElsewhere}</p>
            </div>
          </li>
        ) : null}
        <Choice
          title={text.remove}
          detail={removeInWords(view)}
          button={text.removeDo}
          confirm={text.removeConfirm}
          busy={busy}
          onPress={() => action.run((): Promise<ActionResult> => bridge.enrollment.remove())}
        />
      </ul>
    </>
  );
}

/** Opens in its place; a number or address that was registered is said until the window is left. */
function ContactChoice(props: Pick<StepProps, 'bridge' | 'view' | 'busy'>): JSX.Element {
  const [open, setOpen] = useState(false);
  const said = words.enrollment.contact;
  return (
    <li className="manage__choice">
      <div className="manage__words">
        <h2>{said.title}</h2>
        <p>{said.manageText}</p>
      </div>
      {open ? (
        <div className="manage__confirm">
          <ContactForm {...props} onCancel={() => setOpen(false)} />
        </div>
      ) : (
        <Button busy={props.busy} onPress={() => setOpen(true)}>
          {said.open}
        </Button>
      )}
    </li>
  );
}

function removeInWords({ service }: StepProps['view']): string {
  if (service?.enrollment.length === 1 && service.enrollment.includes('methods')) return text.removeTextMethods;
  return service?.remoteLock === true ? text.removeTextWorkstation : text.removeText;
}

function codesInWords({ codes }: StepProps['view']): string {
  const said = words.enrollment.codes;
  if (codes.left === null) return codes.required ? said.missing : said.noneKept;
  return `${said.left(codes.left)} ${codes.required ? said.accepted : said.notAccepted}`;
}

interface ChoiceProps {
  readonly title: string;
  readonly detail: string;
  readonly button: string;
  /** What cannot be undone; asked before it is done. */
  readonly confirm?: string;
  readonly busy: boolean;
  readonly onPress: () => Promise<boolean>;
}

function Choice({ title, detail, button, confirm, busy, onPress }: ChoiceProps): JSX.Element {
  const [asking, setAsking] = useState(false);
  const question = useRef<HTMLParagraphElement>(null);
  const opener = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (asking) question.current?.focus();
  }, [asking]);
  const stop = () => {
    setAsking(false);
    requestAnimationFrame(() => opener.current?.querySelector('button')?.focus());
  };
  return (
    <li className="manage__choice">
      <div className="manage__words">
        <h2>{title}</h2>
        <p>{detail}</p>
      </div>
      {asking && confirm !== undefined ? (
        <fieldset
          className="manage__confirm"
          onKeyDown={(event) => {
            if (event.key === 'Escape') stop();
          }}
        >
          <legend className="only-heard">{title}</legend>
          <p ref={question} tabIndex={-1}>
            {confirm}
          </p>
          <div className="row">
            <Button kind="grave" busy={busy} onPress={() => void onPress().then(() => setAsking(false))}>
              {button}
            </Button>
            <Button kind="plain" onPress={stop}>
              {words.cancel}
            </Button>
          </div>
        </fieldset>
      ) : (
        <div ref={opener}>
          <Button busy={busy} onPress={() => (confirm === undefined ? void onPress() : setAsking(true))}>
            {confirm === undefined ? button : `${button}…`}
          </Button>
        </div>
      )}
    </li>
  );
}
