import { type JSX, useEffect, useState } from 'react';
import type { PresenceLockerBridge } from '../../protocol/ipc.ts';
import type { ViewModel } from '../../protocol/view-model.ts';
import { Announcer, asSentences, useAnnouncement } from '../shared/announcement.tsx';
import { Button } from '../shared/button.tsx';
import { Lost } from '../shared/mount.tsx';
import { Note, Refusal } from '../shared/note.tsx';
import { type Received, usePublished } from '../shared/published.ts';
import { Ring, RingNumber } from '../shared/ring.tsx';
import { type SaidOnce, saidOnce } from '../shared/said-once.ts';
import { Sentence, withCountdown } from '../shared/sentence.tsx';
import { localPlace, moment, ringTime, secondsLeft } from '../shared/time-words.ts';
import { TrialMark } from '../shared/trial-mark.tsx';
import { useAction } from '../shared/use-action.ts';
import { type Remaining, useCountdown, useWallClock } from '../shared/use-countdown.ts';
import { words } from '../shared/words.ts';
import { Facts } from './facts.tsx';
import { History } from './history.tsx';
import { PausePicker } from './pause-picker.tsx';

const PLACE = localPlace(words.locale);

export function StatusPage({ bridge }: { readonly bridge: PresenceLockerBridge }): JSX.Element {
  const published = usePublished(bridge.view);
  if (published.status === 'lost') return <Lost text={words.lost.view} />;
  if (published.status === 'waiting') return <main className="status" aria-busy="true" />;
  return <Status bridge={bridge} {...published.latest} />;
}

function Status({
  bridge,
  view,
  receivedAt,
}: { readonly bridge: PresenceLockerBridge } & Received<ViewModel>): JSX.Element {
  const remaining = useCountdown(view.countdown, receivedAt);
  const now = useWallClock();
  const said = saidOnce(view.headline, view.detail, view.problem);
  const detail = withCountdown(said.detail, remaining?.ms ?? null);
  const nobody = view.state === 'unenrolled' && view.disabledSinceWall === null;
  const unguarded = view.state === 'unenrolled';
  const announced = useAnnouncement(
    `${view.state} ${view.headline} ${view.problem?.title ?? ''} ${view.prompt?.kind ?? ''}`,
    asSentences([view.headline, detail, said.problem?.title ?? '']),
    remaining === null ? null : secondsLeft(remaining.ms),
    words.curtain.secondsLeft,
  );
  return (
    <main className="status" data-state={view.state} data-tone={view.mark}>
      <Banners view={view} problem={said.problem} now={now} />
      <Hero view={view} detail={detail} remaining={remaining} centred={nobody} />
      {unguarded ? null : <Facts view={view} now={now} place={PLACE} />}
      <Actions bridge={bridge} view={view} />
      {nobody && view.history.length === 0 ? null : (
        <History bridge={bridge} entries={view.history} now={now} place={PLACE} />
      )}
      <nav className="status__foot" aria-label={words.status.sections}>
        {nobody ? null : (
          <Button kind="plain" onPress={() => void bridge.openWindow('enrollment')}>
            {words.status.phone}
          </Button>
        )}
        <Button kind="plain" onPress={() => void bridge.openWindow('settings')}>
          {words.status.settings}
        </Button>
      </nav>
      <Announcer text={announced} />
    </main>
  );
}

/** Wrong although the state itself is fine: a strip above everything, because it changes what the rest means. */
function Banners({ view, problem, now }: BannersProps): JSX.Element | null {
  if (problem === null && view.disabledSinceWall === null) return null;
  return (
    <div className="status__banners">
      {view.disabledSinceWall === null ? null : (
        <Note
          mark="paused"
          title={words.status.disabledTitle(moment(view.disabledSinceWall, now, PLACE))}
          text={words.status.disabledText}
        />
      )}
      {problem === null ? null : <Note title={problem.title} text={problem.detail} />}
    </div>
  );
}

interface BannersProps {
  readonly view: ViewModel;
  readonly problem: SaidOnce['problem'];
  readonly now: number;
}

function Hero({ view, detail, remaining, centred }: HeroProps): JSX.Element {
  const time = remaining === null ? null : ringTime(remaining.ms);
  return (
    <header className="hero" data-centred={centred}>
      {view.prompt?.kind === 'number' && view.state === 'present' ? (
        <Ring mark="verifying" remaining={null}>
          <RingNumber value={view.prompt.number} unit="" />
        </Ring>
      ) : time !== null && time.unit === 'seconds' ? (
        <Ring mark={view.mark} remaining={remaining}>
          <RingNumber value={time.value} unit="" />
        </Ring>
      ) : (
        <Ring mark={view.mark} remaining={null} turning={view.state === 'verifying' || view.state === 'locking'} />
      )}
      <div className="hero__words">
        <h1>{view.headline}</h1>
        <p>
          <Sentence text={detail} />
        </p>
      </div>
      {view.trial ? <TrialMark long /> : null}
    </header>
  );
}

interface HeroProps {
  readonly view: ViewModel;
  readonly detail: string;
  readonly remaining: Remaining | null;
  readonly centred: boolean;
}

function Actions({
  bridge,
  view,
}: {
  readonly bridge: PresenceLockerBridge;
  readonly view: ViewModel;
}): JSX.Element | null {
  const action = useAction();
  const [pausing, setPausing] = useState(false);
  const [pauseAsked, setPauseAsked] = useState(false);
  const { lockNow, pause, askAgain } = view.actions;
  // Main allows enrolling again while present; here it is the one button of a workstation that nobody is enrolled on.
  const enroll = view.actions.enroll && view.state === 'unenrolled' && view.disabledSinceWall === null;
  useEffect(() => {
    if (pause) return;
    setPausing(false);
    setPauseAsked(false);
  }, [pause]);
  if (!lockNow && !pause && !enroll && !askAgain && !view.trial) return null;

  const askForPause = async (minutes: number) => {
    if (!(await action.run(() => bridge.action.pause(minutes)))) return;
    setPausing(false);
    setPauseAsked(true);
  };
  return (
    <section className="status__actions">
      <div className="status__buttons">
        {enroll ? (
          <Button kind="main" onPress={() => void action.run(() => bridge.openWindow('enrollment'))}>
            {words.status.enroll}
          </Button>
        ) : null}
        {askAgain ? (
          <Button kind="main" busy={action.pending} onPress={() => void action.run(() => bridge.action.askAgain())}>
            {words.curtain.askAgain}
          </Button>
        ) : null}
        {lockNow ? (
          <Button
            {...(askAgain || enroll ? {} : { kind: 'main' as const })}
            busy={action.pending}
            onPress={() => void action.run(() => bridge.action.lockNow())}
          >
            {words.lockNow}
          </Button>
        ) : null}
        {pause ? (
          <Button expanded={pausing} onPress={() => setPausing(!pausing)}>
            {words.status.pause}
          </Button>
        ) : null}
      </div>
      {view.trial && view.state !== 'unenrolled' ? (
        <div className="status__buttons">
          <Button onPress={() => void action.run(() => bridge.enrollment.openPhonePage())}>
            {words.openTrialPhone}
          </Button>
        </div>
      ) : null}
      {pausing && pause ? (
        <PausePicker
          maxMinutes={view.actions.maxPauseMinutes}
          busy={action.pending}
          onChoose={askForPause}
          onCancel={() => setPausing(false)}
        />
      ) : null}
      <p className="status__asked" role="status">
        {pauseAsked ? words.status.pauseAsked : null}
      </p>
      <Refusal text={action.refusal} />
    </section>
  );
}
