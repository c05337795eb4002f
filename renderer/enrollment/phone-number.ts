import { E164_NUMBER } from '../../protocol/account-fields.ts';
import type { KnownContact } from '../../protocol/frames.ts';

/** People write +44 1632 960-961, 0044…, (0): spaces, dashes, dots and brackets go, 00 becomes +. Null when no number is left. */
export function e164From(typed: string): string | null {
  const plain = typed.replaceAll('(0)', '').replaceAll(/[\s().\-/\u2010-\u2015]/g, '');
  const number = plain.startsWith('00') ? `+${plain.slice(2)}` : plain;
  return E164_NUMBER.test(number) ? number : null;
}

/** Only what is surely no address; main and the service judge the rest. */
const ADDRESS = /^[^\s@]{1,64}@[^\s@.]+(?:\.[^\s@.]+)+$/;
const MAX_ADDRESS_CHARACTERS = 254;

export function contactFrom(kind: KnownContact['kind'], typed: string): KnownContact | null {
  if (kind === 'phone') {
    const phoneNumber = e164From(typed);
    return phoneNumber === null ? null : { kind, phoneNumber };
  }
  const email = typed.trim();
  return email.length <= MAX_ADDRESS_CHARACTERS && ADDRESS.test(email) ? { kind, email } : null;
}
