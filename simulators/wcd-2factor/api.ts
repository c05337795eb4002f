import { assertNever } from '../assert-never.ts';
import { nonField, RequestFields } from './errors.ts';
import type { MethodConfig, Person, Service, UserConfig } from './service.ts';
import { type Confirmation, isConfigAvailable, isConfirmationAvailable } from './service.ts';

export const CALLS = [
  'listActiveMethods',
  'listOwnConfigs',
  'createConfig',
  'confirmConfig',
  'updateConfig',
  'deleteConfig',
  'requestConfirmation',
  'checkConfirmation',
  'confirmConfirmation',
] as const;
export type Call = (typeof CALLS)[number];

export interface Route {
  readonly call: Call;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Still encoded. */
  readonly id: string;
}

/** @param path below the prefix; exact, the trailing slash included. */
export function findRoute(path: string): Route | undefined {
  const own = /^user-config\/own\/(\d{1,15})\/(update|destroy)\/$/.exec(path);
  if (own !== null) {
    const id = own[1] ?? '';
    return own[2] === 'update'
      ? { call: 'updateConfig', method: 'PUT', id }
      : { call: 'deleteConfig', method: 'DELETE', id };
  }
  const check = /^confirmation\/([^/]+)\/check\/$/.exec(path);
  if (check !== null) return { call: 'checkConfirmation', method: 'GET', id: check[1] ?? '' };
  switch (path) {
    case 'method-config/list/active/':
      return { call: 'listActiveMethods', method: 'GET', id: '' };
    case 'user-config/own/list/':
      return { call: 'listOwnConfigs', method: 'GET', id: '' };
    case 'user-config/own/create/':
      return { call: 'createConfig', method: 'POST', id: '' };
    case 'user-config/own/confirm/':
      return { call: 'confirmConfig', method: 'POST', id: '' };
    case 'confirmation/request/':
      return { call: 'requestConfirmation', method: 'POST', id: '' };
    case 'confirmation/confirm/':
      return { call: 'confirmConfirmation', method: 'POST', id: '' };
    default:
      return undefined;
  }
}

/** `body` undefined: none. */
export interface ApiReply {
  readonly status: number;
  readonly body: unknown;
}

export class NotSignedIn extends Error {}
export class NotFound extends Error {}
/** Django's own page for what nobody caught. */
export class ServerFault extends Error {}

export interface ApiCall {
  readonly route: Route;
  /** `null`: nobody signed in, which the vendor allows for methods and confirmations. */
  readonly person: Person | null;
  /** Whom a code of a method is delivered to that is asked for without signing in. */
  readonly host: Person;
  readonly body: unknown;
  /** Send the methods' JSON schemas too, which the vendor's server has and keeps to itself. */
  readonly withSchemas: boolean;
}

/** Carries out one call as `wcd_2factor` 0.2 does. @throws ValidationError, NotSignedIn, NotFound, ServerFault */
export function answerApiCall(service: Service, call: ApiCall): ApiReply {
  const { route, person, withSchemas } = call;
  switch (route.call) {
    case 'listActiveMethods':
      return ok(service.activeMethods().map((method) => methodShown(method, withSchemas)));
    case 'listOwnConfigs':
      return ok(service.configsOf(signedIn(person)).map((config) => configShown(config, withSchemas)));
    case 'createConfig':
      return createConfig(service, signedIn(person), call);
    case 'confirmConfig':
      return confirmConfig(service, call);
    case 'updateConfig':
      return updateConfig(service, ownConfig(service, signedIn(person), route.id), call);
    case 'deleteConfig':
      service.destroyConfig(ownConfig(service, signedIn(person), route.id));
      return { status: 204, body: undefined };
    case 'requestConfirmation':
      return requestConfirmation(service, call);
    case 'checkConfirmation':
      return checkConfirmation(service, route.id);
    case 'confirmConfirmation':
      return confirmConfirmation(service, call);
    default:
      return assertNever(route.call);
  }
}

const ok = (body: unknown): ApiReply => ({ status: 200, body });

function signedIn(person: Person | null): Person {
  if (person === null) throw new NotSignedIn();
  return person;
}

function ownConfig(service: Service, person: Person, id: string): UserConfig {
  const found = service.configsOf(person).find((config) => String(config.id) === id);
  if (found === undefined) throw new NotFound();
  return found;
}

function createConfig(service: Service, person: Person, { body }: ApiCall): ApiReply {
  const fields = new RequestFields(body);
  const methodConfig = fields.key('method_config_id', (key) => methodBy(service, key));
  const wanted = wantedConfig(fields);
  fields.check();
  if (methodConfig === undefined) throw new ServerFault();
  const config = methodConfig.method.settings(wanted.config, 'config');
  return changedShown(service.createConfig(person, methodConfig, { ...wanted, config: notEmpty(config) }));
}

function updateConfig(service: Service, known: UserConfig, { body }: ApiCall): ApiReply {
  const fields = new RequestFields(body);
  const wanted = wantedConfig(fields);
  fields.check();
  const config = known.methodConfig.method.settings(wanted.config, 'config');
  return changedShown(service.updateConfig(known, { ...wanted, config: notEmpty(config) }));
}

