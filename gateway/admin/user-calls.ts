import type { PasskeyService } from '../providers/passkey/provider.ts';
import { STATUSES } from '../providers/wcd-2factor/wire.ts';
import type { Administered } from './administered.ts';
import { sumOf } from './code-calls.ts';
import { phoneRow } from './device-calls.ts';
import { AdminRefusal } from './refusal.ts';
import { type AdminRoutes, adminRoute } from './route.ts';
import { ADMIN_CALLS, type AdminAnswer, MAX_LISTED, type UserRow } from './wire/calls.ts';

/** What workstations are told when their person is removed. */
const REMOVED = 'the administrator removed the person';

/** The people: those with phones, and those who set up a confirmation method of our own. */
export function userRoutes(administered: Administered): Pick<AdminRoutes, `users.${'list' | 'show' | 'remove'}`> {
  const { passkeys, methods, peopleWithToken } = administered;
  return {
    'users.list': adminRoute(ADMIN_CALLS['users.list'], () => {
      const rows = usersOf(administered, null);
      return { rows: rows.slice(0, MAX_LISTED), more: rows.length > MAX_LISTED };
    }),
    'users.show': adminRoute(ADMIN_CALLS['users.show'], (asked) => {
      const user = userOf(administered, asked.userId);
      const { userId } = user;
      return {
        user,
        phones: passkeys?.phones.of(userId).map(phoneRow) ?? [],
        places: passkeys === null ? [] : placesOf(passkeys, userId),
        members: passkeys === null ? [] : membersOf(passkeys, userId),
        methods:
          methods?.list(userId).map(({ method, status, isActive }) => ({
            method: method.key,
            confirmed: status === STATUSES.confirmed,
            active: isActive,
          })) ?? [],
      };
    }),
    'users.remove': adminRoute(ADMIN_CALLS['users.remove'], (asked) => {
      const user = userOf(administered, asked.userId);
      const { userId } = user;
      const person = passkeys?.people.find(userId) ?? null;
      // Sessions are known by the user ids of the workstations.
      const askedAs = person === null ? [userId] : (passkeys?.people.members(userId) ?? []);
      const sessions = sumOf(askedAs.map((member) => administered.closeSessionsOfUser(member, REMOVED)));
      if (person !== null) passkeys?.enrollment.removePerson(userId, REMOVED);
      return {
        userId,
        phones: user.phones,
        sessions,
        methods: methods?.removeAll(userId) ?? 0,
        tokenRemains: peopleWithToken.has(userId),
      };
    }),
  };
}

/** By user id, one more than may be listed. @throws AdminRefusal KEPT_BY_SERVICE */
function usersOf({ passkeys, methods, clock }: Administered, userId: string | null): readonly UserRow[] {
  if (passkeys === null && methods === null) throw new AdminRefusal('KEPT_BY_SERVICE');
  const limit = MAX_LISTED + 1;
  const users = new Map<string, UserRow>();
  for (const person of passkeys?.people.withCounts(Math.floor(clock.wallMs()), limit, userId) ?? []) {
    users.set(person.userId, { ...person, methods: 0 });
  }
  for (const { userId: owner, configs } of methods?.counts(limit, userId) ?? []) {
    const known = users.get(owner) ?? {
      userId: owner,
      displayName: '',
      phones: 0,
      sessions: 0,
      hasRecoveryCode: false,
      hasOpenLink: false,
    };
    users.set(owner, { ...known, methods: configs });
  }
  return [...users.values()].sort((a, b) => (a.userId < b.userId ? -1 : 1)).slice(0, limit);
}

/** @param id a person's, or the user id of one of their workstations */
function userOf(administered: Administered, id: string): UserRow {
  const [user] = usersOf(administered, administered.passkeys?.people.named(id)?.userId ?? id);
  if (user === undefined) throw new AdminRefusal('USER_UNKNOWN');
  return user;
}

function membersOf({ people, book }: PasskeyService, userId: string): AdminAnswer<'users.show'>['members'] {
  const places = book
    .workstations(userId)
    .map(({ workstationId, name }) => ({ name, by: book.membersAt(workstationId) }));
  return people.members(userId).map((member) => ({
    userId: member,
    workstations: places.filter(({ by }) => by.includes(member)).map(({ name }) => name),
  }));
}

function placesOf({ book, sessions, host }: PasskeyService, userId: string): AdminAnswer<'users.show'>['places'] {
  const active = sessions.active(userId);
  return book.workstations(userId).map((workstation) => {
    const { workstationId, name, tokenName, lastUsedAt } = workstation;
    const here = active.findLast(({ session }) => session.workstationId === workstationId);
    const connected = host()?.isConnected(workstation) ?? false;
    return { name, tokenName, connected, inUntil: here?.until ?? null, lastUsedAt };
  });
}
