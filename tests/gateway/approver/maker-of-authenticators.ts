import { execFileSync } from 'node:child_process';
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate as WebAuthn asks of a maker's (Level 3, §8.2.1), with its key. */
export function makerOfAuthenticators(): { readonly certificate: Buffer; readonly privateKey: KeyObject } {
  const directory = mkdtempSync(join(tmpdir(), 'maker-'));
  const [keyFile, certFile] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const subject = '/C=DE/O=Maker/OU=Authenticator Attestation/CN=Maker of authenticators';
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  // Instead of the system's file, which makes every certificate one of an authority.
  const configuration = join(directory, 'openssl.cnf');
  const form = ['-config', configuration, '-extensions', 'maker'];
  try {
    writeFileSync(
      configuration,
      '[req]\ndistinguished_name=name\n[name]\n[maker]\nbasicConstraints=critical,CA:FALSE\n',
    );
    execFileSync(
      'openssl',
      ['req', '-x509', ...key, '-days', '1', '-subj', subject, ...form, '-keyout', keyFile, '-out', certFile],
      { stdio: 'ignore', timeout: 20_000 },
    );
    const { raw } = new X509Certificate(readFileSync(certFile));
    return { certificate: raw, privateKey: createPrivateKey(readFileSync(keyFile)) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
