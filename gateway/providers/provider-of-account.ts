import type { GatewayClock } from '../clock.ts';
import { createActiveconnectProvider } from './activeconnect/provider.ts';
import type { ServiceOptions } from './activeconnect/service.ts';
import type { Provider } from './provider.ts';

/** An account at a service with its secrets, from a configuration file or from main (protocol/embedded.ts). One member per kind. */
export type ProviderAccount = { readonly kind: 'activeconnect' } & Omit<
  ServiceOptions,
  'clock' | 'exchange' | 'random'
>;

/** The one place that knows every kind of provider. @throws ConfigurationError */
export function providerOfAccount(account: ProviderAccount, clock: GatewayClock): Provider {
  const { kind: _, ...service } = account;
  return createActiveconnectProvider({ ...service, clock });
}
