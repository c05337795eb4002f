import { MAX_PHONES } from '../../protocol/approver-state.ts';
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
      if (displayName !== undefined) people.enroll(userId, displayName, Math.floor(clock.wallMs()));
      else requirePerson(passkeys, userId);
      if (phones.of(userId).length >= MAX_PHONES) throw new AdminRefusal('TOO_MANY_PHONES');
      return { userId, ...enrollment.makeLink(userId) };
    }),
    'codes.lost': adminRoute(ADMIN_CALLS['codes.lost'], ({ userId }) => {
      const { phones, enrollment } = requirePerson(passkeys, userId);
      const disabled = phones.of(userId).length;
      const sessions = closeSessionsOfUser(userId, LOST);
      return { userId, phones: disabled, sessions, ...enrollment.reportLost(userId, LOST) };
    }),
    'codes.recovery': adminRoute(ADMIN_CALLS['codes.recovery'], ({ userId }) => {
      const { enrollment } = requirePerson(passkeys, userId);
      return { userId, recoveryCode: enrollment.renewRecovery(userId) };
    }),
    'codes.list': adminRoute(ADMIN_CALLS['codes.list'], ({ userId }) => {
      const { people, enrollment } = kept(passkeys);
      const limit = MAX_LISTED + 1;
      const links = enrollment.openLinks(limit).map((link): CodeRow => ({ kind: 'link', ...link }));
      const recovery = people.withRecoveryCode(limit).map((owner): CodeRow => ({ kind: 'recovery', userId: owner }));
      const rows = [...links, ...recovery].filter((row) => userId === undefined || row.userId === userId);
      return { rows: rows.slice(0, MAX_LISTED), more: rows.length > MAX_LISTED };
    }),
    'codes.revoke': adminRoute(ADMIN_CALLS['codes.revoke'], ({ userId, only }) => {
      const { enrollment } = requirePerson(passkeys, userId);
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
function requirePerson(passkeys: PasskeyService | null, userId: string): PasskeyService {
  const service = kept(passkeys);
  if (service.people.find(userId) === null) throw new AdminRefusal('USER_UNKNOWN');
  return service;
}
