/** E.164 as protocol/ipc.ts wants it: plus, country code, 7 to 15 digits in all. */
const E164 = /^\+[1-9]\d{6,14}$/;

/** People write +44 1632 960-961, 0044…, (0): spaces, dashes, dots and brackets go, 00 becomes +. Null when no number is left. */
export function e164From(typed: string): string | null {
  const plain = typed.replaceAll('(0)', '').replaceAll(/[\s().\-/\u2010-\u2015]/g, '');
  const number = plain.startsWith('00') ? `+${plain.slice(2)}` : plain;
  return E164.test(number) ? number : null;
}
