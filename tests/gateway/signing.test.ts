import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { quotePlus } from '../../gateway/providers/activeconnect/form-encoding.ts';
import {
  newSigningMoment,
  signature,
  signatureHeaders,
  signingTarget,
} from '../../gateway/providers/activeconnect/signing.ts';

const VECTOR = {
  nonce: '9223372036854775807',
  secret: 'S3CRET',
  clientId: 'ABCD',
  url: 'https://main.iam-api.com/management/add_users/ABCD',
  timestampSeconds: 1_234_567_890,
};

function openssl(args: readonly string[], input: string): Buffer {
  return execFileSync('openssl', args, { input, timeout: 10_000 });
}

describe('request signing', () => {
  test('agrees with openssl on the vector of PROVIDERS §1', () => {
    const token = openssl(['dgst', '-sha256', '-binary'], VECTOR.nonce + VECTOR.secret).subarray(0, 16);
    const message = `${VECTOR.nonce}main.iam-api.com/management/add_users/ABCD${VECTOR.timestampSeconds}`;
    const mac = openssl(
      ['dgst', '-sha256', '-mac', 'HMAC', '-macopt', `hexkey:${token.toString('hex')}`, '-binary'],
      message,
    );
    const expected = mac.subarray(0, 16).toString('base64');
    expect(signature(VECTOR.secret, signingTarget(VECTOR.url), VECTOR)).toBe(expected);
  });

  test('sends the Authentication header and one pair of headers per prefix', () => {
    const headers = signatureHeaders(VECTOR, VECTOR.url, ['X-One', 'X-Two'], VECTOR);
    expect(headers['Authentication']).toMatch(/^hmac ABCD:9223372036854775807:[A-Za-z0-9+/]{22}==$/);
    expect(headers).toMatchObject({
      'X-One-Timestamp': '1234567890',
      'X-One-Version': '1',
      'X-Two-Timestamp': '1234567890',
      'X-Two-Version': '1',
    });
  });

  test('keeps the query in the target and removes only the scheme', () => {
    expect(signingTarget('http://127.0.0.1:8080/a/b?x=http://y&z=1+2')).toBe('127.0.0.1:8080/a/b?x=http://y&z=1+2');
  });

  test('makes a decimal 64-bit nonce that differs every time', () => {
    const nonces = Array.from({ length: 50 }, () => newSigningMoment(1_500).nonce);
    expect(new Set(nonces).size).toBe(50);
    for (const nonce of nonces) {
      expect(nonce).toMatch(/^(0|[1-9]\d*)$/);
      expect(BigInt(nonce)).toBeLessThan(2n ** 64n);
    }
    expect(newSigningMoment(1_999).timestampSeconds).toBe(1);
  });
});

describe('form encoding', () => {
  test('agrees with Python’s quote_plus', () => {
    const text = "Jo Öz/ä+%&=?#!'()*~-_.@:€😀";
    const python = execFileSync(
      'python3',
      ['-c', 'import sys,urllib.parse as u;sys.stdout.write(u.quote_plus(sys.argv[1]))', text],
      {
        encoding: 'utf8',
        env: { ...process.env, PYTHONUTF8: '1' },
        timeout: 10_000,
      },
    );
    expect(quotePlus(text)).toBe(python);
  });

  test('survives a lone surrogate', () => {
    expect(quotePlus('a\uD800b')).toBe('a%EF%BF%BDb');
  });
});
