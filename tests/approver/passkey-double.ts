import { randomBytes } from 'node:crypto';
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { ApproverErrorCode } from '../../protocol/approver.ts';
import {
  type AssertionOptions,
  AssertionOptionsSchema,
  type CreatedPasskey,
  type CreationOptions,
  CreationOptionsSchema,
  type PasskeyAssertion,
} from '../../protocol/approver-passkey.ts';

type Verified = Awaited<ReturnType<typeof verifyRegistrationResponse>>;
type Credential = NonNullable<Verified['registrationInfo']>['credential'];

/** EdDSA, ES256, RS256: an ML-DSA signature is longer than the protocol's bound, and simplewebauthn would offer it first. */
const ALGORITHMS = [-8, -7, -257];
const RP_ID = 'localhost';
const TIMEOUT_MS = 60_000;

export class Refusal extends Error {
  readonly code: ApproverErrorCode;
  constructor(code: ApproverErrorCode) {
    super(code);
    this.code = code;
  }
}

/** One passkey, verified as a server does it. */
export class PasskeyDouble {
  origin = '';
  #credential: Credential | null = null;
  #challenge = '';

  forget(): void {
    this.#credential = null;
  }

  async creationOptions(): Promise<CreationOptions> {
    const { challenge, rp, user, pubKeyCredParams } = await generateRegistrationOptions({
      rpName: 'Presence Locker',
      rpID: RP_ID,
      userName: 'Ada',
      userDisplayName: 'Ada',
      userID: new Uint8Array(randomBytes(16)),
      supportedAlgorithmIDs: ALGORITHMS,
    });
    this.#challenge = challenge;
    return CreationOptionsSchema.parse({
      challenge,
      rp,
      user,
      pubKeyCredParams,
      timeout: TIMEOUT_MS,
      excludeCredentials: [],
      authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
      attestation: 'none',
    });
  }

  async register(passkey: CreatedPasskey): Promise<void> {
    const { clientDataJSON, attestationObject } = passkey.response;
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: {
        id: passkey.id,
        rawId: passkey.rawId,
        type: passkey.type,
        clientExtensionResults: {},
        response: { clientDataJSON, attestationObject },
      },
      expectedChallenge: this.#challenge,
      expectedOrigin: this.origin,
      expectedRPID: RP_ID,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    });
    if (!verified || registrationInfo === undefined) throw new Refusal('PASSKEY_REFUSED');
    this.#credential = registrationInfo.credential;
  }

  async assertionOptions(): Promise<AssertionOptions> {
    const { challenge } = await generateAuthenticationOptions({ rpID: RP_ID });
    this.#challenge = challenge;
    return AssertionOptionsSchema.parse({
      challenge,
      rpId: RP_ID,
      timeout: TIMEOUT_MS,
      userVerification: 'required',
      allowCredentials: [],
    });
  }

  async verify(passkey: PasskeyAssertion): Promise<void> {
    const credential = this.#credential;
    if (credential === null || passkey.id !== credential.id) throw new Refusal('PASSKEY_UNKNOWN');
    const { clientDataJSON, authenticatorData, signature } = passkey.response;
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: {
        id: passkey.id,
        rawId: passkey.rawId,
        type: passkey.type,
        clientExtensionResults: {},
        response: { clientDataJSON, authenticatorData, signature },
      },
      expectedChallenge: this.#challenge,
      expectedOrigin: this.origin,
      expectedRPID: RP_ID,
      credential,
      requireUserVerification: true,
    });
    if (!verified) throw new Refusal('PASSKEY_REFUSED');
    this.#credential = { ...credential, counter: authenticationInfo.newCounter };
  }
}
