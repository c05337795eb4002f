import { type JSX, useEffect, useState } from 'react';
import type { PresenceLockerBridge } from '../../protocol/ipc.ts';
import { Lost } from '../shared/mount.tsx';
import { usePublished } from '../shared/published.ts';
import { words } from '../shared/words.ts';
import { EnrollmentBody } from './enrollment-body.tsx';
import { Rail } from './rail.tsx';
import { Settings } from './settings.tsx';
import { type Draft, stepShown } from './steps.ts';

export type Tab = 'phone' | 'settings';

const SETTINGS_HASH = '#settings';

/** `enrollment/index.html#settings` opens the settings; main may also change the hash of a window that is open. */
export function tabOf(hash: string): Tab {
  return hash === SETTINGS_HASH ? 'settings' : 'phone';
}

export function EnrollmentPage({ bridge }: { readonly bridge: PresenceLockerBridge }): JSX.Element {
  const [tab, setTab] = useTab();
  const [draft, setDraft] = useState<Draft | null>(null);
  const enrollment = usePublished(bridge.enrollment);
  const status = usePublished(bridge.view);
  if (enrollment.status === 'lost') return <Lost text={words.lost.view} />;
  const received = enrollment.status === 'received' ? enrollment.latest : null;
  const workstation = status.status === 'received' ? status.latest.view.workstation : '';
  return (
    <div className="enrollment">
      <Rail
        tab={tab}
        onTab={setTab}
        view={received?.view ?? null}
        step={received === null ? null : stepShown(received.view, draft)}
      />
      {tab === 'settings' ? (
        <Settings bridge={bridge} service={status.status === 'received' ? status.latest.view.service : null} />
      ) : received === null ? (
        <main className="body" aria-busy="true" />
      ) : (
        <EnrollmentBody bridge={bridge} {...received} workstation={workstation} draft={draft} setDraft={setDraft} />
      )}
    </div>
  );
}

function useTab(): readonly [Tab, (tab: Tab) => void] {
  const [tab, setTab] = useState(() => tabOf(window.location.hash));
  useEffect(() => {
    const follow = () => setTab(tabOf(window.location.hash));
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, []);
  useEffect(() => {
    document.title = tab === 'settings' ? words.pages.settings : words.pages.phone;
  }, [tab]);
  return [tab, setTab];
}
