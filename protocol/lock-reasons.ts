/**
 * Why a phone has its workstation locked, as `command.lock` says it. The workstation has a sentence of its own for each; any other reason is
 * shown as the gateway's word.
 */
export const PHONE_LOCK_REASONS = {
  /** "Lock now" on the phone. */
  lockedFromPhone: 'Locked from your phone',
  /** "That wasn't me", answered to a request. */
  notMe: 'Your phone said: that was not me',
} as const;
