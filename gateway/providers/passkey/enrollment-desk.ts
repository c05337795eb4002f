import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { CreatedPasskey } from '../../../protocol/approver-passkey.ts';
import { MAX_PHONES } from '../../../protocol/approver-state.ts';
import { LINK_OPENED } from '../../../protocol/frames.ts';
import { canonicalRecoveryCode, RECOVERY_CODE_BYTES, recoveryCodeOf } from '../../../protocol/recovery-code.ts';
import type { GatewayClock } from '../../clock.ts';
import type { Database } from '../../store/database.ts';
import { type GatewayHost, ProviderError } from '../provider.ts';
import { OpenChallenges } from './challenges.ts';
import { CodeDeadlines } from './code-deadlines.ts';
import { ENROLLMENT_CODE_BYTES, ENROLLMENT_CODE_MS, MAX_FAILURES_PER_CODE } from './limits.ts';
import { type People, type Person, randomId } from './people.ts';
import type { Phone, Phones } from './phones.ts';
import { ApproverRefusal } from './refusal.ts';
import type { ApproverSecrets } from './secrets.ts';
import type { ApprovedSessions } from './sessions.ts';
import { type ApproverSite, enrollmentLink } from './site.ts';
import { verifiedCreation } from './verify.ts';

const CodeSchema = z.object({ hash: z.string() });
const OwnerSchema = z.object({ user_id: z.string(), expires_at: z.int() });
const OpenLinkSchema = z
  .object({ user_id: z.string(), made_at: z.int(), expires_at: z.int(), failures: z.int() })
  .transform((row) => ({
    userId: row.user_id,
    madeAt: row.made_at,
    expiresAt: row.expires_at,
    failures: row.failures,
  }));
/** A link that still makes somebody's phone a key. Its code is not known here any more. */
export type OpenLink = z.infer<typeof OpenLinkSchema>;

export interface EnrollmentDeskPorts {
  readonly clock: GatewayClock;
  readonly database: Database;
  readonly site: ApproverSite;
  readonly secrets: ApproverSecrets;
  readonly people: People;
  readonly phones: Phones;
  readonly sessions: ApprovedSessions;
  readonly host: () => GatewayHost | null;
  readonly changed: (userId: string) => void;
  /** Worth a notification. */
  readonly asked: (userId: string) => void;
}

/** How a phone becomes a key, and stops being one. */
export class EnrollmentDesk {
  readonly #ports: EnrollmentDeskPorts;
  readonly #challenges: OpenChallenges;
  readonly #deadlines: CodeDeadlines;

  constructor(ports: EnrollmentDeskPorts) {
    this.#ports = ports;
    this.#challenges = new OpenChallenges(ports.clock);
    this.#deadlines = new CodeDeadlines(ports.clock);
  }

