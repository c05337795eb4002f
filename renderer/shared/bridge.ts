import type { PresenceLockerBridge } from '../../protocol/ipc.ts';

declare global {
  interface Window {
    /** Put there by the preload, and by nothing else. Absent when a page is opened in an ordinary browser. */
    readonly presenceLocker?: PresenceLockerBridge;
  }
}

export function bridgeOf(window: Window): PresenceLockerBridge | null {
  return window.presenceLocker ?? null;
}
