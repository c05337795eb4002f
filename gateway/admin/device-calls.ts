import { createHash } from 'node:crypto';
import type { KnownWorkstation } from '../device-keys/registry.ts';
import type { Phone } from '../providers/passkey/phones.ts';
import type { PasskeyService } from '../providers/passkey/provider.ts';
import type { Administered } from './administered.ts';
import { AdminRefusal } from './refusal.ts';
import { type AdminRoutes, adminRoute } from './route.ts';
import { ADMIN_CALLS, type AdminAnswer, MAX_LISTED, type PhoneRow, type WorkstationRow } from './wire/calls.ts';

/** What workstations are told when the phone that opened them is revoked. */
const REVOKED = 'the administrator revoked the phone';
const PHONE = 'phone:';
const WORKSTATION = 'workstation:';
/** Of base64url: 132 bits of a hash. */
const WORKSTATION_ID_CHARACTERS = 22;

/** The phones of people, and the workstations. */
export function deviceRoutes(administered: Administered): Pick<AdminRoutes, 'devices.list' | 'devices.revoke'> {
  const { passkeys, workstations } = administered;
  return {
    'devices.list': adminRoute(ADMIN_CALLS['devices.list'], (asked) => {
      if (asked.userId !== undefined && passkeys === null) throw new AdminRefusal('KEPT_BY_SERVICE');
      const person = asked.userId === undefined ? undefined : passkeys?.people.named(asked.userId);
      if (person === null) throw new AdminRefusal('USER_UNKNOWN');
      const userId = person?.userId;
      const phones = userId === undefined ? passkeys?.phones.all(MAX_LISTED + 1) : passkeys?.phones.of(userId);
      const known = workstations?.list().filter((each) => userId === undefined || wasAt(passkeys, userId, each));
      const rows = [...(phones ?? []).map(phoneRow), ...(known ?? []).map(workstationRow)];
      return {
        rows: rows.slice(0, MAX_LISTED),
        more: rows.length > MAX_LISTED,
        keepsPhones: passkeys !== null,
        keepsWorkstations: workstations !== null,
      };
    }),
    'devices.revoke': adminRoute(ADMIN_CALLS['devices.revoke'], ({ id }) =>
      id.startsWith(PHONE) ? revokePhone(administered, id) : forgetWorkstation(administered, id),
    ),
  };
}

export function phoneRow({ phoneId, userId, name, addedAt, lastUsedAt, backedUp }: Phone): PhoneRow {
  return { kind: 'phone', id: `${PHONE}${phoneId}`, userId, name, addedAt, lastUsedAt, backedUp };
}

function workstationRow({ tokenName, deviceId, addedAt, lastSeenAt }: KnownWorkstation): WorkstationRow {
  return { kind: 'workstation', id: idOf({ tokenName, deviceId }), tokenName, deviceId, addedAt, lastSeenAt };
}

/** One word for token and device, which alone may hold anything. */
function idOf({ tokenName, deviceId }: Pick<KnownWorkstation, 'tokenName' | 'deviceId'>): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([tokenName, deviceId]), 'utf8')
    .digest('base64url');
  return `${WORKSTATION}${digest.slice(0, WORKSTATION_ID_CHARACTERS)}`;
}

function wasAt(passkeys: PasskeyService | null, userId: string, workstation: KnownWorkstation): boolean {
  return passkeys?.book.usersAt(workstation).includes(userId) === true;
}

function revokePhone({ passkeys }: Administered, id: string): AdminAnswer<'devices.revoke'> {
  const phone = passkeys?.phones.find(id.slice(PHONE.length)) ?? null;
  if (passkeys === null || phone === null) throw new AdminRefusal('DEVICE_UNKNOWN');
  const { userId, phoneId, name } = phone;
  const opened = passkeys.sessions.active(userId).filter(({ session }) => session.phoneId === phoneId);
  passkeys.enrollment.revoke(phone, REVOKED);
  return { id, name, userId, sessions: opened.length };
}

function forgetWorkstation({ workstations }: Administered, id: string): AdminAnswer<'devices.revoke'> {
  const known = workstations?.list().find((each) => idOf(each) === id);
  if (known === undefined || workstations?.forget(known) !== true) throw new AdminRefusal('DEVICE_UNKNOWN');
  return { id, name: known.tokenName, userId: null, sessions: null };
}
