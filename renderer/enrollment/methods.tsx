import { type JSX, useEffect, useRef, useState } from 'react';
import type { ConfirmationMethod, MethodSettings } from '../../protocol/confirmation-methods.ts';
import type { ActionResult, MethodChanged } from '../../protocol/ipc.ts';
import type { EnrollmentView } from '../../protocol/view-model.ts';
import { Button } from '../shared/button.tsx';
import { Refusal } from '../shared/note.tsx';
import { type Action, useAction } from '../shared/use-action.ts';
import { words } from '../shared/words.ts';
import { ConfirmChange, SetUpLink } from './method-confirm.tsx';
import { MethodForm } from './method-fields.tsx';
import { OwnMethod } from './own-method.tsx';
import type { StepProps } from './step-props.ts';
import { isToldAbove } from './told-above.ts';

const text = words.enrollment.methods;

export type MethodsView = NonNullable<EnrollmentView['methods']>;
export type MethodsProps = Pick<StepProps, 'bridge' | 'view' | 'busy'>;

/** What the methods' parts need to change something. */
export interface MethodChange {
  readonly action: Action;
  readonly busy: boolean;
  /** Runs a change and keeps the link it may answer with: told once, and forgotten with this window. */
  run(change: () => Promise<MethodChanged | ActionResult>): Promise<boolean>;
}

/** What the person has set up at the service, and what there is. Each part opens in its place; one is open at a time. */
export function Methods(props: MethodsProps): JSX.Element {
  const { bridge, view } = props;
  const known = view.methods;
  const reading = useReading(props);
  const action = useAction();
  const [setUpLink, setSetUpLink] = useState<string | null>(null);
  const [open, setOpen] = useState<string | null>(null);
  const change: MethodChange = {
    action,
    busy: props.busy || action.pending,
    run: async (ask) => {
      setSetUpLink(null);
      const done = await action.run(async () => {
        const result = await ask();
        if (result.ok && 'setUpLink' in result) setSetUpLink(result.setUpLink);
        return result.ok ? { ok: true } : result;
      });
      if (done) setOpen(null);
      return done;
    },
  };
  if (known === null) return <NotRead reading={reading} busy={props.busy} />;
  return (
    <section className="methods" aria-labelledby="methods">
      {known.configs.length === 0 ? null : <h2 id="methods">{text.title}</h2>}
      {setUpLink === null ? null : <SetUpLink link={setUpLink} />}
      {known.toConfirm === null ? null : (
        <ConfirmChange
          key={known.toConfirm.configId}
          label={known.toConfirm.label}
          change={change}
          confirm={(data) => bridge.methods.confirm(data)}
        />
      )}
      {known.configs.length === 0 ? null : (
        <ul className="manage">
          {known.configs.map((config) => (
            <OwnMethod
              key={config.id}
              config={config}
              form={known.methods.find(({ id }) => id === config.methodId)?.form ?? []}
              bridge={bridge}
              change={change}
              open={open === config.id}
              setOpen={(wanted) => setOpen(wanted ? config.id : null)}
            />
          ))}
        </ul>
      )}
      <h2 {...(known.configs.length === 0 ? { id: 'methods' } : {})}>
        {known.configs.length === 0 ? text.addFirst : text.add}
      </h2>
      {known.methods.length === 0 ? <p className="manage__note">{text.none}</p> : null}
      <ul className="manage">
        {known.methods.map((method) => (
          <NewMethod
            key={method.id}
            method={method}
            change={change}
            open={open === `new ${method.id}`}
            setOpen={(wanted) => setOpen(wanted ? `new ${method.id}` : null)}
            create={(settings) => bridge.methods.create(method.id, settings)}
          />
        ))}
      </ul>
      <Refusal text={isToldAbove(action.refusal, view.problem) ? null : action.refusal} />
    </section>
  );
}

/** Asked for once when they are first shown; after that by hand, so that a service that fails is not asked again and again. */
function useReading({ bridge, view, busy }: MethodsProps): Action {
  const action = useAction();
  const asked = useRef(false);
  const { run } = action;
  const wanted = view.methods === null && view.service !== null && !busy;
  useEffect(() => {
    if (!wanted || asked.current) return;
    asked.current = true;
    void run(() => bridge.methods.refresh());
  }, [wanted, bridge, run]);
  return { ...action, run: () => run(() => bridge.methods.refresh()) };
}

function NotRead({ reading, busy }: { readonly reading: Action; readonly busy: boolean }): JSX.Element {
  return (
    <section className="methods">
      {reading.refusal === null ? (
        <p className="waiting" role="status">
          {text.reading}
        </p>
      ) : (
        <div className="row">
          <Button busy={busy || reading.pending} onPress={() => void reading.run(async () => ({ ok: true }))}>
            {text.read}
          </Button>
        </div>
      )}
    </section>
  );
}

interface NewMethodProps {
  readonly method: ConfirmationMethod;
  readonly change: MethodChange;
  readonly open: boolean;
  readonly setOpen: (open: boolean) => void;
  readonly create: (settings: MethodSettings) => Promise<MethodChanged>;
}

function NewMethod({ method, change, open, setOpen, create }: NewMethodProps): JSX.Element {
  const send = (settings: MethodSettings) => void change.run(() => create(settings));
  return (
    <li className="manage__choice">
      <div className="manage__words">
        <h3>{method.title}</h3>
      </div>
      {open ? (
        <div className="manage__confirm">
          <MethodForm
            form={method.form}
            submit={text.setUp}
            busy={change.busy}
            onSubmit={send}
            onCancel={() => setOpen(false)}
          />
        </div>
      ) : (
        <Button busy={change.busy} onPress={() => (method.form.length === 0 ? send({}) : setOpen(true))}>
          {method.form.length === 0 ? text.setUp : `${text.setUp}…`}
        </Button>
      )}
    </li>
  );
}
