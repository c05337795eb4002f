import { browserSupportsWebAuthn, startAuthentication, startRegistration } from '@simplewebauthn/browser';
import type {
  AssertionOptions,
  CreatedPasskey,
  CreationOptions,
  PasskeyAssertion,
} from '../../../../protocol/approver-passkey.ts';
import type { Words } from '../words/en.ts';

export type PasskeyTrouble = keyof Words['passkey'];
export type Used<T> =
  | { readonly ok: true; readonly passkey: T }
  | { readonly ok: false; readonly trouble: PasskeyTrouble };

export const passkeysSupported = (): boolean => browserSupportsWebAuthn();

const TRANSPORTS: readonly AuthenticatorTransport[] = ['ble', 'hybrid', 'internal', 'nfc', 'usb'];

/** Transports this browser does not know are left out: they are hints only. */
function descriptors(list: AssertionOptions['allowCredentials']) {
  return list.map(({ id, type, transports }) => ({
    id,
    type,
    ...(transports === undefined ? {} : { transports: TRANSPORTS.filter((known) => transports.includes(known)) }),
  }));
}

export async function createPasskey(options: CreationOptions): Promise<Used<CreatedPasskey>> {
  try {
    const made = await startRegistration({
      optionsJSON: { ...options, excludeCredentials: descriptors(options.excludeCredentials) },
    });
    const { clientDataJSON, attestationObject, transports } = made.response;
    return {
      ok: true,
      passkey: {
        id: made.id,
        rawId: made.rawId,
        type: made.type,
        clientExtensionResults: {},
        response: { clientDataJSON, attestationObject, ...(transports === undefined ? {} : { transports }) },
      },
    };
  } catch (error) {
    return { ok: false, trouble: troubleOf(error) };
  }
}

export async function assertPasskey(options: AssertionOptions): Promise<Used<PasskeyAssertion>> {
  try {
    const used = await startAuthentication({
      optionsJSON: { ...options, allowCredentials: descriptors(options.allowCredentials) },
    });
    const { clientDataJSON, authenticatorData, signature, userHandle } = used.response;
    return {
      ok: true,
      passkey: {
        id: used.id,
        rawId: used.rawId,
        type: used.type,
        clientExtensionResults: {},
        response: { clientDataJSON, authenticatorData, signature, ...(userHandle === undefined ? {} : { userHandle }) },
      },
    };
  } catch (error) {
    return { ok: false, trouble: troubleOf(error) };
  }
}

/** WebAuthn Level 3, §5.1.3 and §5.1.4: what each exception means to a person. Cancelled and timed out are one on purpose there. */
function troubleOf(error: unknown): PasskeyTrouble {
  switch (error instanceof Error ? error.name : '') {
    case 'NotAllowedError':
    case 'AbortError':
      return 'cancelled';
    case 'InvalidStateError':
      return 'alreadyHere';
    case 'ConstraintError':
    case 'NotSupportedError':
      return 'unsupported';
    case 'SecurityError':
      return 'wrongAddress';
    default:
      return 'failed';
  }
}
