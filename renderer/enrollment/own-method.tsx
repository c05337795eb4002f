import { type JSX, useState } from 'react';
import type { ConfigField, PersonConfig } from '../../protocol/confirmation-methods.ts';
import type { PresenceLockerBridge } from '../../protocol/ipc.ts';
import { Button } from '../shared/button.tsx';
import { words } from '../shared/words.ts';
import { MethodForm } from './method-fields.tsx';
import type { MethodChange } from './methods.tsx';

const text = words.enrollment.methods;

export interface OwnMethodProps {
  readonly config: PersonConfig;
  readonly form: readonly ConfigField[];
  readonly bridge: PresenceLockerBridge;
  readonly change: MethodChange;
  readonly open: boolean;
  readonly setOpen: (open: boolean) => void;
}

/** A method of the person's: how it stands, and behind one button what can be done with it. */
export function OwnMethod(props: OwnMethodProps): JSX.Element {
  const { config, change, open, setOpen } = props;
  return (
    <li className="manage__choice">
      <div className="manage__words">
        <h3>{config.title}</h3>
        <p>{stateInWords(config)}</p>
      </div>
      <Button busy={change.busy} expanded={open} onPress={() => setOpen(!open)}>
        {open ? text.close : text.change}
      </Button>
      {open ? <Changes {...props} /> : null}
    </li>
  );
}

function stateInWords(config: PersonConfig): string {
  if (config.status !== 'confirmed') return text.state.unconfirmed;
  if (!config.isActive) return text.state.off;
  if (!config.isAvailable) return text.state.away;
  return config.isDefault ? text.state.asked : text.state.ready;
}

function Changes({ config, form, bridge, change }: OwnMethodProps): JSX.Element {
  const [part, setPart] = useState<'settings' | 'remove' | null>(null);
  const { id: configId } = config;
  const update = (what: { readonly isActive?: boolean; readonly isDefault?: boolean }) =>
    void change.run(() => bridge.methods.update({ configId, ...what }));
  if (part === 'settings') {
    return (
      <div className="manage__confirm">
        <p className="manage__note">{text.settingsHelp}</p>
        <MethodForm
          form={form}
          submit={text.save}
          busy={change.busy}
          onSubmit={(settings) => void change.run(() => bridge.methods.update({ configId, settings }))}
          onCancel={() => setPart(null)}
        />
      </div>
    );
  }
  if (part === 'remove') {
    return (
      <div className="manage__confirm">
        <p>{text.removeConfirm(config.title)}</p>
        <div className="row">
          <Button
            kind="grave"
            busy={change.busy}
            onPress={() => void change.run(() => bridge.methods.delete(configId))}
          >
            {text.remove}
          </Button>
          <Button kind="plain" onPress={() => setPart(null)}>
            {words.cancel}
          </Button>
        </div>
      </div>
    );
  }
  return (
    <div className="manage__confirm">
      <div className="row">
        {config.isDefault || !config.isAvailable ? null : (
          <Button busy={change.busy} onPress={() => update({ isDefault: true })}>
            {text.makeDefault}
          </Button>
        )}
        {form.length === 0 ? null : <Button onPress={() => setPart('settings')}>{`${text.settings}…`}</Button>}
        {config.status === 'confirmed' ? (
          <Button busy={change.busy} onPress={() => update({ isActive: !config.isActive })}>
            {config.isActive ? text.switchOff : text.switchOn}
          </Button>
        ) : null}
        <Button onPress={() => setPart('remove')}>{`${text.remove}…`}</Button>
      </div>
    </div>
  );
}
