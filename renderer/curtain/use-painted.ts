import { useEffect } from 'react';
import type { PresenceLockerBridge } from '../../protocol/ipc.ts';

/**
 * Tells main once the screen really shows this state: the first frame callback runs before painting, the second after it. Frames are
 * not delivered to a hidden window, so the promise "painted" is never given for pixels nobody can see; becoming visible repeats it.
 */
export function usePainted(bridge: PresenceLockerBridge, stateKey: string | null): void {
  useEffect(() => {
    if (stateKey === null) return;
    let frame = 0;
    const tell = () => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => {
        frame = requestAnimationFrame(() => {
          bridge.painted().catch((cause: unknown) => {
            // Main waits for this with a deadline of its own and locks without it; here it can only be noted.
            console.warn('Main did not take the painted report.', cause);
          });
        });
      });
    };
    const whenVisible = () => {
      if (document.visibilityState === 'visible') tell();
    };
    tell();
    document.addEventListener('visibilitychange', whenVisible);
    return () => {
      cancelAnimationFrame(frame);
      document.removeEventListener('visibilitychange', whenVisible);
    };
  }, [bridge, stateKey]);
}
