import type { JSX } from 'react';
import { useWords } from './words/language.ts';

export const TABS = ['requests', 'workstations', 'activity', 'phones'] as const;
export type Tab = (typeof TABS)[number];

/** The page after `#`; anything else is the first. */
export function tabOf(hash: string): Tab {
  return TABS.find((tab) => hash === `#${tab}`) ?? 'requests';
}

/** Links, so that back and long press work as everywhere. */
export function Tabs({ current, waiting }: { readonly current: Tab; readonly waiting: number }): JSX.Element {
  const words = useWords();
  return (
    <nav className="tabs" aria-label={words.tabs.label}>
      {TABS.map((tab) => (
        <a key={tab} href={`#${tab}`} aria-current={tab === current ? 'page' : undefined}>
          <span>{words.tabs[tab]}</span>
          {tab === 'requests' && waiting > 0 ? (
            <span className="tabs__count">
              <span aria-hidden="true">{waiting}</span>
              <span className="only-heard">{words.waitingCount(waiting)}</span>
            </span>
          ) : null}
        </a>
      ))}
    </nav>
  );
}
