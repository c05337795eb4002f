import {
  APPLICATION_ID,
  AUTHSIGNAL_REGIONS,
  AUTHSIGNAL_SECRET,
  isServiceAddress,
  MAX_OUT_OF_BAND_METHODS,
  METHOD_KEY,
  TWO_FACTOR_HEADER_NAME,
  TWO_FACTOR_HEADER_TEMPLATE,
  TWO_FACTOR_PREFIX,
  TWO_FACTOR_TOKEN,
} from '../../protocol/account-fields.ts';
import type { OwnAccount } from '../../protocol/ipc.ts';
import { assertNever } from '../shared/assert-never.ts';
import { words } from '../shared/words.ts';
import type { Mistakes, ReadField } from './account-form.ts';
import type { OwnServiceName } from './steps.ts';

const wrong = words.enrollment.account.wrong;

export function readOwnAccount(service: OwnServiceName, read: ReadField, mistakes: Mistakes): OwnAccount {
  switch (service) {
    case 'iampass':
    case 'activeconnect':
      return readActiveconnect(service, read, mistakes);
    case 'authsignal':
      return readAuthsignal(read, mistakes);
    case 'wcd-2factor':
      return readTwoFactor(read, mistakes);
    default:
      return assertNever(service);
  }
}

function readActiveconnect(
  profile: 'iampass' | 'activeconnect',
  read: ReadField,
  mistakes: Mistakes,
): Extract<OwnAccount, { kind: 'activeconnect' }> {
  const appId = read('appId').trim();
  const appSecret = read('appSecret');
  const baseUrl = read('baseUrl').trim();
  if (!APPLICATION_ID.test(appId)) mistakes.appId = wrong.appId;
  if (appSecret === '') mistakes.appSecret = wrong.appSecret;
  if (baseUrl !== '' && !isAddress(baseUrl)) mistakes.baseUrl = wrong.baseUrl;
  return { mode: 'embedded', kind: 'activeconnect', profile, baseUrl, appId, appSecret };
}

function readAuthsignal(read: ReadField, mistakes: Mistakes): Extract<OwnAccount, { kind: 'authsignal' }> {
  const secret = read('secretKey').trim();
  const region = read('region');
  const apiUrl = isRegion(region) ? AUTHSIGNAL_REGIONS[region] : read('apiUrl').trim();
  if (!AUTHSIGNAL_SECRET.test(secret)) mistakes.secretKey = wrong.secretKey;
  if (!isAddress(apiUrl)) mistakes.apiUrl = wrong.apiUrl;
  return { mode: 'embedded', kind: 'authsignal', apiUrl, secret };
}

function readTwoFactor(read: ReadField, mistakes: Mistakes): Extract<OwnAccount, { kind: 'wcd-2factor' }> {
  const baseUrl = read('siteUrl').trim();
  const token = read('token').trim();
  const prefix = read('prefix').trim();
  const headerName = read('headerName').trim();
  const headerTemplate = read('headerTemplate').trim();
  const outOfBandMethods = [
    ...new Set(
      read('outOfBandMethods')
        .split(/[\s,]+/)
        .filter((key) => key !== ''),
    ),
  ];
  if (!isAddress(baseUrl)) mistakes.siteUrl = wrong.siteUrl;
  if (!TWO_FACTOR_TOKEN.test(token)) mistakes.token = wrong.token;
  if (prefix !== '' && !TWO_FACTOR_PREFIX.test(prefix)) mistakes.prefix = wrong.prefix;
  if (headerName !== '' && !TWO_FACTOR_HEADER_NAME.test(headerName)) mistakes.headerName = wrong.headerName;
  if (headerTemplate !== '' && !TWO_FACTOR_HEADER_TEMPLATE.test(headerTemplate)) {
    mistakes.headerTemplate = wrong.headerTemplate;
  }
  if (outOfBandMethods.length > MAX_OUT_OF_BAND_METHODS || !outOfBandMethods.every((key) => METHOD_KEY.test(key))) {
    mistakes.outOfBandMethods = wrong.outOfBandMethods;
  }
  return {
    mode: 'embedded',
    kind: 'wcd-2factor',
    baseUrl,
    prefix,
    headerName,
    headerTemplate,
    token,
    outOfBandMethods,
  };
}

const isAddress = (text: string): boolean => URL.canParse(text) && isServiceAddress(text);

export function isRegion(text: string): text is keyof typeof AUTHSIGNAL_REGIONS {
  return Object.hasOwn(AUTHSIGNAL_REGIONS, text);
}
