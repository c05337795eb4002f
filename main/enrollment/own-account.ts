import type { ProviderAccount } from '../../protocol/embedded.ts';
import type { OwnAccount } from '../../protocol/ipc.ts';
import { assertNever } from '../../protocol/result.ts';
import type { OwnService } from './enrollment-ports.ts';

/** An own account comes as typed (protocol/ipc.ts), is kept without its secret, and goes to the gateway as protocol/embedded.ts has it. */

const orUsual = (text: string): string | null => (text === '' ? null : text);

/** What may be written to disk. */
export function serviceOf(account: OwnAccount): OwnService {
  switch (account.kind) {
    case 'activeconnect': {
      const { kind, profile, baseUrl, appId } = account;
      return { kind, profile, baseUrl: orUsual(baseUrl), appId };
    }
    case 'authsignal':
      return { kind: account.kind, apiUrl: orUsual(account.apiUrl) };
    case 'wcd-2factor': {
      const { kind, baseUrl, prefix, headerName, headerTemplate, outOfBandMethods } = account;
      return {
        kind,
        baseUrl,
        prefix: orUsual(prefix),
        headerName: orUsual(headerName),
        headerTemplate: orUsual(headerTemplate),
        outOfBandMethods,
      };
    }
    default:
      return assertNever(account, 'own account');
  }
}

/** What may not. */
export function secretOf(account: OwnAccount): string {
  switch (account.kind) {
    case 'activeconnect':
      return account.appSecret;
    case 'authsignal':
      return account.secret;
    case 'wcd-2factor':
      return account.token;
    default:
      return assertNever(account, 'own account');
  }
}

export function providerAccountOf(service: OwnService, secret: string): ProviderAccount {
  switch (service.kind) {
    case 'activeconnect': {
      const { kind, profile, baseUrl, appId } = service;
      return { kind, profile, baseUrl, appId, appSecret: secret, simulated: false };
    }
    case 'authsignal':
      return { kind: service.kind, apiUrl: service.apiUrl, secret, simulated: false };
    case 'wcd-2factor': {
      const { kind, baseUrl, prefix, headerName, headerTemplate, outOfBandMethods } = service;
      return {
        kind,
        baseUrl,
        ...(prefix === null ? {} : { prefix }),
        header: {
          ...(headerName === null ? {} : { name: headerName }),
          ...(headerTemplate === null ? {} : { template: headerTemplate }),
        },
        token: secret,
        outOfBandMethods: [...outOfBandMethods],
        simulated: false,
      };
    }
    default:
      return assertNever(service, 'own service');
  }
}
