import { MAX_PHONES } from '../../protocol/approver-state.ts';
import type { Person } from '../providers/passkey/people.ts';
import type { PasskeyService } from '../providers/passkey/provider.ts';
import type { Administered } from './administered.ts';
import { AdminRefusal } from './refusal.ts';
import { type AdminRoutes, adminRoute } from './route.ts';
import { ADMIN_CALLS, type CodeRow, MAX_LISTED } from './wire/calls.ts';

/** What workstations are told when all phones of their person are disabled. */
const LOST = 'the administrator disabled the lost phone';

/** Codes that make a phone a key: links that enroll one, and recovery codes. */
export function codeRoutes({
  passkeys,
  clock,
  closeSessionsOfUser,
}: Administered): Pick<AdminRoutes, `codes.${'enroll' | 'lost' | 'recovery' | 'list' | 'revoke'}`> {
  return {
    'codes.enroll': adminRoute(ADMIN_CALLS['codes.enroll'], ({ userId, displayName }) => {
      const { people, phones, enrollment } = kept(passkeys);
      if (displayName !== undefined && people.named(userId) === null) {
        people.enroll(userId, displayName, Math.floor(clock.wallMs()));
      }
      const person = requirePerson(passkeys, userId);
      if (phones.of(person.userId).length >= MAX_PHONES) throw new AdminRefusal('TOO_MANY_PHONES');
      return { userId: person.userId, ...enrollment.makeLink(person.userId) };
    }),
    'codes.lost': adminRoute(ADMIN_CALLS['codes.lost'], (asked) => {
      const { people, phones, enrollment } = kept(passkeys);
      const { userId } = requirePerson(passkeys, asked.userId);
      const disabled = phones.of(userId).length;
      const sessions = sumOf(people.members(userId).map((member) => closeSessionsOfUser(member, LOST)));
      return { userId, phones: disabled, sessions, ...enrollment.reportLost(userId, LOST) };
    }),
    'codes.recovery': adminRoute(ADMIN_CALLS['codes.recovery'], (asked) => {
      const { enrollment } = kept(passkeys);
      const { userId } = requirePerson(passkeys, asked.userId);
      return { userId, recoveryCode: enrollment.renewRecovery(userId) };
    }),
    'codes.list': adminRoute(ADMIN_CALLS['codes.list'], ({ userId }) => {
      const { people, codes } = kept(passkeys);
      const limit = MAX_LISTED + 1;
      const owner = userId === undefined ? undefined : (people.named(userId)?.userId ?? userId);
      const links = codes.open(limit).map((link): CodeRow => ({ kind: 'link', ...link }));
      const recovery = people.withRecoveryCode(limit).map((each): CodeRow => ({ kind: 'recovery', userId: each }));
      const rows = [...links, ...recovery].filter((row) => owner === undefined || row.userId === owner);
      return { rows: rows.slice(0, MAX_LISTED), more: rows.length > MAX_LISTED };
    }),
    'codes.revoke': adminRoute(ADMIN_CALLS['codes.revoke'], ({ only, ...asked }) => {
      const { enrollment } = kept(passkeys);
      const { userId } = requirePerson(passkeys, asked.userId);
      return {
        userId,
        links: only === 'recovery' ? 0 : enrollment.revokeLinks(userId),
        recoveryCodes: only !== 'link' && enrollment.revokeRecovery(userId) ? 1 : 0,
      };
    }),
  };
}

/** @throws AdminRefusal KEPT_BY_SERVICE */
function kept(passkeys: PasskeyService | null): PasskeyService {
  if (passkeys === null) throw new AdminRefusal('KEPT_BY_SERVICE');
  return passkeys;
}

/** @throws AdminRefusal */
function requirePerson(passkeys: PasskeyService | null, userId: string): Person {
  const person = kept(passkeys).people.named(userId);
  if (person === null) throw new AdminRefusal('USER_UNKNOWN');
  return person;
}

export const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
