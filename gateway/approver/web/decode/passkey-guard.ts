import type { AssertionOptions, CreationOptions } from '../../../../protocol/approver-passkey.ts';
import { type Guard, listOf, matching, oneOf, record, text, whole } from './guards.ts';

const base64url = matching(/^[A-Za-z0-9_-]{1,1364}$/);
const transports = listOf(matching(/^[a-z-]{1,20}$/), 8);
const descriptors = listOf(record({ id: base64url, type: oneOf('public-key') }, { transports }), 32);

export const isCreationOptions: Guard<CreationOptions> = record({
  challenge: base64url,
  rp: record({ id: text(253), name: text(60) }),
  user: record({ id: base64url, name: text(80), displayName: text(80) }),
  pubKeyCredParams: listOf(record({ alg: whole, type: oneOf('public-key') }), 8),
  timeout: whole,
  excludeCredentials: descriptors,
  authenticatorSelection: record({
    residentKey: oneOf('required'),
    requireResidentKey: oneOf(true),
    // A passkey that asks for nothing would let whoever holds the phone in: not accepted, whatever the answer says.
    userVerification: oneOf('required'),
  }),
  attestation: oneOf('none'),
});

export const isAssertionOptions: Guard<AssertionOptions> = record({
  challenge: base64url,
  rpId: text(253),
  timeout: whole,
  userVerification: oneOf('required'),
  allowCredentials: descriptors,
});
