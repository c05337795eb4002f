import { describe, expect, it } from 'vitest';
import { matchingTotpStep, otpauthLink, totpCode, totpStepAt } from '../../main/offline/one-time-password.ts';
import { readTypedCode } from '../../main/offline/typed-code.ts';
import { encodeBase32, RFC4648_ALPHABET } from '../../protocol/base32.ts';
import { canonicalRecoveryCode, recoveryCodeOf } from '../../protocol/recovery-code.ts';
import { secretOf } from './code-desk.ts';

const RFC_SECRET = Buffer.from('12345678901234567890', 'ascii');

describe('codes of an authenticator app', () => {
  it.each(
    ['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489'].map(
      (code, counter) => [counter, code] as const,
    ),
  )('counter %i is %s (RFC 4226, appendix D)', (counter, code) => {
    expect(totpCode(RFC_SECRET, counter)).toBe(code);
  });

  // The RFC prints eight digits; six are their end.
  it.each([
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ])('at %i s it is the end of %s (RFC 6238, appendix B, SHA-1)', (seconds, printed) => {
    expect(totpCode(RFC_SECRET, totpStepAt(seconds * 1_000))).toBe(printed.slice(-6));
  });

  it('count from one step before now to one step after', () => {
    const now = 1_234_567_890_000;
    const step = totpStepAt(now);
    const accepted = [-2, -1, 0, 1, 2].map((away) =>
      matchingTotpStep(RFC_SECRET, totpCode(RFC_SECRET, step + away), now),
    );
    expect(accepted).toEqual([null, step - 1, step, step + 1, null]);
  });

  it('count from the first to the last millisecond of their step', () => {
    const code = totpCode(RFC_SECRET, 1_000);
    expect(matchingTotpStep(RFC_SECRET, code, 999 * 30_000)).toBe(1_000);
    expect(matchingTotpStep(RFC_SECRET, code, 1_002 * 30_000 - 1)).toBe(1_000);
    expect(matchingTotpStep(RFC_SECRET, code, 1_002 * 30_000)).toBeNull();
    expect(matchingTotpStep(RFC_SECRET, code, 999 * 30_000 - 1)).toBeNull();
  });

  it('are looked for on a machine whose clock stands at the beginning of time, too', () => {
    expect(matchingTotpStep(RFC_SECRET, '755224', 5)).toBe(0);
    expect(matchingTotpStep(RFC_SECRET, '755224', -90_000)).toBeNull();
  });

  it.each(['28708', '2870820', '', '28708x', '２８７０８２'])('“%s” is none', (typed) => {
    expect(matchingTotpStep(RFC_SECRET, typed, 59_000)).toBeNull();
  });
});

describe('the link for the app', () => {
  it('names everything that an app needs, and the workstation', () => {
    const link = new URL(otpauthLink(RFC_SECRET, 'Ada’s desk: 1/2'));
    expect(link.protocol).toBe('otpauth:');
    expect(link.host).toBe('totp');
    expect(decodeURIComponent(link.pathname)).toBe('/Presence Locker:Ada’s desk: 1/2');
    expect(Object.fromEntries(link.searchParams)).toEqual({
      secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
      issuer: 'Presence Locker',
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    });
    expect(Buffer.from(secretOf(link.href))).toEqual(RFC_SECRET);
    expect(link.href).not.toContain('+');
  });

  it.each([
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ])('writes “%s” as “%s” (RFC 4648 §10)', (plain, encoded) => {
    expect(encodeBase32(Buffer.from(plain), RFC4648_ALPHABET)).toBe(encoded);
  });
});

describe('a recovery code', () => {
  it('is all of its eighty bits, in groups that can be read out', () => {
    expect(recoveryCodeOf(Buffer.from('00443214c74254b635cf', 'hex'))).toBe('0123-4567-89AB-CDEF');
    expect(recoveryCodeOf(Buffer.alloc(10, 0xff))).toBe('ZZZZ-ZZZZ-ZZZZ-ZZZZ');
  });

  it.each([
    '7kqm 2x9d 0v4t hb3z',
    '7KQM2X9D0V4THB3Z',
    '7kqm–2x9d—0v4t‑hb3z ',
    '7KQM-2X9D-OV4T-HB3Z',
    '\t7KQM-2X9D-0V4T-HB3Z\n',
  ])('typed as “%s” is the one that was printed', (typed) => {
    expect(canonicalRecoveryCode(typed)).toBe('7KQM2X9D0V4THB3Z');
  });

  it('printed with digits is read back with the letters people see in them', () => {
    expect(canonicalRecoveryCode('IlLi-Oo00-1111-0000')).toBe('1111000011110000');
  });

  it.each([
    '7KQM-2X9D-0V4T-HB3',
    '7KQM-2X9D-0V4T-HB3ZZ',
    '7KQM-2X9D-0V4T-HB3U',
    '7KQM_2X9D_0V4T_HB3Z',
    '７KQM2X9D0V4THB3Z',
  ])('“%s” is none', (typed) => {
    expect(canonicalRecoveryCode(typed)).toBeNull();
  });
});

describe('what was typed', () => {
  it('is told apart by its length', () => {
    expect(readTypedCode(' 123 456 ')).toEqual({ kind: 'totp', digits: '123456' });
    expect(readTypedCode('1234567890123456')).toEqual({ kind: 'recovery', canonical: '1234567890123456' });
  });

  it.each(['', '12345', '1234567', 'hello', '1'.repeat(65), `${' '.repeat(60)}12345678`])(
    '“%s” is neither',
    (typed) => {
      expect(readTypedCode(typed)).toBeNull();
    },
  );
});
