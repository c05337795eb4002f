import { type JSX, useRef, useState } from 'react';
import type { ApproverWorkstation } from '../../../../protocol/approver-state.ts';
import { Button } from '../../../../renderer/shared/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Refused, Remark, Said, Screen, Title, Told } from '../parts/screen.tsx';
import { type SignedIn, useServerClock } from '../parts/use-clock.ts';
import { useDeed } from '../parts/use-deed.ts';
import type { Deeds } from '../phone/deeds.ts';
import { useWords } from '../words/language.ts';
import { moment } from '../words/moments.ts';
import { PauseChoice } from './pause-choice.tsx';

export function Workstations({ known, deeds }: { readonly known: SignedIn; readonly deeds: Deeds }): JSX.Element {
  const words = useWords();
  const now = useServerClock(known);
  const [said, setSaid] = useState<string | null>(null);
  const { workstations } = known.state;
  if (workstations.length === 0) {
    return <Told mark="unenrolled" title={words.workstations.empty} text={words.workstations.emptyText} />;
  }
  return (
    <Screen>
      <Title>{words.workstations.title}</Title>
      <Said text={said} />
      <ul className="entries">
        {workstations.map((workstation) => (
          <Entry
            key={workstation.workstationId}
            workstation={workstation}
            longestPause={known.state.maxPauseMinutes}
            now={now}
            deeds={deeds}
            onSaid={setSaid}
          />
        ))}
      </ul>
      {workstations.some(({ session }) => session !== undefined) ? (
        <p className="help">{words.workstations.endHelp}</p>
      ) : null}
    </Screen>
  );
}

interface EntryProps {
  readonly workstation: ApproverWorkstation;
  /** Minutes; 0: none. */
  readonly longestPause: number;
  readonly now: number;
  readonly deeds: Deeds;
  readonly onSaid: (sentence: string | null) => void;
}

function Entry({ workstation, longestPause, now, deeds, onSaid }: EntryProps): JSX.Element {
  const { workstations: words, locale } = useWords();
  const deed = useDeed();
  const [opened, setOpened] = useState(false);
  const [removing, setRemoving] = useState(false);
  const entry = useRef<HTMLLIElement>(null);
  const { workstationId, name, connected, session, blockedUntil } = workstation;
  const blocked = blockedUntil !== undefined && blockedUntil > now;
  const mayPause = connected && session !== undefined && longestPause > 0;
  const choosing = mayPause && opened;
  // The keyboard, and a screen reader, go on where the choice was opened.
  const closeChoice = () => {
    setOpened(false);
    entry.current?.querySelector<HTMLElement>('[aria-expanded]')?.focus();
  };
  const pause = async (minutes: number) => {
    onSaid(null);
    const done = await deed.run(() => deeds.pause(workstationId, minutes));
    if (done?.ok !== true) return;
    closeChoice();
    onSaid(words.pauseAsked(name));
  };
  const act = async (call: `workstation.${'lock' | 'end' | 'unblock' | 'remove'}`, sentence: string) => {
    onSaid(null);
    const done = await deed.run(() => deeds.doFreshly(call, { workstationId }));
    if (done?.ok === true) onSaid(sentence);
  };
  return (
    <li className="entry" ref={entry}>
      <h2>{name}</h2>
      <Presence workstation={workstation} now={now} />
      {connected ? null : (
        <p className="help">
          {words.away}. {words.awayText}
        </p>
      )}
      {blocked ? (
        <>
          <Remark mark="problem">{words.blocked(moment(blockedUntil, now, locale))}</Remark>
          <p className="help">{words.unblockHelp}</p>
        </>
      ) : null}
      {removing ? (
        <Confirm
          title={words.removeTitle(name)}
          text={words.removeText}
          button={words.removeDo}
          busy={deed.busy}
          onSure={() => void act('workstation.remove', words.removed(name))}
          onCancel={() => setRemoving(false)}
        />
      ) : (
        <div className="entry__buttons">
          {connected ? (
            <Button
              {...(choosing ? {} : { kind: 'main' })}
              busy={deed.busy}
              onPress={() => void act('workstation.lock', words.locked(name))}
            >
              {words.lock}
            </Button>
          ) : null}
          {mayPause ? (
            <Button expanded={choosing} onPress={() => (choosing ? closeChoice() : setOpened(true))}>
              {words.pause}
            </Button>
          ) : null}
          {session === undefined || choosing ? null : (
            <Button busy={deed.busy} onPress={() => void act('workstation.end', words.ended(name))}>
              {words.end}
            </Button>
          )}
          {blocked ? (
            <Button busy={deed.busy} onPress={() => void act('workstation.unblock', words.unblocked(name))}>
              {words.unblock}
            </Button>
          ) : null}
          {choosing ? null : (
            <Button kind="plain" onPress={() => setRemoving(true)}>
              {words.remove}
            </Button>
          )}
        </div>
      )}
      {choosing ? (
        <PauseChoice
          workstation={name}
          longest={longestPause}
          busy={deed.busy}
          onChosen={(minutes) => void pause(minutes)}
          onCancel={closeChoice}
        />
      ) : null}
      <Refused text={deed.refusal} />
    </li>
  );
}

function Presence({ workstation, now }: Pick<EntryProps, 'workstation' | 'now'>): JSX.Element {
  const { workstations: words, locale } = useWords();
  const { connected, session, pausedUntil, lastUsedAt } = workstation;
  const when = (at: number) => moment(at, now, locale);
  if (session !== undefined)
    return <Remark mark="present">{words.here(when(session.since), when(session.until))}</Remark>;
  if (pausedUntil !== undefined && pausedUntil > now)
    return (
      <>
        <Remark mark="paused">{words.paused(when(pausedUntil))}</Remark>
        {connected ? <p className="help">{words.pausedText}</p> : null}
      </>
    );
  return (
    <Remark mark="unenrolled">
      {lastUsedAt === undefined ? words.nobody : `${words.nobody}. ${words.lastUsed(when(lastUsedAt))}`}
    </Remark>
  );
}
