import { type JSX, useId } from 'react';
import type { ActionResult } from '../../protocol/ipc.ts';
import type { SettingView } from '../../protocol/view-model.ts';
import { assertNever } from '../shared/assert-never.ts';
import { Refusal } from '../shared/note.tsx';
import { Switch } from '../shared/switch.tsx';
import { type Action, useAction } from '../shared/use-action.ts';
import { words } from '../shared/words.ts';
import { NumberSetting } from './number-setting.tsx';

const text = words.settings;

export interface SettingRowProps {
  readonly setting: SettingView;
  readonly save: (value: SettingView['value']) => Promise<ActionResult>;
}

/** One setting: what it does on the left, its value on the right; fixed ones say who fixed them. */
export function SettingRow({ setting, save }: SettingRowProps): JSX.Element {
  const id = useId();
  const action = useAction();
  const fixed = fixedBy(setting);
  return (
    <div className="setting" data-fixed={fixed !== null}>
      <div className="setting__words">
        {fixed === null && setting.control.kind !== 'choice' ? (
          <label htmlFor={id}>{setting.title}</label>
        ) : (
          <span id={`${id}-title`} className="setting__title">
            {setting.title}
          </span>
        )}
        <p id={`${id}-detail`}>{setting.detail}</p>
        {fixed === null ? null : <p className="setting__fixed">{fixed}</p>}
        <Refusal text={action.refusal} />
      </div>
      {fixed === null ? (
        <Control id={id} setting={setting} action={action} save={save} />
      ) : (
        <output className="setting__value" aria-labelledby={`${id}-title`}>
          {valueInWords(setting)}
        </output>
      )}
    </div>
  );
}

function Control({
  id,
  setting,
  action,
  save,
}: SettingRowProps & { readonly id: string; readonly action: Action }): JSX.Element {
  const { control } = setting;
  switch (control.kind) {
    case 'switch':
      return (
        <Switch
          id={id}
          on={setting.value === true}
          describedBy={`${id}-detail`}
          onSwitch={(wanted) => void action.run(() => save(wanted))}
        />
      );
    case 'number':
      return (
        <NumberSetting
          key={String(setting.value)}
          id={id}
          value={Number(setting.value)}
          control={control}
          save={(value) => action.run(() => save(value))}
        />
      );
    case 'choice':
      return (
        <div
          className="segments setting__choice"
          role="radiogroup"
          aria-labelledby={`${id}-title`}
          aria-describedby={`${id}-detail`}
        >
          {control.options.map((option) => (
            <label className="segment" key={option.value}>
              <input
                type="radio"
                name={id}
                checked={setting.value === option.value}
                onChange={() => void action.run(() => save(option.value))}
              />
              <span>{option.title}</span>
            </label>
          ))}
        </div>
      );
    default:
      return assertNever(control);
  }
}

function fixedBy(setting: SettingView): string | null {
  switch (setting.source) {
    case 'machine':
      return text.fixedByMachine;
    case 'gateway':
      return text.fixedByGateway;
    case 'default':
    case 'user':
      return null;
    default:
      return assertNever(setting.source);
  }
}

function valueInWords({ control, value }: SettingView): string {
  switch (control.kind) {
    case 'switch':
      return value === true ? text.on : text.off;
    case 'number':
      return `${value} ${control.unit}`;
    case 'choice':
      return control.options.find((option) => option.value === value)?.title ?? String(value);
    default:
      return assertNever(control);
  }
}
