import type { EnrollmentView } from '../../protocol/view-model.ts';
import type { EnrollmentLinkFailure } from './enrollment-ports.ts';

export type EnrollmentProblem = NonNullable<EnrollmentView['problem']>;
type WayOn = EnrollmentProblem['wayOn'];

const problem = (title: string, detail: string, wayOn: WayOn) => ({ title, detail, wayOn });

/** Everything that can go wrong on the way to an enrolled phone, each with a sentence and a way on. */
export const ENROLLMENT_PROBLEMS = {
  'wrong-secret': problem(
    'The service does not accept the secret',
    'Check what you entered. Secrets are case-sensitive, and a copied line often brings a space along.',
    'edit-account',
  ),
  'unknown-application': problem(
    'The service does not know this account',
    'Check what you entered, and that it belongs to the service you chose. It may also have been deleted there.',
    'edit-account',
  ),
  'not-the-service': problem(
    'Something else answers at that address',
    'It does not answer as the service you chose does. Check the address and, where there is one, the path.',
    'edit-account',
  ),
  'no-network': problem(
    'The service cannot be reached',
    'Check that this computer is online, and the server address if you entered one.',
    'retry',
  ),
  'service-fault': problem(
    'The service has a fault of its own',
    'Nothing is wrong with what you entered. Try again in a few minutes.',
    'retry',
  ),
  'service-busy': problem('The service asks to wait', 'It had too many requests. Try again in a minute.', 'retry'),
  'sms-refused': problem(
    'The message could not be sent',
    'The service did not accept the phone number. Check it, or scan the code instead.',
    'edit-number',
  ),
  'contact-refused': problem(
    'The number or address could not be registered',
    'The service did not accept it. Check it and register it again.',
    'none',
  ),
  'sms-unsupported': problem(
    'This service sends no messages',
    'Scan the code with the phone, or copy the link.',
    'none',
  ),
  'settings-refused': problem(
    'The service did not accept this',
    'Check what you typed: a number needs its country code, an address its @.',
    'none',
  ),
  'confirmation-gone': problem(
    'This can no longer be confirmed',
    'It may have taken too long, or it was confirmed elsewhere. Remove it if it is not in force, and set it up again.',
    'none',
  ),
  'link-expired': problem('The link has expired', 'Make a new one and open it on the phone.', 'new-link'),
  'phone-never-registered': problem(
    'No phone was registered',
    'The link was shown for a long time and no phone was added. Make a new one when you have the phone at hand.',
    'new-link',
  ),
  'phone-missing': problem(
    'No phone is registered',
    'The service knows no phone of yours. Make a new link and open it on the phone.',
    'new-link',
  ),
  'keychain-locked': problem(
    'The keychain is locked',
    'Secrets are kept in this computer’s keychain only. Unlock it to go on.',
    'retry',
  ),
  'keychain-unavailable': problem(
    'There is no keychain',
    'Secrets are kept in a keychain only, never in a file. Install or start one (on Linux GNOME Keyring or KWallet).',
    'retry',
  ),
  'keychain-silent': problem(
    'The keychain does not answer',
    'It may be waiting for its password in another window.',
    'retry',
  ),
  'secret-missing': problem(
    'The secret is no longer in the keychain',
    'This computer stays guarded. To enter the account again, remove this enrollment first.',
    'none',
  ),
  'device-key-missing': problem(
    'This computer’s key is no longer in the keychain',
    'The gateway knows this computer by it, so no phone can approve. Where it is guarded it stays so: get in with a recovery code or “presence-locker disable”. Have this computer removed at the gateway, remove this enrollment and enroll again.',
    'none',
  ),
  'device-key-refused': problem(
    'The gateway does not accept this computer’s key',
    'It was removed there, or is known there by an earlier key. Ask whoever runs the gateway to remove this computer there, then enroll again. Where it is guarded it stays so: a recovery code lets you in.',
    'none',
  ),
  'token-spent': problem(
    'The token has been used already',
    'Each computer needs a token of its own. Ask whoever runs the gateway for another.',
    'edit-account',
  ),
  'gateway-failed': problem('The gateway did not start', 'If it happens again, restart the app.', 'retry'),
  'simulator-failed': problem('The simulated service did not start', 'If it happens again, restart the app.', 'retry'),
  'gateway-unreachable': problem(
    'The gateway cannot be reached',
    'Check its address, and that this computer is online.',
    'retry',
  ),
  'gateway-refused': problem(
    'The gateway does not accept this computer',
    'Check the token with whoever runs the gateway.',
    'edit-account',
  ),
  'gateway-untrusted': problem(
    'The gateway could not prove its identity',
    'Its certificate is not trusted by this computer. Check the address with whoever runs the gateway.',
    'edit-account',
  ),
  'gateway-address': problem(
    'The gateway’s address is not acceptable',
    'It must begin with wss:// and hold no user name or password.',
    'edit-account',
  ),
  'gateway-version': problem(
    'The gateway and this app do not understand each other',
    'One of the two is too old. Update the app, or tell whoever runs the gateway.',
    'none',
  ),
  'test-denied': problem('You said no', 'The request was refused on the phone. Nothing is guarded yet.', 'retry'),
  'test-timeout': problem(
    'Nobody answered',
    'The phone was asked and did not answer in time. Check that it is on and online.',
    'retry',
  ),
  'test-failed': problem('The test did not work', 'The service ended the request. Try again.', 'retry'),
  'not-supported': problem('The service cannot do this', 'It offers no such function.', 'none'),
  'codes-missing': problem(
    'Recovery codes come first',
    'Here a code is what lets you in when your phone cannot be asked. Make them, then start guarding.',
    'none',
  ),
  'codes-left': problem(
    'The recovery codes could not be removed',
    'The keychain did not let go of them. Unlock it, then make new ones.',
    'none',
  ),
  'record-damaged': problem(
    'The enrollment on this computer cannot be read',
    'This computer stays guarded, but no phone can approve. Run “presence-locker disable” from a console, then enroll again.',
    'none',
  ),
  'record-not-written': problem(
    'The enrollment could not be saved',
    'The disk may be full or write-protected. Make room on it.',
    'retry',
  ),
  'removed-here-only': problem(
    'Removed from this computer only',
    'The service could not be told. Whoever runs the account should delete the user there too.',
    'none',
  ),
  'key-left-there': problem(
    'Removed from this computer only',
    'The gateway could not be told. Whoever runs it must remove this computer there before it can be enrolled again.',
    'none',
  ),
  'secrets-left': problem(
    'The secrets could not be removed',
    'The enrollment is gone, but the keychain did not let go of its secrets. Unlock it and delete the entries of “presence-locker”.',
    'none',
  ),
  'asked-too-often': problem(
    'The phone was asked often in the last hour',
    'Wait a while before the next test: a phone that keeps buzzing is how people are worn down.',
    'none',
  ),
  unexpected: problem('Something unexpected went wrong', 'Nothing was changed. Try again.', 'retry'),
} as const satisfies Record<string, Omit<EnrollmentProblem, 'code'>>;

