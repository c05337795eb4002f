import { activeconnectSubject } from './activeconnect-subject.ts';
import { passkeySubject } from './approver/passkey-subject.ts';
import { authsignalSubject } from './authsignal-subject.ts';
import { registryHost } from './methods/registry-host.ts';
import type { ContractColumn } from './provider-contract-subject.ts';
import { simulatedHost, twoFactorSubject } from './wcd-2factor-subject.ts';

/** Every provider at its service; a provider that can be used in two ways, in both. A new one is a line here. */
export const COLUMNS: readonly ContractColumn[] = [
  { title: 'Activeconnect', start: () => activeconnectSubject('activeconnect') },
  { title: 'IAMPASS', start: () => activeconnectSubject('iampass') },
  { title: 'Authsignal: its app, webhooks', start: () => authsignalSubject('app', true) },
  { title: 'Authsignal: passkey by link', start: () => authsignalSubject('passkey', false) },
  { title: '2factor: typed code', start: () => twoFactorSubject((time) => simulatedHost('typed', time)) },
  { title: '2factor: confirmed elsewhere', start: () => twoFactorSubject((time) => simulatedHost('elsewhere', time)) },
  { title: '2factor: our own methods', start: () => twoFactorSubject(registryHost) },
  { title: 'Passkeys on own phones', inside: true, start: passkeySubject },
];
