import { ProviderError } from './provider.ts';
import type { ServiceAnswer } from './service-http.ts';

/** The error of an HTTP status that is not the call's success. `notFound` says what 404 means for this call. @throws never */
export function errorOfStatus(answer: ServiceAnswer, call: string, notFound: ProviderError['code']): ProviderError {
  const { status, retryAfterMs } = answer;
  const options = retryAfterMs === null ? {} : { retryAfterMs };
  const about = `"${call}" was answered with HTTP ${status}`;
  if (status === 401 || status === 403) {
    return new ProviderError(
      'PROVIDER_UNAUTHORIZED',
      `${about}: the service does not accept who asks (id, secret, token or clock).`,
    );
  }
  if (status === 404) return new ProviderError(notFound, `${about}: not known to the service.`);
  if (status === 429) return new ProviderError('PROVIDER_RATE_LIMITED', `${about}: too many requests.`, options);
  if (status === 408) return new ProviderError('PROVIDER_TIMEOUT', `${about}.`);
  if (status >= 500) return new ProviderError('PROVIDER_UNAVAILABLE', `${about}.`, options);
  return new ProviderError('PROVIDER_BAD_ANSWER', `${about}.`);
}
