import type { GatewayClock } from '../../clock.ts';
import { type ServiceAnswer, ServiceHttp, type ServiceHttpOptions, type ServiceRequest } from '../service-http.ts';
import { type Credentials, newSigningMoment, signatureHeaders } from './signing.ts';

export type SignedRequest = Omit<ServiceRequest, 'headers'> & { readonly credentials: Credentials };

/** Calls signed with "authentication protocol 1" (PROVIDERS §1): every attempt anew, for a nonce is used once. */
export class SignedHttp {
  readonly #http: ServiceHttp;
  readonly #headerPrefixes: readonly string[];
  readonly #clock: GatewayClock;

  constructor(options: ServiceHttpOptions & { readonly headerPrefixes: readonly string[] }) {
    this.#http = new ServiceHttp(options);
    this.#headerPrefixes = options.headerPrefixes;
    this.#clock = options.clock;
  }

  /** @throws ProviderError when there is no HTTP answer; every answer, whatever its status, is returned. */
  send({ credentials, ...request }: SignedRequest, signal?: AbortSignal): Promise<ServiceAnswer> {
    const headers = (): Record<string, string> =>
      signatureHeaders(credentials, request.address.text, this.#headerPrefixes, newSigningMoment(this.#clock.wallMs()));
    return this.#http.send({ ...request, headers }, signal);
  }

  close(): void {
    this.#http.close();
  }
}
