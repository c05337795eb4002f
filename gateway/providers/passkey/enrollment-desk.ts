import { randomBytes } from 'node:crypto';
import type { CreatedPasskey } from '../../../protocol/approver-passkey.ts';
import { MAX_PHONES } from '../../../protocol/approver-state.ts';
import { LINK_OPENED } from '../../../protocol/frames.ts';
import { canonicalRecoveryCode, RECOVERY_CODE_BYTES, recoveryCodeOf } from '../../../protocol/recovery-code.ts';
import type { GatewayClock } from '../../clock.ts';
import type { Database } from '../../store/database.ts';
import type { GatewayHost } from '../provider.ts';
import { OpenChallenges } from './challenges.ts';
import type { EnrollmentCodes } from './enrollment-codes.ts';
import { type People, type Person, randomId } from './people.ts';
import type { Phone, Phones } from './phones.ts';
import { ApproverRefusal } from './refusal.ts';
import type { ApproverSecrets } from './secrets.ts';
import type { ApprovedSessions } from './sessions.ts';
import { type ApproverSite, enrollmentLink } from './site.ts';
import type { Ties } from './ties.ts';
import { verifiedCreation } from './verify.ts';

export interface EnrollmentDeskPorts {
  readonly clock: GatewayClock;
  readonly database: Database;
  readonly site: ApproverSite;
  readonly secrets: ApproverSecrets;
  readonly people: People;
  readonly phones: Phones;
  readonly codes: EnrollmentCodes;
  readonly sessions: ApprovedSessions;
  readonly ties: Ties;
  readonly host: () => GatewayHost | null;
  readonly changed: (userId: string) => void;
  /** Worth a notification. */
  readonly asked: (userId: string) => void;
}

/** How a phone becomes a key, and stops being one. */
export class EnrollmentDesk {
  readonly #ports: EnrollmentDeskPorts;
  readonly #challenges: OpenChallenges;

  constructor(ports: EnrollmentDeskPorts) {
    this.#ports = ports;
    this.#challenges = new OpenChallenges(ports.clock);
  }

