import { createHash } from 'node:crypto';
import {
  type CertificateFiles,
  type CertificatePair,
  fingerprintOf,
  type PairProblem,
  problemOfPair,
  readPair,
  validityOf,
} from './certificate-files.ts';
import type { CancelTask, GatewayClock } from './clock.ts';
import { ConfigurationError } from './configuration-error.ts';
import {
  CERTIFICATE_EXPIRY_WARNING_EVERY_MS,
  CERTIFICATE_EXPIRY_WARNING_MS,
  CERTIFICATE_LOOK_INTERVAL_MS,
} from './limits.ts';
import type { ServedCertificate } from './listen-address.ts';
import { describeFault, type GatewayLogger } from './logger.ts';

const DAY_MS = 86_400_000;

type Serve = (pair: CertificatePair) => void;

/**
 * A certificate whose files are renewed under a running gateway. The files are read again and again instead of watched: certbot swaps
 * symbolic links, others rename, a container's mount or NFS tells nobody, and reading 10 KB costs nothing.
 *
 * What is new counts once two looks saw the same: a file may be half written, and a chain cut between two certificates is valid PEM.
 * What cannot be served changes nothing but the log: connections go on with the pair that was good.
 */
export class CertificateWatch implements ServedCertificate {
  readonly #files: CertificateFiles;
  readonly #clock: GatewayClock;
  readonly #logger: GatewayLogger;
  readonly #served = new Set<Serve>();
  #pair: CertificatePair;
  /** As the last look found it, when that is not what is served. */
  #seen: string | null = null;
  /** Already complained about. */
  #refused: string | null = null;
  #warnedAtMs = Number.NEGATIVE_INFINITY;
  #cancelNext: CancelTask | null = null;
  #looking: Promise<void> = Promise.resolve();

  private constructor(files: CertificateFiles, pair: CertificatePair, clock: GatewayClock, logger: GatewayLogger) {
    this.#files = files;
    this.#pair = pair;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Reads what is to be served first. @throws ConfigurationError when that cannot be served: a gateway must not start without */
  static async open(
    files: CertificateFiles,
    ports: { readonly clock: GatewayClock; readonly logger: GatewayLogger },
  ): Promise<CertificateWatch> {
    const read = await readPair(files);
    if (!read.ok) {
      const key = read.error === 'key-unreadable' ? 'listen.tls.keyFile' : 'listen.tls.certFile';
      throw new ConfigurationError(key, 'a PEM file that can be read');
    }
    if (problemOfPair(read.value) !== null) {
      throw new ConfigurationError('listen.tls', 'a certificate and the private key that belongs to it');
    }
    const watch = new CertificateWatch(files, read.value, ports.clock, ports.logger);
    watch.#warnOfExpiry();
    return watch;
  }

  get cert(): string {
    return this.#pair.cert;
  }

  get key(): string {
    return this.#pair.key;
  }

  /** Looks at the files as long as somebody serves them. */
  subscribe(serve: Serve): () => void {
    this.#served.add(serve);
    this.#cancelNext ??= this.#scheduleNext();
    return () => {
      this.#served.delete(serve);
      if (this.#served.size > 0) return;
      this.#cancelNext?.();
      this.#cancelNext = null;
    };
  }

  /** Never rejects. */
  reload(): Promise<void> {
    return this.#look(true);
  }

  #scheduleNext(): CancelTask {
    return this.#clock.schedule(CERTIFICATE_LOOK_INTERVAL_MS, () => {
      this.#cancelNext = null;
      // Never rejects.
      void this.#look(false).then(() => {
        if (this.#served.size > 0) this.#cancelNext ??= this.#scheduleNext();
      });
    });
  }

  /** One look after the other, also when a signal comes in the middle of one. */
  #look(atOnce: boolean): Promise<void> {
    this.#looking = this.#looking
      .then(() => this.#lookNow(atOnce))
      .catch((fault: unknown) => {
        this.#logger.error({ fault: describeFault(fault) }, 'the certificate files could not be looked at');
      });
    return this.#looking;
  }

  async #lookNow(atOnce: boolean): Promise<void> {
    this.#warnOfExpiry();
    const read = await readPair(this.#files);
    if (read.ok && read.value.cert === this.#pair.cert && read.value.key === this.#pair.key) {
      this.#seen = null;
      this.#refused = null;
      return;
    }
    const found = read.ok ? digestOf(read.value) : read.error;
    const settled = atOnce || found === this.#seen;
    this.#seen = found;
    if (!settled) return;
    if (!read.ok) return this.#refuse(found, read.error, atOnce);
    const problem = problemOfPair(read.value) ?? this.#problemOfTime(read.value.cert);
    if (problem !== null) return this.#refuse(found, problem, atOnce);
    this.#renew(read.value);
  }

  /** A pair that is over, or not valid yet, is no better than the one that is served. It is judged again at each look: its time may come. */
  #problemOfTime(cert: string): Extract<PairProblem, 'not-valid-now'> | null {
    const { fromMs, toMs } = validityOf(cert);
    const now = this.#clock.wallMs();
    return now < fromMs || now >= toMs ? 'not-valid-now' : null;
  }

  #refuse(found: string, problem: PairProblem, atOnce: boolean): void {
    if (found === this.#refused && !atOnce) return;
    this.#refused = found;
    this.#logger.warn({ problem }, 'the certificate files changed and cannot be served: the old certificate stays');
  }

  #renew(pair: CertificatePair): void {
    for (const serve of this.#served) serve(pair);
    this.#pair = pair;
    this.#seen = null;
    this.#refused = null;
    this.#warnedAtMs = Number.NEGATIVE_INFINITY;
    const expires = new Date(validityOf(pair.cert).toMs).toISOString();
    this.#logger.info({ expires, sha256: fingerprintOf(pair.cert) }, 'a new certificate is served');
    this.#warnOfExpiry();
  }

  #warnOfExpiry(): void {
    const leftMs = validityOf(this.#pair.cert).toMs - this.#clock.wallMs();
    const now = this.#clock.elapsedMs();
    if (leftMs >= CERTIFICATE_EXPIRY_WARNING_MS || now - this.#warnedAtMs < CERTIFICATE_EXPIRY_WARNING_EVERY_MS) return;
    this.#warnedAtMs = now;
    const daysLeft = Math.floor(leftMs / DAY_MS);
    if (leftMs > 0) this.#logger.warn({ daysLeft }, 'the certificate expires soon and was not renewed');
    else this.#logger.error({ daysLeft }, 'the certificate has expired: nobody will connect any more');
  }
}

/** Instead of the pair itself: a private key that is not served has no business in the memory. */
function digestOf({ cert, key }: CertificatePair): string {
  return createHash('sha256').update(cert).update('\0').update(key).digest('base64');
}
