import { type JSX, useState } from 'react';
import type { ApproverPhone } from '../../../../protocol/approver-state.ts';
import { Button } from '../../../../renderer/shared/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Refused, Remark } from '../parts/screen.tsx';
import { TextField } from '../parts/text-field.tsx';
import { type Deed, useDeed } from '../parts/use-deed.ts';
import type { Deeds } from '../phone/deeds.ts';
import { useWords } from '../words/language.ts';
import { moment } from '../words/moments.ts';

/** PHONE_NAME_CHARACTERS of protocol/approver-state.ts, which brings zod along; a test compares the two. */
export const NAME_CHARACTERS = 40;

export interface PhoneEntryProps {
  readonly phone: ApproverPhone;
  readonly only: boolean;
  /** The gateway's clock, Unix ms. */
  readonly now: number;
  readonly deeds: Deeds;
  readonly onSaid: (sentence: string | null) => void;
  readonly onSignedOut: () => void;
}

export function PhoneEntry(props: PhoneEntryProps): JSX.Element {
  const { phone, only, now, deeds, onSaid, onSignedOut } = props;
  const words = useWords();
  const deed = useDeed();
  const [doing, setDoing] = useState<'nothing' | 'renaming' | 'revoking'>('nothing');
  const when = (at: number) => moment(at, now, words.locale);

  const rename = async (name: string) => {
    const done = await deed.run(() => deeds.do('phone.rename', { phoneId: phone.phoneId, name }));
    if (done?.ok === true) setDoing('nothing');
  };
  const revoke = async () => {
    onSaid(null);
    const done = await deed.run(() => deeds.doFreshly('phone.revoke', { phoneId: phone.phoneId }));
    if (done?.ok !== true) return;
    if (done.answer.state === undefined) onSignedOut();
    else onSaid(words.phones.revoked(phone.name));
  };
  const meaning = [
    words.phones.revokeText,
    ...(phone.thisPhone ? [words.phones.revokeThis] : []),
    ...(only ? [words.phones.revokeLast] : []),
  ];

  return (
    <li className="entry">
      <h2>{phone.name}</h2>
      {phone.thisPhone ? <Remark mark="present">{words.phones.thisPhone}</Remark> : null}
      <p>
        {phone.lastUsedAt === undefined
          ? words.phones.added(when(phone.addedAt))
          : words.phones.lastUsed(when(phone.lastUsedAt))}
        {' · '}
        {phone.push ? words.phones.notifies : words.phones.silent}
      </p>
      {phone.backedUp ? <p className="help">{words.phones.backedUp}</p> : null}
      {doing === 'renaming' ? (
        <Rename phone={phone} deed={deed} onSave={(name) => void rename(name)} onCancel={() => setDoing('nothing')} />
      ) : doing === 'revoking' ? (
        <Confirm
          title={words.phones.revokeTitle(phone.name)}
          text={meaning.join(' ')}
          button={words.phones.revokeDo}
          busy={deed.busy}
          onSure={() => void revoke()}
          onCancel={() => setDoing('nothing')}
        />
      ) : (
        <div className="entry__buttons">
          <Button onPress={() => setDoing('renaming')}>{words.phones.rename}</Button>
          <Button kind="plain" onPress={() => setDoing('revoking')}>
            {words.phones.revoke}
          </Button>
        </div>
      )}
      <Refused text={deed.refusal} />
    </li>
  );
}

function Rename({ phone, deed, onSave, onCancel }: RenameProps): JSX.Element {
  const words = useWords();
  const [name, setName] = useState(phone.name);
  const [wrong, setWrong] = useState<string | null>(null);
  const save = () => {
    const trimmed = name.trim();
    if (trimmed === '') setWrong(words.phones.renameWrong);
    else onSave(trimmed);
  };
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <TextField
        label={words.phones.renameLabel}
        value={name}
        onChange={setName}
        maxLength={NAME_CHARACTERS}
        wrong={wrong}
      />
      <div className="entry__buttons">
        <Button kind="main" busy={deed.busy} onPress={save}>
          {words.phones.save}
        </Button>
        <Button busy={deed.busy} onPress={onCancel}>
          {words.cancel}
        </Button>
      </div>
    </form>
  );
}

interface RenameProps {
  readonly phone: ApproverPhone;
  readonly deed: Deed;
  readonly onSave: (name: string) => void;
  readonly onCancel: () => void;
}
