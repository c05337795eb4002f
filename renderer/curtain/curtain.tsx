import { type JSX, useEffect, useRef, useState } from 'react';
import type { PresenceLockerBridge } from '../../protocol/ipc.ts';
import type { ViewModel } from '../../protocol/view-model.ts';
import { Announcer, asSentences, useAnnouncement } from '../shared/announcement.tsx';
import { Lost } from '../shared/mount.tsx';
import { Note, Refusal } from '../shared/note.tsx';
import { type Received, usePublished } from '../shared/published.ts';
import { saidOnce } from '../shared/said-once.ts';
import { Sentences, withCountdown } from '../shared/sentence.tsx';
import { ago, clockTime, localPlace, secondsLeft } from '../shared/time-words.ts';
import { TrialMark } from '../shared/trial-mark.tsx';
import { useAction } from '../shared/use-action.ts';
import { useCountdown, useWallClock } from '../shared/use-countdown.ts';
import { words } from '../shared/words.ts';
import { Centre } from './centre.tsx';
import { CodeEntry } from './code-entry.tsx';
import { containInput } from './contain-input.ts';
import { CurtainActions } from './curtain-actions.tsx';
import type { DisplayRole } from './display-role.ts';
import { usePainted } from './use-painted.ts';

const PLACE = localPlace(words.locale);

export interface CurtainProps {
  readonly bridge: PresenceLockerBridge;
  readonly role: DisplayRole;
}

export function CurtainPage({ bridge, role }: CurtainProps): JSX.Element {
  const published = usePublished(bridge.view);
  const latest = published.status === 'received' ? published.latest : null;
  usePainted(bridge, latest === null ? null : `${latest.view.state} ${latest.view.mark} ${latest.view.sinceWall}`);
  useEffect(() => containInput(document), []);
  if (published.status === 'lost') return <Lost text={words.lost.view} />;
  if (latest === null) return <main className="curtain" aria-busy="true" />;
  return role === 'secondary' ? <CalmCurtain {...latest} /> : <Curtain bridge={bridge} {...latest} />;
}

function Curtain({
  bridge,
  view,
  receivedAt,
}: { readonly bridge: PresenceLockerBridge } & Received<ViewModel>): JSX.Element {
  const remaining = useCountdown(view.countdown, receivedAt);
  const action = useAction();
  const [recovering, setRecovering] = useState(false);
  const middle = useRef<HTMLElement>(null);
  const typing = recovering && view.actions.recoveryCode;
  const said = saidOnce(view.headline, view.detail, view.problem);
  const detail = withCountdown(said.detail, remaining?.ms ?? null);
  const stateKey = `${view.state} ${view.headline} ${view.problem?.title ?? ''} ${view.prompt?.kind ?? ''}`;
  const announced = useAnnouncement(
    stateKey,
    asSentences([view.headline, detail, said.problem?.title ?? '']),
    remaining === null ? null : secondsLeft(remaining.ms),
    words.curtain.secondsLeft,
  );
  // The focus starts on the text, never on a button: someone still typing a password must not press one (CVE-2014-5195).
  const focusedFor = useRef<ViewModel['state'] | null>(null);
  useEffect(() => {
    if (focusedFor.current === view.state) return;
    focusedFor.current = view.state;
    if (document.querySelector('.code-entry') === null) middle.current?.focus();
  }, [view.state]);

  return (
    <main className="curtain" data-tone={toneOf(view)} data-state={view.state}>
      <CurtainTop view={view} />
      <section className="curtain__middle" ref={middle} tabIndex={-1} aria-labelledby="headline">
        <Centre view={view} remaining={remaining} typing={typing} />
        <div className="curtain__words">
          <h1 id="headline">{view.headline}</h1>
          <p className="curtain__detail">
            <Sentences text={detail} />
          </p>
        </div>
        {typing ? (
          <CodeEntry
            label={words.curtain.recoveryLabel}
            help={words.curtain.recoveryHelp}
            action={action}
            send={(code) => bridge.action.offlineCode(code)}
          />
        ) : view.prompt?.kind === 'code' ? (
          <CodeEntry
            label={view.prompt.label}
            action={action}
            send={(data) => bridge.action.answer(data)}
            oneTime
            {...(view.prompt.length === undefined ? {} : { length: view.prompt.length })}
            {...(view.prompt.triesLeft === undefined ? {} : { triesLeft: view.prompt.triesLeft })}
          />
        ) : null}
        <Refusal text={action.refusal} />
        <CurtainActions bridge={bridge} view={view} action={action} recovering={typing} setRecovering={setRecovering} />
        {said.problem === null ? null : (
          <div className="curtain__problem">
            <Note title={said.problem.title} text={said.problem.detail} />
          </div>
        )}
      </section>
      <CurtainFoot view={view} />
      <Announcer text={announced} />
    </main>
  );
}

/** Beside the display with the controls: the same ring, one sentence, nothing to operate. */
function CalmCurtain({ view, receivedAt }: Received<ViewModel>): JSX.Element {
  const remaining = useCountdown(view.countdown, receivedAt);
  return (
    <main className="curtain curtain--calm" data-tone={toneOf(view)} data-state={view.state}>
      <CurtainTop view={view} />
      <section className="curtain__middle" aria-labelledby="headline">
        <Centre view={{ ...view, prompt: null }} remaining={remaining} typing={false} />
        <div className="curtain__words">
          <h1 id="headline">{view.headline}</h1>
          {view.state === 'verifying' ? <p className="curtain__detail">{words.curtain.otherDisplay}</p> : null}
        </div>
      </section>
      <CurtainFoot view={view} />
    </main>
  );
}

function CurtainTop({ view }: { readonly view: ViewModel }): JSX.Element {
  const now = useWallClock();
  return (
    <header className="curtain__edge">
      <span className="curtain__who">
        <span>{view.workstation}</span>
        {view.trial ? <TrialMark long /> : null}
      </span>
      <time>{clockTime(now, PLACE)}</time>
    </header>
  );
}

function CurtainFoot({ view }: { readonly view: ViewModel }): JSX.Element {
  const now = useWallClock();
  return (
    <footer className="curtain__edge">
      <span>{words.product}</span>
      <span>{serviceLine(view, now)}</span>
    </footer>
  );
}

function serviceLine(view: ViewModel, now: number): string {
  if (view.service === null) return '';
  if (view.lastHeardAtWall === null) return words.curtain.serviceNeverReached;
  const when = ago(view.lastHeardAtWall, now);
  return view.service.reachable ? words.curtain.serviceReached(when) : words.curtain.serviceUnreachable(when);
}

/** A lock that is not confirmed is the one thing on this screen that must look wrong. */
function toneOf(view: ViewModel): ViewModel['mark'] {
  if (view.state === 'unlocking') return 'present';
  return view.state === 'locking' ? 'locked' : view.mark;
}
