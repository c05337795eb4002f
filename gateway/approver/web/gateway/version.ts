import { isRecord } from '../decode/guards.ts';

/** Hash of what this page was built from; approver.vite.config.ts puts it in here, into version.json and into the service worker. */
declare const __APPROVER_VERSION__: string;
export const PAGE_VERSION = __APPROVER_VERSION__;

/** At most this often: a gateway that serves a page and another version.json must not make phones reload for ever. */
const RELOAD_AT_MOST_EVERY_MS = 60_000;
const RELOADED_AT = 'presence-locker-reloaded-at';

/** Whether the gateway has another version of this page than the one that runs. Unreachable: no. */
export async function newerVersionServed(): Promise<boolean> {
  try {
    const response = await fetch('/approver/version.json', { cache: 'no-store', credentials: 'same-origin' });
    const body: unknown = await response.json();
    return response.ok && isRecord(body) && typeof body['version'] === 'string' && body['version'] !== PAGE_VERSION;
  } catch {
    return false;
  }
}

/** Loads the page anew, unless that has just been done. @returns false if it was not done. */
export function reloadOnce(): boolean {
  try {
    const last = Number(sessionStorage.getItem(RELOADED_AT) ?? 0);
    if (Date.now() - last < RELOAD_AT_MOST_EVERY_MS) return false;
    sessionStorage.setItem(RELOADED_AT, String(Date.now()));
  } catch {
    // Without storage a loop could not be seen: the person reloads.
    return false;
  }
  window.location.reload();
  return true;
}
