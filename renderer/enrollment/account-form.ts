import type { Account } from '../../protocol/ipc.ts';
import { words } from '../shared/words.ts';
import { readOwnAccount } from './own-account-form.ts';
import type { Draft, OwnServiceName } from './steps.ts';

/** Mirrors AccountSchema of protocol/ipc.ts, which main decodes with; here only so that the sentence stands at its field. */
const TOKEN_MIN_CHARACTERS = 16;
const DISPLAY_NAME_MAX_CHARACTERS = 60;

export type FieldName =
  | 'region'
  | 'appId'
  | 'appSecret'
  | 'baseUrl'
  | 'secretKey'
  | 'apiUrl'
  | 'siteUrl'
  | 'token'
  | 'prefix'
  | 'headerName'
  | 'headerTemplate'
  | 'outOfBandMethods'
  | 'gatewayUrl'
  | 'gatewayToken'
  | 'displayName';
export type Mistakes = Partial<Record<FieldName, string>>;
export type ReadField = (field: FieldName) => string;

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
export function readAccountForm(mode: Draft, service: OwnServiceName, read: ReadField): ReadForm {
  const wrong = words.enrollment.account.wrong;
  const mistakes: Mistakes = {};
  const displayName = read('displayName').trim();
  if (displayName === '' || displayName.length > DISPLAY_NAME_MAX_CHARACTERS || /\p{Cc}/u.test(displayName)) {
    mistakes.displayName = wrong.displayName;
  }
  const account = mode === 'embedded' ? readOwnAccount(service, read, mistakes) : readShared(read, mistakes);
  return Object.keys(mistakes).length === 0 ? { ok: true, account, displayName } : { ok: false, mistakes };
}

function readShared(read: ReadField, mistakes: Mistakes): Account {
  const wrong = words.enrollment.account.wrong;
  const gatewayUrl = read('gatewayUrl').trim();
  const gatewayToken = read('gatewayToken').trim();
  if (!['ws:', 'wss:'].includes(URL.parse(gatewayUrl)?.protocol ?? '')) mistakes.gatewayUrl = wrong.gatewayUrl;
  if (gatewayToken.length < TOKEN_MIN_CHARACTERS) mistakes.gatewayToken = wrong.gatewayToken;
  return { mode: 'shared', gatewayUrl, gatewayToken };
}
