import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server';
import { decodeAttestationObject } from '@simplewebauthn/server/helpers';
import type { CreatedPasskey, PasskeyAssertion } from '../../../protocol/approver-passkey.ts';
import type { Phone } from './phones.ts';
import { ApproverRefusal } from './refusal.ts';
import type { ApproverSite } from './site.ts';

/** COSE: ES256 and EdDSA (phones), RS256 (Windows Hello). */
export const PASSKEY_ALGORITHMS: readonly number[] = [-7, -8, -257];

export interface VerifiedPasskey {
  readonly credentialId: string;
  readonly publicKey: Uint8Array;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly backupEligible: boolean;
  readonly backedUp: boolean;
}

/** @throws ApproverRefusal PASSKEY_REFUSED for another challenge, origin or RP id, without user verification, or of a form that is not asked for */
export async function verifiedCreation(
  claimed: CreatedPasskey,
  expected: { readonly challenge: string; readonly site: ApproverSite },
): Promise<VerifiedPasskey> {
  const verified = await orRefused(() => {
    requireWithoutCertificates(claimed);
    const { transports, ...response } = claimed.response;
    return verifyRegistrationResponse({
      response: {
        id: claimed.id,
        rawId: claimed.rawId,
        type: claimed.type,
        clientExtensionResults: {},
        response: {
          clientDataJSON: response.clientDataJSON,
          attestationObject: response.attestationObject,
        },
      },
      expectedChallenge: expected.challenge,
      expectedOrigin: expected.site.origin,
      expectedRPID: expected.site.rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: [...PASSKEY_ALGORITHMS],
    });
  });
  if (!verified.verified) throw new ApproverRefusal('PASSKEY_REFUSED');
  const { credential, credentialDeviceType, credentialBackedUp } = verified.registrationInfo;
  return {
    credentialId: credential.id,
    publicKey: credential.publicKey,
    counter: credential.counter,
    transports: claimed.response.transports ?? [],
    backupEligible: credentialDeviceType === 'multiDevice',
    backedUp: credentialBackedUp,
  };
}

/**
 * The counter is not judged here but by the caller, after the signature: a forged one must not look like a cloned phone.
 *
 * @throws ApproverRefusal PASSKEY_REFUSED
 */
export async function verifiedAssertion(
  claimed: PasskeyAssertion,
  expected: { readonly challenge: string; readonly site: ApproverSite; readonly phone: Phone },
): Promise<{ readonly counter: number; readonly backedUp: boolean }> {
  const { challenge, site, phone } = expected;
  const verified = await orRefused(() =>
    verifyAuthenticationResponse({
      response: {
        id: claimed.id,
        rawId: claimed.rawId,
        type: claimed.type,
        clientExtensionResults: {},
        response: {
          clientDataJSON: claimed.response.clientDataJSON,
          authenticatorData: claimed.response.authenticatorData,
          signature: claimed.response.signature,
        },
      },
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.rpId,
      credential: { id: phone.credentialId, publicKey: new Uint8Array(phone.publicKey), counter: 0 },
      requireUserVerification: true,
    }),
  );
  if (!verified.verified) throw new ApproverRefusal('PASSKEY_REFUSED');
  const { newCounter, credentialBackedUp } = verified.authenticationInfo;
  return { counter: newCounter, backedUp: credentialBackedUp };
}

/**
 * No attestation is asked for, and one with certificates would make the library fetch revocation lists from addresses that the sender
 * chose (SSRF). Browsers pass on nothing but `none`, or `packed` signed by the passkey itself.
 */
function requireWithoutCertificates(claimed: CreatedPasskey): void {
  const attestation = decodeAttestationObject(
    new Uint8Array(Buffer.from(claimed.response.attestationObject, 'base64url')),
  );
  const format = attestation.get('fmt');
  const selfSigned = format === 'packed' && attestation.get('attStmt').get('x5c') === undefined;
  if (format !== 'none' && !selfSigned) throw new ApproverRefusal('PASSKEY_REFUSED');
}

/** The library throws for everything it does not accept; its messages quote what came in. */
async function orRefused<T>(verify: () => Promise<T>): Promise<T> {
  try {
    return await verify();
  } catch (fault) {
    if (fault instanceof ApproverRefusal) throw fault;
    throw new ApproverRefusal('PASSKEY_REFUSED', { cause: fault });
  }
}
