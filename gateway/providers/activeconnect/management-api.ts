import type { z } from 'zod';
import { errorOfStatus } from '../error-of-status.ts';
import { ProviderError } from '../provider.ts';
import { readableWord } from '../readable-word.ts';
import type { ServiceAnswer } from '../service-http.ts';
import {
  AddedUsersSchema,
  decodeAnswer,
  ManagementAnswerSchema,
  RegisteredDeviceSchema,
  RegistrationLinkSchema,
} from './answers.ts';
import { quotePlus } from './form-encoding.ts';
import { callAddress, type Service } from './service.ts';
import type { SignedRequest } from './signed-http.ts';

export interface AddedUsers {
  readonly created: readonly string[];
  readonly existing: readonly string[];
}

export interface RegistrationSms {
  /** E.164, e.g. `+491701234567`. */
  readonly phoneNumber: string;
  readonly displayName?: string | undefined;
  /** Words before the link. Default: the service's. */
  readonly message?: string | undefined;
}

/**
 * `<base>/management/…` of PROVIDERS §1, names as the vendor's. Every call @throws ProviderError: USER_UNKNOWN for a user or application the
 * service does not know, PROVIDER_UNAUTHORIZED for a wrong id, secret or clock. Aborting a call's `signal` fails it with PROVIDER_TIMEOUT.
 */
export class ManagementAPI {
  readonly #service: Service;

  constructor(service: Service) {
    this.#service = service;
  }

  /** Like `addUsers`, for one. */
  async addUser(userId: string, signal?: AbortSignal): Promise<'created' | 'existing'> {
    const { existing } = await this.addUsers([userId], signal);
    return existing.includes(userId) ? 'existing' : 'created';
  }

  /** Users that exist already are no failure. Idempotent. */
  async addUsers(userIds: readonly string[], signal?: AbortSignal): Promise<AddedUsers> {
    const answer = await this.#post('add_users', null, { users: userIds }, 'any-failure', signal);
    requireDone(answer, 'add users', 'PROVIDER_UNAVAILABLE');
    const { users } = decodeAnswer(AddedUsersSchema, answer, 'add users');
    return { created: users?.created ?? [], existing: users?.existing ?? [] };
  }

  /** Like `deleteUsers`, for one. */
  async deleteUser(userId: string, signal?: AbortSignal): Promise<void> {
    await this.deleteUsers([userId], signal);
  }

  /** Idempotent at the service; whether an unknown user is a 404 or a success is the server's choice. */
  async deleteUsers(userIds: readonly string[], signal?: AbortSignal): Promise<void> {
    const answer = await this.#post('delete_users', null, { users: userIds }, 'any-failure', signal);
    requireDone(answer, 'delete users', 'PROVIDER_UNAVAILABLE');
  }

  /** The link that registers a phone, for a QR code. `displayName`: what the phone shows, default nothing. */
  async getRegistrationLink(userId: string, displayName?: string | null, signal?: AbortSignal): Promise<string> {
    const query =
      displayName === undefined || displayName === null || displayName === ''
        ? ''
        : `?display_name=${quotePlus(displayName)}`;
    const answer = await this.#get('device_registration_link', userId, query, signal);
    return field(RegistrationLinkSchema, answer, 'registration link').register_url;
  }

  /** `phoneNumber`: E.164. Sent at most once: repeated only if the connection was never made. SMS_REFUSED carries the service's reason. */
  async sendRegistrationSms(userId: string, sms: RegistrationSms, signal?: AbortSignal): Promise<void> {
    const body = {
      phone_number: sms.phoneNumber,
      ...(sms.displayName === undefined ? {} : { display_name: sms.displayName }),
      ...(sms.message === undefined ? {} : { message: sms.message }),
    };
    const answer = await this.#post('send_registration_sms', userId, body, 'undelivered-only', signal);
    if (answer.status === 400 || answer.status === 422) {
      throw new ProviderError('SMS_REFUSED', 'The service did not accept the phone number.');
    }
    requireDone(answer, 'registration SMS', 'SMS_REFUSED');
  }

  /** Whether a phone is ready to approve. */
  async hasRegisteredMobileDevice(userId: string, signal?: AbortSignal): Promise<boolean> {
    const answer = await this.#get('has_registered_mobile_device', userId, '', signal);
    return field(RegisteredDeviceSchema, answer, 'registered phone').device_registered;
  }

  /** Disables the user's phone; the link registers a new one. A GET that changes something, yet repeating it changes nothing more. */
  async lostUserMobileDevice(userId: string, signal?: AbortSignal): Promise<string> {
    const answer = await this.#get('lost_user_mobile_device', userId, '', signal);
    return field(RegistrationLinkSchema, answer, 'lost phone').register_url;
  }

  #get(call: string, userId: string, query: string, signal: AbortSignal | undefined): Promise<ServiceAnswer> {
    const address = callAddress(this.#service, `management/${this.#path(call, userId)}${query}`);
    return this.#send({ method: 'GET', address, body: null, repeat: 'any-failure' }, signal);
  }

  #post(
    call: string,
    userId: string | null,
    body: unknown,
    repeat: SignedRequest['repeat'],
    signal: AbortSignal | undefined,
  ): Promise<ServiceAnswer> {
    const address = callAddress(this.#service, `management/${this.#path(call, userId)}`);
    return this.#send({ method: 'POST', address, body: JSON.stringify(body), repeat }, signal);
  }

  #path(call: string, userId: string | null): string {
    const application = `${call}/${quotePlus(this.#service.appId)}`;
    return userId === null ? application : `${application}/${userPathSegment(userId)}`;
  }

  #send(request: Omit<SignedRequest, 'credentials'>, signal: AbortSignal | undefined): Promise<ServiceAnswer> {
    return this.#service.http.send({ ...request, credentials: this.#service.credentials }, signal);
  }
}

/** `.` and `..` survive every encoding, and a proxy before the service would resolve them into another call. @throws ProviderError USER_UNKNOWN */
export function userPathSegment(userId: string): string {
  if (userId === '' || userId === '.' || userId === '..') {
    throw new ProviderError('USER_UNKNOWN', 'This cannot be the id of a user.');
  }
  return quotePlus(userId);
}

function requireDone(answer: ServiceAnswer, call: string, refused: ProviderError['code']): void {
  if (answer.status < 200 || answer.status > 299) throw errorOfStatus(answer, call, 'USER_UNKNOWN');
  const { status, reason } = decodeAnswer(ManagementAnswerSchema, answer, call);
  if (status) return;
  const said = readableWord(reason);
  throw new ProviderError(refused, `The service refused "${call}"${said === '' ? '' : ` (${said})`}.`);
}

function field<T>(schema: z.ZodType<T>, answer: ServiceAnswer, call: string): T {
  requireDone(answer, call, 'PROVIDER_UNAVAILABLE');
  return decodeAnswer(schema, answer, call);
}
