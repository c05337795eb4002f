import { clipboard, shell } from 'electron';
import { isLoopbackHostname } from '../../protocol/loopback.ts';
import { MAX_EXTERNAL_LINK_LENGTH } from './limits.ts';

export interface ExternalLinks {
  /** Opens a link in the person's browser. @throws when it is not https (or http on this computer) to an expected host. */
  open(link: string): Promise<void>;
  /** Puts text on the clipboard (the registration link). Never a secret: the clipboard is shared (CVE-2007-6389). */
  copy(text: string): void;
}

/** `shell.openExternal` runs whatever the OS has registered for a scheme, so only web links to hosts named here get that far. */
export function isLinkToExpectedHost(claimedLink: string, expectedHosts: readonly string[]): boolean {
  if (claimedLink.length > MAX_EXTERNAL_LINK_LENGTH || !URL.canParse(claimedLink)) return false;
  const url = new URL(claimedLink);
  if (url.username !== '' || url.password !== '') return false;
  if (url.protocol === 'https:') return expectedHosts.includes(url.hostname);
  return url.protocol === 'http:' && isLoopbackHostname(url.hostname) && expectedHosts.includes(url.hostname);
}

/** @param expectedHosts asked at each call, because the service can change while the app runs. */
export function createExternalLinks(expectedHosts: () => readonly string[]): ExternalLinks {
  return {
    async open(link) {
      if (!isLinkToExpectedHost(link, expectedHosts()))
        throw new Error('That link does not belong to the service in use');
      await shell.openExternal(new URL(link).href);
    },
    copy: (text) => clipboard.writeText(text),
  };
}
