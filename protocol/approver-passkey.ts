import { z } from 'zod';

/**
 * WebAuthn in JSON, as `@simplewebauthn/browser` takes and gives it (WebAuthn Level 3, §5.1.8 to §5.1.10), cut down to what the approver
 * uses. Strict and bounded: what a phone sends is hostile until its signature is checked.
 */
const base64url = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[A-Za-z0-9_-]+$/);
/** 1,023 bytes, the longest a credential id may be. */
const credentialId = base64url(1_364);
/** Public key (RSA at most), ids and flags: a few hundred bytes without an attestation. */
const MAX_ATTESTATION_CHARACTERS = 8_192;
const MAX_CLIENT_DATA_CHARACTERS = 2_048;
const transports = z
  .array(z.string().regex(/^[a-z-]{1,20}$/))
  .max(8)
  .optional();
/** Never read: no extension is asked for, but browsers fill it in. */
const ignoredExtensions = z.record(z.string().max(40), z.unknown());

export const PasskeyDescriptorSchema = z.strictObject({
  id: credentialId,
  type: z.literal('public-key'),
  transports,
});

/** For `startRegistration({ optionsJSON })`. */
export const CreationOptionsSchema = z.strictObject({
  challenge: base64url(128),
  rp: z.strictObject({ id: z.string().max(253), name: z.string().max(60) }),
  user: z.strictObject({ id: base64url(128), name: z.string().max(80), displayName: z.string().max(80) }),
  pubKeyCredParams: z.array(z.strictObject({ alg: z.int(), type: z.literal('public-key') })).max(8),
  /** Milliseconds. */
  timeout: z.int().min(1_000).max(600_000),
  excludeCredentials: z.array(PasskeyDescriptorSchema).max(32),
  authenticatorSelection: z.strictObject({
    residentKey: z.literal('required'),
    requireResidentKey: z.literal(true),
    userVerification: z.literal('required'),
  }),
  attestation: z.literal('none'),
});
export type CreationOptions = z.infer<typeof CreationOptionsSchema>;

/** For `startAuthentication({ optionsJSON })`. Empty `allowCredentials`: any passkey of this site on the phone. */
export const AssertionOptionsSchema = z.strictObject({
  challenge: base64url(128),
  rpId: z.string().max(253),
  timeout: z.int().min(1_000).max(600_000),
  userVerification: z.literal('required'),
  allowCredentials: z.array(PasskeyDescriptorSchema).max(32),
});
export type AssertionOptions = z.infer<typeof AssertionOptionsSchema>;

const attachment = z.enum(['platform', 'cross-platform']).optional();

/** What `startRegistration` gives. Authenticator data and public key are repeated inside the attestation; only that is read. */
export const CreatedPasskeySchema = z.strictObject({
  id: credentialId,
  rawId: credentialId,
  type: z.literal('public-key'),
  authenticatorAttachment: attachment,
  clientExtensionResults: ignoredExtensions,
  response: z.strictObject({
    clientDataJSON: base64url(MAX_CLIENT_DATA_CHARACTERS),
    attestationObject: base64url(MAX_ATTESTATION_CHARACTERS),
    authenticatorData: base64url(MAX_ATTESTATION_CHARACTERS).optional(),
    publicKey: base64url(MAX_ATTESTATION_CHARACTERS).optional(),
    publicKeyAlgorithm: z.int().optional(),
    transports,
  }),
});
export type CreatedPasskey = z.infer<typeof CreatedPasskeySchema>;

/** What `startAuthentication` gives. */
export const PasskeyAssertionSchema = z.strictObject({
  id: credentialId,
  rawId: credentialId,
  type: z.literal('public-key'),
  authenticatorAttachment: attachment,
  clientExtensionResults: ignoredExtensions,
  response: z.strictObject({
    clientDataJSON: base64url(MAX_CLIENT_DATA_CHARACTERS),
    authenticatorData: base64url(2_048),
    signature: base64url(1_024),
    userHandle: base64url(128).optional(),
  }),
});
export type PasskeyAssertion = z.infer<typeof PasskeyAssertionSchema>;
