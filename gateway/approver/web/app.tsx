import { type JSX, useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { assertNever } from '../../../renderer/shared/assert-never.ts';
import { unusedEnrollmentLink } from './enrollment-code.ts';
import type { GatewayLink } from './gateway/link.ts';
import { RecentActivity } from './pages/activity.tsx';
import { Enroll } from './pages/enroll.tsx';
import { Lost, Outdated, Unsupported } from './pages/no-page.tsx';
import { Phones } from './pages/phones.tsx';
import { SignIn } from './pages/sign-in.tsx';
import { Workstations } from './pages/workstations.tsx';
import type { SignedIn } from './parts/use-clock.ts';
import { Deeds } from './phone/deeds.ts';
import { clearNotifications, permission, subscription } from './phone/notifications.ts';
import { passkeysSupported } from './phone/passkey.ts';
import { NothingPending, Requests } from './requests/requests.tsx';
import { Tabs, tabOf } from './tabs.tsx';

export interface AppProps {
  readonly link: GatewayLink;
  /** The code of the link this page was opened with. */
  readonly enrollmentCode: string | null;
}

/** Which page there is, by what is known. */
export function App({ link, enrollmentCode }: AppProps): JSX.Element {
  const known = useSyncExternalStore(link.subscribe, link.known);
  const deeds = useMemo(() => new Deeds(link), [link]);
  const [enrolling, setEnrolling] = useState(enrollmentCode);
  const enrolled = useCallback(() => setEnrolling(null), []);
  if (!passkeysSupported()) return <Alone page={<Unsupported link={unusedEnrollmentLink()} />} />;
  if (known.phase === 'outdated') return <Alone page={<Outdated />} />;
  if (enrolling !== null) {
    return <Alone page={<Enroll key={enrolling} code={enrolling} known={known} deeds={deeds} onDone={enrolled} />} />;
  }
  switch (known.phase) {
    case 'starting':
      return <main className="page" aria-busy="true" />;
    case 'lost':
      return <Alone page={<Lost onTry={() => void link.look()} />} />;
    case 'signed-out':
      return <Alone page={<SignIn ended={known.ended} deeds={deeds} onRecovered={setEnrolling} />} />;
    case 'signed-in':
      return <Inside known={known} deeds={deeds} onSignOut={() => link.signedOut()} />;
    default:
      return assertNever(known);
  }
}

function Alone({ page }: { readonly page: JSX.Element }): JSX.Element {
  return <main className="page">{page}</main>;
}

interface InsideProps {
  readonly known: SignedIn;
  readonly deeds: Deeds;
  readonly onSignOut: () => void;
}

function Inside({ known, deeds, onSignOut }: InsideProps): JSX.Element {
  const tab = useTab();
  const { requests, push } = known.state;
  const newest = requests[0]?.requestId ?? null;

  // A request is what this page is for: it comes to the front, wherever the person was.
  useEffect(() => {
    if (newest !== null) window.location.hash = 'requests';
  }, [newest]);
  useEffect(() => {
    if (newest === null) void clearNotifications();
  }, [newest]);

  // Push services drop subscriptions as they like; what was allowed once is renewed without asking again.
  const { publicKey, subscribed } = push;
  useEffect(() => {
    if (!subscribed || permission() !== 'on') return;
    void subscription(publicKey).then(
      (current) => (current === null ? undefined : deeds.do('push.subscribe', current)),
      (error: unknown) => console.warn('The subscription could not be renewed.', error),
    );
  }, [publicKey, subscribed, deeds]);

  return (
    <>
      <main className="page">{tabContent()}</main>
      <Tabs current={tab} waiting={requests.length} />
    </>
  );

  function tabContent(): JSX.Element {
    switch (tab) {
      case 'requests':
        return <Requests known={known} deeds={deeds} idle={<NothingPending known={known} />} />;
      case 'workstations':
        return <Workstations known={known} deeds={deeds} />;
      case 'activity':
        return <RecentActivity known={known} />;
      case 'phones':
        return <Phones known={known} deeds={deeds} onSignOut={onSignOut} />;
      default:
        return assertNever(tab);
    }
  }
}

function useTab() {
  const [tab, setTab] = useState(() => tabOf(window.location.hash));
  useEffect(() => {
    const changed = () => setTab(tabOf(window.location.hash));
    window.addEventListener('hashchange', changed);
    return () => window.removeEventListener('hashchange', changed);
  }, []);
  return tab;
}
