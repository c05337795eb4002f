import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';

const OPENSSL_TIMEOUT_MS = 20_000;
const HANDSHAKE_TIMEOUT_MS = 10_000;
const KINDS = { ec: ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'], rsa: ['rsa:2048'] } as const;

export interface MadeCertificate {
  readonly cert: string;
  readonly key: string;
  readonly fingerprint: string;
}

/** A self-signed certificate for localhost, made for this run. Valid from now. */
export function makeCertificate(
  options: { readonly days?: number; readonly kind?: 'ec' | 'rsa' } = {},
): MadeCertificate {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  try {
    const [keyFile, certFile] = [join(folder, 'key'), join(folder, 'cert')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const made = ['-nodes', '-days', String(options.days ?? 90), ...subject, '-keyout', keyFile, '-out', certFile];
    execFileSync('openssl', ['req', '-x509', '-newkey', ...KINDS[options.kind ?? 'ec'], ...made], {
      stdio: 'ignore',
      timeout: OPENSSL_TIMEOUT_MS,
    });
    const cert = readFileSync(certFile, 'utf8');
    return { cert, key: readFileSync(keyFile, 'utf8'), fingerprint: new X509Certificate(cert).fingerprint256 };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Fingerprint of the certificate that a new connection to this port is shown. */
export function shownAt(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    // The certificate is the question here, not what to be convinced by.
    const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', rejectUnauthorized: false });
    socket.setTimeout(HANDSHAKE_TIMEOUT_MS, () => socket.destroy(new Error('no handshake in time')));
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      const { fingerprint256 } = socket.getPeerCertificate();
      socket.destroy();
      resolve(fingerprint256);
    });
  });
}