export type ProblemCode = keyof typeof ENROLLMENT_PROBLEMS;

/** @param more a sentence to say first, already free of secrets. */
export function problemOf(code: ProblemCode, more = ''): EnrollmentProblem {
  const { title, detail, wayOn } = ENROLLMENT_PROBLEMS[code];
  return { code, title, detail: more === '' ? detail : `${more} ${detail}`, wayOn };
}

/** What a page's action is answered with when it failed. */
export const sentenceOf = ({ title, detail }: EnrollmentProblem): string => `${title}. ${detail}`;

/** Codes of the gateway and of the link, as problems of an enrollment. */
export function problemOfFailure({ code, text }: EnrollmentLinkFailure): EnrollmentProblem {
  switch (code) {
    case 'PROVIDER_UNAUTHORIZED':
      return problemOf('wrong-secret');
    case 'USER_UNKNOWN':
      return problemOf('unknown-application');
    case 'PROVIDER_UNREACHABLE':
    case 'PROVIDER_NO_NETWORK':
    case 'PROVIDER_TIMEOUT':
      return problemOf('no-network');
    case 'PROVIDER_UNAVAILABLE':
    case 'PROVIDER_BAD_ANSWER':
    case 'START_REFUSED':
      return problemOf('service-fault');
    case 'PROVIDER_RATE_LIMITED':
    case 'RATE_LIMITED':
      return problemOf('service-busy');
    case 'SMS_REFUSED':
      return problemOf('sms-refused');
    case 'CONTACT_REFUSED':
      return problemOf('contact-refused');
    case 'SETTINGS_REFUSED':
      return problemOf('settings-refused');
    case 'NO_MOBILE_DEVICE':
      return problemOf('phone-missing');
    case 'NOT_SUPPORTED':
      return problemOf('not-supported');
    case 'UNAUTHORIZED':
      return problemOf('gateway-refused');
    case 'DEVICE_KEY_REFUSED':
      return problemOf('device-key-refused');
    case 'TOKEN_SPENT':
      return problemOf('token-spent');
    case 'TLS_FAILED':
      return problemOf('gateway-untrusted');
    case 'ADDRESS_REFUSED':
      return problemOf('gateway-address');
    case 'VERSION_UNSUPPORTED':
    case 'DEVICE_KEY_REQUIRED':
    case 'NOT_CHALLENGED':
      return problemOf('gateway-version');
    case 'CONNECT_FAILED':
    case 'READY_TIMEOUT':
    case 'SILENT':
    case 'CLOSED':
    case 'GATEWAY_UNREACHABLE':
    case 'GATEWAY_SHUTTING_DOWN':
      return problemOf('gateway-unreachable');
    default:
      // A code of a newer gateway: its sentence is all there is to go by.
      return problemOf('service-fault', text);
  }
}