  /**
   * A workstation begins. Somebody who has a phone adds another one with it, not from here, and a phone of theirs takes the workstation on: what a
   * workstation knows must add no key for the others.
   */
  beginAtWorkstation({ userId: memberId, displayName }: { readonly userId: string; readonly displayName: string }) {
    const { people, phones, ties } = this.#ports;
    const known = people.ofWorkstation(memberId);
    if (known !== null && phones.of(known.userId).length > 0) return { registered: true };
    // Its person has lost all phones. A link from here would open the other workstations as well, so this one alone begins anew.
    if (known !== null && people.members(known.userId).length > 1) ties.untie(memberId, 'it is enrolled anew');
    const { userId } = people.enroll(memberId, displayName, this.#now());
    const { link, expiresAt } = this.makeLink(userId, memberId);
    return { registered: false, link, expiresAt };
  }

  /** How far the first phone of the workstation's person is: what the workstation that shows the link follows along with. */
  check(memberId: string): { readonly registered: boolean; readonly detail?: typeof LINK_OPENED } {
    const { people, phones, codes } = this.#ports;
    const person = people.ofWorkstation(memberId);
    if (person === null) return { registered: false };
    if (phones.of(person.userId).length > 0) return { registered: true };
    const opened = codes.hashes(person.userId).some((hash) => this.#challenges.isOpen(hash));
    return { registered: false, ...(opened ? { detail: LINK_OPENED } : {}) };
  }

  /** A new code takes the place of those before it. `memberId`: of the workstation that is to show it. */
  makeLink(userId: string, memberId: string | null = null): { readonly link: string; readonly expiresAt: number } {
    const { database, codes, site } = this.#ports;
    const { code, expiresAt } = database.transaction(() => codes.make(userId, memberId));
    return { link: enrollmentLink(site, code), expiresAt };
  }

  /** @returns how many there were, those that had run out included */
  revokeLinks(userId: string): number {
    const revoked = this.#ports.codes.deleteAll(userId);
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

  /** Every phone of the person is disabled, and a link for a new one made. `reason` is what their workstations are told. */
  reportLost(userId: string, reason: string): { readonly link: string; readonly expiresAt: number } {
    const { codes, site } = this.#ports;
    const { code, expiresAt } = this.#disablePhones(userId, reason, () => codes.make(userId, null));
    return { link: enrollmentLink(site, code), expiresAt };
  }

  /** A workstation leaves; the last one takes the person with it. One that is gone already succeeds. */
  removeWorkstation(memberId: string): void {
    const { people, ties } = this.#ports;
    const person = people.ofWorkstation(memberId);
    if (person === null) return;
    ties.untie(memberId, 'the workstation was removed', { heard: 'after-the-answer' });
    if (people.members(person.userId).length === 0) this.removePerson(person.userId, 'the workstation was removed');
  }

  /** With all phones and workstations. */
  removePerson(userId: string, reason: string): void {
    const { people, changed } = this.#ports;
    this.#disablePhones(userId, reason, () => people.remove(userId));
    changed(userId);
  }

  /**
   * What the phone needs to make a passkey. The code is not used up.
   *
   * @returns `joins`: a phone that is a key already can take the workstation on instead (Ties.join)
   * @throws ApproverRefusal CODE_REFUSED
   */
  begin(code: string): {
    readonly person: Person;
    readonly challenge: string;
    readonly others: Phone[];
    readonly joins: boolean;
  } {
    const { codes, phones } = this.#ports;
    const hash = codes.hashOf(code);
    const { person, memberId } = codes.ownerOf(hash);
    const others = phones.of(person.userId);
    return { person, challenge: this.#challenges.make(hash), others, joins: memberId !== null && others.length === 0 };
  }

  /**
   * Registers the phone. The code works for one: it is used up in the same transaction.
   *
   * @returns the phone, and the recovery code if the person had none
   * @throws ApproverRefusal
   */
  async finish(code: string, name: string, passkey: CreatedPasskey): Promise<{ phone: Phone; recoveryCode?: string }> {
    const { site, phones, people, codes, database, changed, asked } = this.#ports;
    const hash = codes.hashOf(code);
    const { userId } = codes.ownerOf(hash).person;
    if (phones.of(userId).length >= MAX_PHONES) throw new ApproverRefusal('TOO_MANY_PHONES');
    const challenge = this.#challenges.take(hash);
    if (challenge === null) throw new ApproverRefusal('PASSKEY_REFUSED');
    const verified = await verifiedCreation(passkey, { challenge, site }).catch((fault: unknown) => {
      codes.noteFailure(hash);
      throw fault;
    });
    const phoneId = randomId();
    const now = this.#now();
    // The phones there are hear of another key.
    asked(userId);
    database.transaction(() => {
      if (codes.ownerOf(hash).person.userId !== userId) throw new ApproverRefusal('CODE_REFUSED');
      codes.deleteAll(userId);
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
    const { people, secrets, codes } = this.#ports;
    const canonical = canonicalRecoveryCode(typed);
    const person = canonical === null ? null : people.findByRecovery(secrets.hash(canonical, 'recovery'));
    if (person === null) throw new ApproverRefusal('RECOVERY_REFUSED');
    const { userId } = person;
    const { code } = this.#disablePhones(userId, 'a recovery code was used', () => {
      people.setRecovery(userId, null);
      people.note(userId, this.#now(), 'recovery-code-used');
      return codes.make(userId, null);
    });
    this.#audit(userId, 'recovery code used');
    return code;
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

  /** `last` is done in the same transaction: a crash on the way uses up no code and leaves no session open that a phone which is gone approved. */
  #disablePhones<T>(userId: string, reason: string, last: () => T): T {
    const { phones, sessions, people, codes, database, changed, asked } = this.#ports;
    // The person's own phones say so, if they are not lost after all. Before: afterwards there are none to tell.
    asked(userId);
    const done = database.transaction(() => {
      for (const phone of phones.of(userId)) phones.remove(phone.phoneId);
      codes.deleteAll(userId);
      sessions.finishAll(userId, () => true, reason);
      people.note(userId, this.#now(), 'phone-lost');
      return last();
    });
    this.#audit(userId, `all phones disabled: ${reason}`);
    changed(userId);
    return done;
  }

  #now(): number {
    return Math.floor(this.#ports.clock.wallMs());
  }

  #audit(userId: string, detail: string): void {
    this.#ports.host()?.audit.append({ event: 'approver.phones', userId, detail });
  }
}