/** The vendor's backends assert it, and outside of DEBUG an assertion is an unknown error. */
function notEmpty(config: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (Object.values(config).includes('')) throw nonField('Unknown error.', 'unknown_error');
  return config;
}

function wantedConfig(fields: RequestFields) {
  const config = fields.dictionary('config');
  return { config, isActive: fields.boolean('is_active'), isDefault: fields.boolean('is_default') };
}

function confirmConfig(service: Service, { person, body, withSchemas }: ApiCall): ApiReply {
  const fields = new RequestFields(body);
  const config = fields.key('id', (key) =>
    service.configsOf(person).find((each) => String(each.id) === key && each.status !== '085-confirmed'),
  );
  const confirmation = fields.key('confirmation_id', (key) => unconfirmed(service, key));
  const data = fields.dictionary('data');
  fields.check();
  if (config === undefined || confirmation === undefined) throw new ServerFault();
  confirmation.userConfig ??= config;
  if (confirmation.userConfig !== config) {
    throw nonField('User config can not be confirmed with this confirmation.', 'wrong_config');
  }
  if (!confirmation.methodConfig.method.confirm(confirmation.state, data)) {
    throw nonField('Failed to confirm.', 'failed_to_confirm');
  }
  confirmation.status = '085-confirmed';
  config.status = '085-confirmed';
  if (isConfirmationAvailable(confirmation)) service.consume(confirmation);
  return ok(configShown(config, withSchemas));
}

function requestConfirmation(service: Service, { person, host, body }: ApiCall): ApiReply {
  const fields = new RequestFields(body);
  const methodConfig = fields.key('method_config_id', (key) => methodBy(service, key), false);
  const userConfig = fields.key(
    'user_config_id',
    (key) => service.configsOf(person).find((config) => String(config.id) === key),
    false,
  );
  const data = fields.dictionary('data');
  fields.check();
  const method = methodConfig ?? userConfig?.methodConfig;
  if (method === undefined) {
    throw nonField('Either method_config_id or user_config_id is required.', 'empty_config');
  }
  if (userConfig !== undefined && userConfig.methodConfig !== method) throw nonField('Unknown error.', 'unknown_error');
  return ok(confirmationShown(service.requestConfirmation(person ?? host, method, userConfig ?? null, data)));
}

function checkConfirmation(service: Service, claimedId: string): ApiReply {
  // Django asks its database for a UUID and nobody catches what that raises for another text.
  if (!/^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(claimedId)) throw new ServerFault();
  const found = service.confirmation(claimedId);
  return ok(found === undefined ? { id: null, status: null, is_available: false } : confirmationShown(found));
}

function confirmConfirmation(service: Service, { body }: ApiCall): ApiReply {
  const fields = new RequestFields(body);
  const confirmation = fields.key('id', (key) => unconfirmed(service, key));
  const isUsable =
    confirmation === undefined ||
    (confirmation.methodConfig.isActive &&
      (confirmation.userConfig === null || isConfigAvailable(confirmation.userConfig)));
  if (!isUsable) fields.refuse('id', 'Can not be confirmed with unavailable config.', 'wrong_config');
  const data = fields.dictionary('data');
  fields.check();
  if (confirmation === undefined) throw new ServerFault();
  if (confirmation.methodConfig.method.confirm(confirmation.state, data)) confirmation.status = '085-confirmed';
  if (!isConfirmationAvailable(confirmation)) throw nonField('Failed to confirm.', 'failed_to_confirm');
  return ok(confirmationShown(confirmation));
}

function methodBy(service: Service, key: string): MethodConfig | undefined {
  return service.activeMethods().find((method) => String(method.id) === key);
}

function unconfirmed(service: Service, key: string): Confirmation | undefined {
  const found = service.confirmation(key);
  return found?.status === '085-confirmed' ? undefined : found;
}

function methodShown({ id, method, isDefault }: MethodConfig, withSchemas: boolean) {
  const shown = { id, title: method.title, method: method.key, is_default: isDefault };
  return withSchemas ? { ...shown, config_user_schema: method.userSchema } : shown;
}

function configShown(config: UserConfig, withSchemas: boolean) {
  const { id, title, status, method_config_id, config: settings, is_active, is_default } = itemShown(config);
  const method_config = methodShown(config.methodConfig, withSchemas);
  const is_available = isConfigAvailable(config);
  return { id, title, status, method_config_id, method_config, config: settings, is_active, is_default, is_available };
}

/** People give their configs no titles here. */
function itemShown({ id, status, methodConfig, config, isActive, isDefault }: UserConfig) {
  const method_config_id = methodConfig.id;
  return { id, title: '', status, method_config_id, config, is_active: isActive, is_default: isDefault };
}

function confirmationShown(confirmation: Confirmation) {
  const { id, status } = confirmation;
  return { id, status, is_available: isConfirmationAvailable(confirmation) };
}

/** The field is really spelt so. */
function changedShown({ config, confirmation }: ReturnType<Service['createConfig']>): ApiReply {
  return ok({ item: itemShown(config), comfirmation_id: confirmation?.id ?? null });
}
