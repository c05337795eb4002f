import type { NativeCalls } from '../native-calls.ts';

/**
 * Windows sends WM_WTSSESSION_CHANGE only to a window that asked for it. Called by main/electron with the handle of its hidden
 * window; a failure costs the console and remote events only, and is told to `onTrouble`.
 */
export function requestSessionNotifications(
  nativeWindowHandle: Buffer,
  native: Pick<NativeCalls, 'registerSessionNotification'>,
  onTrouble: (source: string, reason: string) => void,
): void {
  const handle =
    nativeWindowHandle.length >= 8 ? nativeWindowHandle.readBigUInt64LE(0) : BigInt(nativeWindowHandle.readUInt32LE(0));
  native.registerSessionNotification(handle).then(
    (accepted) => {
      if (!accepted) onTrouble('Windows session changes', 'Windows refused to report session changes');
    },
    (error: unknown) => onTrouble('Windows session changes', error instanceof Error ? error.message : 'not available'),
  );
}