  /** A workstation begins. Somebody who has a phone adds another one with it, not from here: a token alone must not add a key. */
  beginAtWorkstation(user: { readonly userId: string; readonly displayName: string }) {
    const { people, phones } = this.#ports;
    const { userId } = people.enroll(user.userId, user.displayName, this.#now());
    if (phones.of(userId).length > 0) return { registered: true };
    const { link, expiresAt } = this.makeLink(userId);
    return { registered: false, link, expiresAt };
  }

  /** How far the person's first phone is: what the workstation that shows the link follows along with. */
  check(userId: string): { readonly registered: boolean; readonly detail?: typeof LINK_OPENED } {
    const { database, phones } = this.#ports;
    if (phones.of(userId).length > 0) return { registered: true };
    const codes = database.rows(CodeSchema, 'SELECT hash FROM approver_code WHERE user_id = $userId', { userId });
    const opened = codes.some(({ hash }) => this.#challenges.isOpen(hash));
    return { registered: false, ...(opened ? { detail: LINK_OPENED } : {}) };
  }

  /** A new code takes the place of those before it. */
  makeLink(userId: string): { readonly link: string; readonly expiresAt: number } {
    const { code, expiresAt } = this.#makeCode(userId);
    return { link: enrollmentLink(this.#ports.site, code), expiresAt };
  }

  /** Those that still work, by person. */
  openLinks(limit: number): OpenLink[] {
    return this.#ports.database.rows(
      OpenLinkSchema,
      `SELECT user_id, made_at, expires_at, failures FROM approver_code WHERE failures < ${MAX_FAILURES_PER_CODE}
       AND made_at <= $now AND expires_at > $now ORDER BY user_id, made_at LIMIT $limit`,
      { now: this.#now(), limit },
    );
  }

  /** @returns how many there were, those that had run out included */
  revokeLinks(userId: string): number {
    const { database } = this.#ports;
    const revoked = database.change('DELETE FROM approver_code WHERE user_id = $userId', { userId });
    if (revoked > 0) this.#audit(userId, 'enrollment link revoked');
    return revoked;
  }

  /** @returns whether there was one */
  revokeRecovery(userId: string): boolean {
    const { people, changed } = this.#ports;
    if (people.find(userId)?.hasRecoveryCode !== true) return false;
    people.setRecovery(userId, null);
    this.#audit(userId, 'recovery code revoked');
    changed(userId);
    return true;
  }

  /** Every phone of the person is disabled. `reason` is what their workstations are told. @throws ProviderError USER_UNKNOWN */
  reportLost(userId: string, reason = 'the phone was reported lost') {
    if (this.#ports.people.find(userId) === null) {
      throw new ProviderError('USER_UNKNOWN', 'Nobody is enrolled under this id.');
    }
    this.#disablePhones(userId, reason);
    return this.makeLink(userId);
  }

  /** Removing one that is gone succeeds. */
  remove(userId: string, reason = 'the person was removed'): void {
    this.#disablePhones(userId, reason);
    this.#ports.people.remove(userId);
    this.#ports.changed(userId);
  }

  /** What the phone needs to make a passkey. The code is not used up. @throws ApproverRefusal CODE_REFUSED */
  begin(code: string): { readonly person: Person; readonly challenge: string; readonly others: Phone[] } {
    const hash = this.#hashOf(code);
    const person = this.#ownerOf(hash);
    return { person, challenge: this.#challenges.make(hash), others: this.#ports.phones.of(person.userId) };
  }

  /**
   * Registers the phone. The code works for one: it is used up in the same transaction.
   *
   * @returns the phone, and the recovery code if the person had none
   * @throws ApproverRefusal
   */
  async finish(code: string, name: string, passkey: CreatedPasskey): Promise<{ phone: Phone; recoveryCode?: string }> {
    const { site, phones, people, database, changed, asked } = this.#ports;
    const hash = this.#hashOf(code);
    const { userId } = this.#ownerOf(hash);
    if (phones.of(userId).length >= MAX_PHONES) throw new ApproverRefusal('TOO_MANY_PHONES');
    const challenge = this.#challenges.take(hash);
    if (challenge === null) throw new ApproverRefusal('PASSKEY_REFUSED');
    const verified = await verifiedCreation(passkey, { challenge, site }).catch((fault: unknown) => {
      database.change('UPDATE approver_code SET failures = failures + 1 WHERE hash = $hash', { hash });
      throw fault;
    });
    const phoneId = randomId();
    const now = this.#now();
    // The phones there are hear of another key.
    asked(userId);
    database.transaction(() => {
      if (this.#ownerOf(hash).userId !== userId) throw new ApproverRefusal('CODE_REFUSED');
      database.change('DELETE FROM approver_code WHERE user_id = $userId', { userId });
      if (phones.findByCredential(verified.credentialId) !== null) throw new ApproverRefusal('PASSKEY_REFUSED');
      phones.add({ phoneId, userId, name, ...verified }, now);
    });
    const phone = phones.find(phoneId);
    if (phone === null) throw new Error('a phone that was just stored is not there');
    people.note(userId, now, 'phone-added', { phone: name });
    this.#audit(userId, `phone added: ${phoneId}`);
    const recovery = people.find(userId)?.hasRecoveryCode === true ? {} : { recoveryCode: this.renewRecovery(userId) };
    changed(userId);
    return { phone, ...recovery };
  }

  /** In place of the one before. Told once. */
  renewRecovery(userId: string): string {
    const { people, secrets, changed } = this.#ports;
    const shown = recoveryCodeOf(randomBytes(RECOVERY_CODE_BYTES));
    people.setRecovery(userId, secrets.hash(shown.replaceAll('-', ''), 'recovery'));
    people.note(userId, this.#now(), 'recovery-code-made');
    this.#audit(userId, 'recovery code made');
    changed(userId);
    return shown;
  }

  /**
   * The code is used up, every phone disabled, and another one may enroll. Guesses are limited by address (door.ts) and not over all people:
   * 80 bits are not guessed, and a limit for all is one that anybody can use up.
   *
   * @throws ApproverRefusal RECOVERY_REFUSED
   */
  recover(typed: string): string {
    const { people, secrets } = this.#ports;
    const canonical = canonicalRecoveryCode(typed);
    const person = canonical === null ? null : people.findByRecovery(secrets.hash(canonical, 'recovery'));
    if (person === null) throw new ApproverRefusal('RECOVERY_REFUSED');
    people.setRecovery(person.userId, null);
    people.note(person.userId, this.#now(), 'recovery-code-used');
    this.#audit(person.userId, 'recovery code used');
    this.#disablePhones(person.userId, 'a recovery code was used');
    return this.#makeCode(person.userId).code;
  }

  /** Sessions it approved are over. */
  revoke(phone: Phone, reason: string): void {
    const { phones, sessions, people, changed } = this.#ports;
    phones.remove(phone.phoneId);
    sessions.finishAll(phone.userId, (session) => session.phoneId === phone.phoneId, reason);
    people.note(phone.userId, this.#now(), 'phone-revoked', { phone: phone.name });
    this.#audit(phone.userId, `phone revoked: ${phone.phoneId}`);
    changed(phone.userId);
  }

  #disablePhones(userId: string, reason: string): void {
    const { phones, sessions, people, database, changed, asked } = this.#ports;
    // The person's own phone says so, if it is not lost after all: a workstation's token is enough to report it.
    asked(userId);
    for (const phone of phones.of(userId)) phones.remove(phone.phoneId);
    database.change('DELETE FROM approver_code WHERE user_id = $userId', { userId });
    sessions.finishAll(userId, () => true, reason);
    people.note(userId, this.#now(), 'phone-lost');
    this.#audit(userId, `all phones disabled: ${reason}`);
    changed(userId);
  }

  #makeCode(userId: string): { readonly code: string; readonly expiresAt: number } {
    const { database } = this.#ports;
    const code = randomBytes(ENROLLMENT_CODE_BYTES).toString('base64url');
    const now = this.#now();
    const expiresAt = now + ENROLLMENT_CODE_MS;
    const hash = this.#hashOf(code);
    database.transaction(() => {
      database.change('DELETE FROM approver_code WHERE user_id = $userId OR expires_at < $now', { userId, now });
      for (const over of this.#deadlines.takeOver()) {
        database.change('DELETE FROM approver_code WHERE hash = $over', { over });
      }
      database.change(
        'INSERT INTO approver_code (hash, user_id, made_at, expires_at) VALUES ($hash, $userId, $now, $expiresAt)',
        { hash, userId, now, expiresAt },
      );
    });
    this.#deadlines.note(hash, expiresAt);
    return { code, expiresAt };
  }

  /** `made_at`: over a restart, with a clock that was set back, a code is not good for longer but not at all. */
  #ownerOf(hash: string): Person {
    const { database, people } = this.#ports;
    const found = database.row(
      OwnerSchema,
      `SELECT user_id, expires_at FROM approver_code WHERE hash = $hash AND failures < ${MAX_FAILURES_PER_CODE}
       AND made_at <= $now AND expires_at > $now`,
      { hash, now: this.#now() },
    );
    const inTime = found !== null && this.#deadlines.isInTime(hash, found.expires_at);
    const person = inTime ? people.find(found.user_id) : null;
    if (person === null) throw new ApproverRefusal('CODE_REFUSED');
    return person;
  }

  #hashOf(code: string): string {
    return this.#ports.secrets.hash(code, 'enrollment');
  }

  #now(): number {
    return Math.floor(this.#ports.clock.wallMs());
  }

  #audit(userId: string, detail: string): void {
    this.#ports.host()?.audit.append({ event: 'approver.phones', userId, detail });
  }
}
