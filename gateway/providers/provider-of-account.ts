import { assertNever } from '../../protocol/result.ts';
import type { GatewayClock } from '../clock.ts';
import { createActiveconnectProvider } from './activeconnect/provider.ts';
import type { ServiceOptions } from './activeconnect/service.ts';
import type { AuthsignalOptions } from './authsignal/account.ts';
import { createAuthsignalProvider } from './authsignal/provider.ts';
import type { Provider } from './provider.ts';
import { createTwoFactorProvider, type TwoFactorProviderOptions } from './wcd-2factor/provider.ts';

type Settings<Options> = Omit<Options, 'clock' | 'exchange' | 'random'>;

/** An account at a service with its secrets, from a configuration file or from main (protocol/embedded.ts). One member per kind. */
export type ProviderAccount =
  | ({ readonly kind: 'activeconnect' } & Settings<ServiceOptions>)
  | ({ readonly kind: 'authsignal' } & Settings<AuthsignalOptions>)
  | ({ readonly kind: 'wcd-2factor' } & Settings<TwoFactorProviderOptions>);

/** The one place that knows every kind of provider. @throws ConfigurationError */
export function providerOfAccount(account: ProviderAccount, clock: GatewayClock): Provider {
  switch (account.kind) {
    case 'activeconnect': {
      const { kind: _, ...service } = account;
      return createActiveconnectProvider({ ...service, clock });
    }
    case 'authsignal': {
      const { kind: _, ...service } = account;
      return createAuthsignalProvider({ ...service, clock });
    }
    case 'wcd-2factor': {
      const { kind: _, ...service } = account;
      return createTwoFactorProvider({ ...service, clock });
    }
    default:
      return assertNever(account, 'provider account');
  }
}
