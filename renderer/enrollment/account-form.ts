import type { Account } from '../../protocol/ipc.ts';
import { words } from '../shared/words.ts';
import type { Draft } from './steps.ts';

/** Mirrors AccountSchema of protocol/ipc.ts, which main decodes with; here only so that the sentence stands at its field. */
const TOKEN_MIN_CHARACTERS = 16;
const DISPLAY_NAME_MAX_CHARACTERS = 60;
const APP_ID = /^[\x21-\x7e]{1,200}$/;

export type FieldName = 'profile' | 'appId' | 'appSecret' | 'baseUrl' | 'gatewayUrl' | 'gatewayToken' | 'displayName';
export type Mistakes = Partial<Record<FieldName, string>>;

export type ReadForm =
  | { readonly ok: true; readonly account: Account; readonly displayName: string }
  | { readonly ok: false; readonly mistakes: Mistakes };

export function displayNameFrom(workstation: string): string {
  return workstation
    .replaceAll(/\p{Cc}/gu, '')
    .trim()
    .slice(0, DISPLAY_NAME_MAX_CHARACTERS);
}

/** Reads the fields once, at submit. Secrets are never held in a state of the page. */
export function readAccountForm(mode: Draft, read: (field: FieldName) => string): ReadForm {
  const wrong = words.enrollment.account.wrong;
  const mistakes: Mistakes = {};
  const displayName = read('displayName').trim();
  if (displayName === '' || displayName.length > DISPLAY_NAME_MAX_CHARACTERS || /\p{Cc}/u.test(displayName)) {
    mistakes.displayName = wrong.displayName;
  }
  const account = mode === 'embedded' ? readEmbedded(read, mistakes) : readShared(read, mistakes);
  return Object.keys(mistakes).length === 0 ? { ok: true, account, displayName } : { ok: false, mistakes };
}

function readEmbedded(read: (field: FieldName) => string, mistakes: Mistakes): Account {
  const wrong = words.enrollment.account.wrong;
  const appId = read('appId').trim();
  const appSecret = read('appSecret');
  const baseUrl = read('baseUrl').trim();
  if (!APP_ID.test(appId)) mistakes.appId = wrong.appId;
  if (appSecret === '') mistakes.appSecret = wrong.appSecret;
  if (baseUrl !== '' && !isUrl(baseUrl, ['http:', 'https:'])) mistakes.baseUrl = wrong.baseUrl;
  const profile = read('profile') === 'activeconnect' ? 'activeconnect' : 'iampass';
  return { mode: 'embedded', profile, baseUrl, appId, appSecret };
}

function readShared(read: (field: FieldName) => string, mistakes: Mistakes): Account {
  const wrong = words.enrollment.account.wrong;
  const gatewayUrl = read('gatewayUrl').trim();
  const gatewayToken = read('gatewayToken').trim();
  if (!isUrl(gatewayUrl, ['ws:', 'wss:'])) mistakes.gatewayUrl = wrong.gatewayUrl;
  if (gatewayToken.length < TOKEN_MIN_CHARACTERS) mistakes.gatewayToken = wrong.gatewayToken;
  return { mode: 'shared', gatewayUrl, gatewayToken };
}

function isUrl(text: string, protocols: readonly string[]): boolean {
  const url = URL.parse(text);
  return url !== null && protocols.includes(url.protocol);
}
