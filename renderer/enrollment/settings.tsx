import { type JSX, useId } from 'react';
import type { PresenceLockerBridge } from '../../protocol/ipc.ts';
import type { SettingsView, ViewModel } from '../../protocol/view-model.ts';
import { Lost } from '../shared/mount.tsx';
import { Note, Refusal } from '../shared/note.tsx';
import { usePublished } from '../shared/published.ts';
import { Switch } from '../shared/switch.tsx';
import { useAction } from '../shared/use-action.ts';
import { words } from '../shared/words.ts';
import { SETTING_GROUPS, type SettingGroup, settingsIn } from './setting-groups.ts';
import { SettingRow } from './setting-row.tsx';
import { StepTitle } from './step-title.tsx';

const text = words.settings;

export interface SettingsProps {
  readonly bridge: PresenceLockerBridge;
  /** In use; null while nothing is known of it. */
  readonly service: ViewModel['service'];
}

export function Settings({ bridge, service }: SettingsProps): JSX.Element {
  const published = usePublished(bridge.settings);
  if (published.status === 'lost') return <Lost text={words.lost.view} />;
  if (published.status === 'waiting')
    return <main className="body settings" aria-busy="true" aria-label={text.loading} />;
  const { view } = published.latest;
  return (
    <main className="body settings">
      <StepTitle title={text.title} />
      {view.problem === null ? null : <Note title={text.problem} text={view.problem} />}
      {SETTING_GROUPS.map((group) => (
        <Group key={group} group={group} view={view} bridge={bridge} service={service} />
      ))}
    </main>
  );
}

function Group({ group, view, bridge, service }: GroupProps): JSX.Element | null {
  const settings = settingsIn(group, view.settings);
  if (settings.length === 0 && group !== 'computer') return null;
  return (
    <section className="settings__group" aria-labelledby={`group-${group}`}>
      <h2 id={`group-${group}`}>{text.groups[group]}</h2>
      {group === 'leaving' && service !== null && !service.proximity ? (
        <p className="settings__note">{words.status.noProximity(service.title)}</p>
      ) : null}
      {group === 'computer' ? <StartAtLogin view={view} bridge={bridge} /> : null}
      {settings.map((setting) => (
        <SettingRow key={setting.key} setting={setting} save={(value) => bridge.settings.set(setting.key, value)} />
      ))}
    </section>
  );
}

interface GroupProps {
  readonly group: SettingGroup;
  readonly view: SettingsView;
  readonly service: ViewModel['service'];
  readonly bridge: PresenceLockerBridge;
}

function StartAtLogin({ view, bridge }: Pick<GroupProps, 'view' | 'bridge'>): JSX.Element {
  const id = useId();
  const action = useAction();
  const { value, available, detail } = view.startAtLogin;
  return (
    <div className="setting">
      <div className="setting__words">
        <label htmlFor={id}>{text.startAtLogin}</label>
        <p id={`${id}-detail`}>{detail}</p>
        <Refusal text={action.refusal} />
      </div>
      <Switch
        id={id}
        on={value}
        disabled={!available || action.pending}
        describedBy={`${id}-detail`}
        onSwitch={(wanted) => void action.run(() => bridge.settings.setStartAtLogin(wanted))}
      />
    </div>
  );
}
