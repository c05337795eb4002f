import { createPrivateKey, X509Certificate } from 'node:crypto';
import { open } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { err, ok, type Result } from '../protocol/result.ts';

export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** PEM: the certificate with the chain below it, and its private key. */
export interface CertificatePair {
  readonly cert: string;
  readonly key: string;
}

/** Why a pair cannot be served. Never OpenSSL's own words: they name offsets, and one day might quote the key. */
export type PairProblem =
  | 'certificate-unreadable'
  | 'key-unreadable'
  | 'not-a-certificate'
  | 'not-its-key'
  | 'not-valid-now';

/** A certificate with a long chain has some 10 KB. */
const MAX_PEM_BYTES = 256 * 1024;
const PEM_BEGINNING = '-----BEGIN ';

/** What the two files hold at this moment. Between the two reads somebody may have replaced one: see `problemOfPair`. */
export async function readPair(files: CertificateFiles): Promise<Result<CertificatePair, PairProblem>> {
  const [cert, key] = await Promise.all([pemOf(files.certFile), pemOf(files.keyFile)]);
  if (cert === null) return err('certificate-unreadable');
  if (key === null) return err('key-unreadable');
  return ok({ cert, key });
}

/** `null`: not there, not to be read, too long, or no PEM. */
async function pemOf(path: string): Promise<string | null> {
  try {
    const file = await open(path, 'r');
    try {
      const found = await file.stat();
      if (!found.isFile() || found.size > MAX_PEM_BYTES) return null;
      const text = await file.readFile('utf8');
      return text.includes(PEM_BEGINNING) ? text : null;
    } finally {
      await file.close();
    }
  } catch {
    // Whatever the system says names the path, which the configuration does too.
    return null;
  }
}

/** Whether the two belong together and OpenSSL would serve them. @returns `null` when they do */
export function problemOfPair(pair: CertificatePair): Extract<PairProblem, 'not-a-certificate' | 'not-its-key'> | null {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pair.cert);
  } catch {
    return 'not-a-certificate';
  }
  try {
    // OpenSSL alone would take an EC key beside an RSA certificate: they go to different slots, and every handshake fails.
    if (!certificate.checkPrivateKey(createPrivateKey(pair.key))) return 'not-its-key';
    createSecureContext(pair);
    return null;
  } catch {
    return 'not-its-key';
  }
}

/** Unix times in milliseconds. @throws Error for what `problemOfPair` refuses */
export function validityOf(cert: string): { readonly fromMs: number; readonly toMs: number } {
  const { validFromDate, validToDate } = new X509Certificate(cert);
  return { fromMs: validFromDate.getTime(), toMs: validToDate.getTime() };
}

/** What a person compares with the file: `openssl x509 -noout -fingerprint -sha256`. */
export function fingerprintOf(cert: string): string {
  return new X509Certificate(cert).fingerprint256;
}
