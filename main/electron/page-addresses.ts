import type { Page } from '../../protocol/ipc.ts';

/** Pages come from a privileged scheme of our own, never from file:// (which every local file shares as one origin). */
export const PAGE_SCHEME = 'app';
export const PAGE_HOST = 'presence-locker';

const PAGE_PATHS: Readonly<Record<Page, string>> = {
  curtain: '/curtain/index.html',
  status: '/status/index.html',
  enrollment: '/enrollment/index.html',
};

/** What a page is told through its address. Nothing secret: an address ends up in crash reports. */
export interface PageVariant {
  /** Curtain: the display with the actions, or one that only covers. */
  readonly display?: 'primary' | 'secondary';
  /** Enrollment: which part is shown first. */
  readonly section?: 'enrollment' | 'settings';
}

export function pageAddress(page: Page, variant: PageVariant = {}): string {
  const query = variant.display === undefined ? '' : `?display=${variant.display}`;
  const fragment = variant.section === undefined ? '' : `#${variant.section}`;
  return `${PAGE_SCHEME}://${PAGE_HOST}${PAGE_PATHS[page]}${query}${fragment}`;
}

/**
 * @param claimedAddress URL of a frame.
 * @returns whether it is exactly this page of ours. Compared part by part: `URL.origin` is the string "null" for every scheme that
 * Node does not know, so an origin comparison would accept anything.
 */
export function isAddressOfPage(claimedAddress: string, expectedPage: Page): boolean {
  if (!URL.canParse(claimedAddress)) return false;
  const url = new URL(claimedAddress);
  return (
    url.protocol === `${PAGE_SCHEME}:` &&
    url.hostname === PAGE_HOST &&
    url.port === '' &&
    url.username === '' &&
    url.password === '' &&
    url.pathname === PAGE_PATHS[expectedPage]
  );
}
