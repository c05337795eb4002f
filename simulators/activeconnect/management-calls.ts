import * as z from 'zod';
import { type Reply, refused } from '../http/reply.ts';
import { quotePlus } from './form-encoding.ts';
import { isUserId, type Service, type User } from './service.ts';

/** The vendor's limits are not published; these only bound the simulator. */
const MAX_USERS_PER_CALL = 1000;
const MAX_DISPLAY_NAME_LENGTH = 128;
const MAX_SMS_LENGTH = 480;

/** Unknown members are ignored, as a web service does: a newer client may send more than this one reads. */
const usersBody = z.object({ users: z.array(z.string().refine(isUserId)).min(1).max(MAX_USERS_PER_CALL) });
const smsBody = z.object({
  phone_number: z.string(),
  display_name: z.string().max(MAX_DISPLAY_NAME_LENGTH).nullish(),
  message: z.string().max(MAX_SMS_LENGTH).nullish(),
});
/** E.164: a plus, a country code that does not begin with zero, at most 15 digits in all. */
const E164 = /^\+[1-9]\d{6,14}$/;

/** Where the phone of a person is operated, as seen by whoever asked: `origin` is the address they reached us at. */
export function phoneUrl(origin: string, user: User): string {
  return `${origin}/phone/${quotePlus(user.userId)}`;
}

function newRegistrationUrl(service: Service, origin: string, user: User): string {
  return `${phoneUrl(origin, user)}?registration=${service.newRegistrationToken(user)}`;
}

/**
 * 201 whenever the call succeeded, also when everybody existed already: PROVIDERS lists 200 only together with
 * `status: false`, and a client may well read the code alone.
 */
export function addUsers(service: Service, body: unknown): Reply {
  const parsed = usersBody.safeParse(body);
  if (!parsed.success) return refused(200, 'INVALID_USERS');
  const asked = [...new Set(parsed.data.users)];
  const created = asked.filter((userId) => service.user(userId) === undefined);
  if (!service.hasRoomFor(created.length)) return refused(200, 'TOO_MANY_USERS');
  for (const userId of created) service.addUser(userId);
  const existing = asked.filter((userId) => !created.includes(userId));
  return { status: 201, body: { status: true, users: { created, existing } } };
}

/**
 * People already gone are passed over, so that a repeated deletion of a list ends well; where not one of the list is
 * known the general rule "unknown user: 404" applies.
 */
export function deleteUsers(service: Service, body: unknown): Reply {
  const parsed = usersBody.safeParse(body);
  if (!parsed.success) return refused(200, 'INVALID_USERS');
  const known = [...new Set(parsed.data.users)].flatMap((userId) => service.user(userId) ?? []);
  if (known.length === 0) return refused(404, 'UNKNOWN_USER');
  for (const user of known) service.deleteUser(user);
  return { status: 200, body: { status: true } };
}

/** A link is given also to a person who has a phone: registering through it replaces the phone. */
export function deviceRegistrationLink(service: Service, origin: string, user: User, query: URLSearchParams): Reply {
  // As in most web frameworks the last of several values counts.
  const displayName = query.getAll('display_name').at(-1);
  if (displayName !== undefined && displayName.length > MAX_DISPLAY_NAME_LENGTH)
    return refused(200, 'INVALID_DISPLAY_NAME');
  if (displayName !== undefined && displayName !== '') user.displayName = displayName;
  return { status: 200, body: { status: true, register_url: newRegistrationUrl(service, origin, user) } };
}

/** No message leaves this machine: the text lies on the simulated phone instead, where a person can open its link. */
export function sendRegistrationSms(service: Service, origin: string, user: User, body: unknown): Reply {
  const parsed = smsBody.safeParse(body);
  if (!parsed.success) return refused(200, 'INVALID_REQUEST');
  const { phone_number: phoneNumber, display_name: displayName, message } = parsed.data;
  if (!E164.test(phoneNumber)) return refused(200, 'INVALID_PHONE_NUMBER');
  if (typeof displayName === 'string' && displayName !== '') user.displayName = displayName;
  const words = typeof message === 'string' && message !== '' ? message : 'Register your phone:';
  user.lastSms = { phoneNumber, text: `${words} ${newRegistrationUrl(service, origin, user)}` };
  return { status: 200, body: { status: true } };
}

export function hasRegisteredMobileDevice(user: User): Reply {
  return { status: 200, body: { status: true, device_registered: user.phone !== undefined } };
}

/** A GET that changes something: the service's own oddity. Works for a person without a phone too, and just gives a link. */
export function lostUserMobileDevice(service: Service, origin: string, user: User): Reply {
  service.disableLostPhone(user);
  return { status: 200, body: { status: true, register_url: newRegistrationUrl(service, origin, user) } };
}
