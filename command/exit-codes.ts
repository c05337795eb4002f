import type { ProviderError } from '../library/activeconnect.ts';
import { assertNever } from '../protocol/result.ts';

/**
 * How `presence-locker` ends. The words for the workstation (main/cli.ts) use the first four, with the same meaning; docs/cli.md lists exactly
 * these (checked by `npm run check`).
 */
export const EXIT_CODES = {
  done: { code: 0, meaning: 'Done.' },
  refused: {
    code: 1,
    meaning: 'Refused: an unknown person, no phone, a request or an SMS that the service or a policy does not allow.',
  },
  usage: { code: 2, meaning: 'An unknown word or option, or a setting that is missing or cannot be used.' },
  failed: { code: 3, meaning: 'A file or the keychain could not be read or written.' },
  unavailable: {
    code: 4,
    meaning: 'The service could not be asked, or its answer was not understood. Later it may work.',
  },
  unauthorized: {
    code: 5,
    meaning: 'The service does not accept the application id, the secret or this computer’s clock.',
  },
  no: { code: 6, meaning: 'The answer is no: no phone is registered, or the session ended without an approval.' },
  interrupted: { code: 130, meaning: 'Ctrl+C, or ended by a signal.' },
} as const satisfies Record<string, { readonly code: number; readonly meaning: string }>;
export type Ending = keyof typeof EXIT_CODES;

export function endingOf(code: ProviderError['code']): Ending {
  switch (code) {
    case 'USER_UNKNOWN':
    case 'NO_MOBILE_DEVICE':
    case 'REPORTED_BY_PHONE':
    case 'START_REFUSED':
    case 'SMS_REFUSED':
    case 'CODE_WRONG':
    case 'SETTINGS_REFUSED':
    case 'CONTACT_REFUSED':
    case 'NOT_SUPPORTED':
      return 'refused';
    case 'PROVIDER_UNAUTHORIZED':
      return 'unauthorized';
    case 'PROVIDER_RATE_LIMITED':
    case 'PROVIDER_UNAVAILABLE':
    case 'PROVIDER_UNREACHABLE':
    case 'PROVIDER_NO_NETWORK':
    case 'PROVIDER_TIMEOUT':
    case 'PROVIDER_BAD_ANSWER':
      return 'unavailable';
    default:
      return assertNever(code, 'provider error');
  }
}
