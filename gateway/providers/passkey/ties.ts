import type { GatewayClock } from '../../clock.ts';
import type { Database } from '../../store/database.ts';
import type { GatewayHost } from '../provider.ts';
import type { Approvals } from './approvals.ts';
import type { EnrollmentCodes } from './enrollment-codes.ts';
import type { Pauses } from './pauses.ts';
import type { People } from './people.ts';
import type { Phone, Phones } from './phones.ts';
import { ApproverRefusal } from './refusal.ts';
import type { KnownWorkstation, SessionBook } from './session-book.ts';
import type { Heard } from './sessions.ts';

export interface TiesPorts {
  readonly clock: GatewayClock;
  readonly database: Database;
  readonly people: People;
  readonly phones: Phones;
  readonly book: SessionBook;
  readonly codes: EnrollmentCodes;
  readonly approvals: Approvals;
  readonly pauses: Pauses;
  readonly host: () => GatewayHost | null;
  readonly changed: (userId: string) => void;
  /** Worth a notification. */
  readonly asked: (userId: string) => void;
}

export interface Untying {
  /** On which it was said. Default: it was said at the workstation. */
  readonly phone?: Phone | null;
  /** Default: at once. */
  readonly heard?: Heard;
}

/** Which workstations ask a person's phones. Only a phone of that person ties another one; the workstation alone can only leave. */
export class Ties {
  readonly #ports: TiesPorts;

  constructor(ports: TiesPorts) {
    this.#ports = ports;
  }

  /**
   * The workstation that shows the code's link asks this phone's person from now on. Not where the code's person has a phone: a key of theirs
   * would lose its workstation.
   *
   * @throws ApproverRefusal CODE_REFUSED
   */
  join(code: string, phone: Phone): void {
    const { database, people, phones, book, codes, host, changed, asked } = this.#ports;
    const { userId } = phone;
    const hash = codes.hashOf(code);
    const { memberId, name } = database.transaction(() => {
      const { person, memberId: joining } = codes.ownerOf(hash);
      if (joining === null || phones.of(person.userId).length > 0) throw new ApproverRefusal('CODE_REFUSED');
      codes.deleteAll(person.userId);
      // Where it asked for another person is no place of this one.
      people.untie(joining);
      people.tie(joining, userId);
      if (people.members(person.userId).length === 0) people.remove(person.userId);
      else book.forgetUntied(person.userId, this.#now());
      return { memberId: joining, name: person.displayName };
    });
    // The other phones hear of it, as of another key.
    asked(userId);
    people.note(userId, this.#now(), 'workstation-added', { workstation: name, phone: phone.name });
    const detail = `workstation added by phone ${phone.phoneId}: user id ${memberId}`;
    host()?.audit.append({ event: 'approver.phones', userId, detail });
    changed(userId);
  }

  /** It must be enrolled anew before it can ask anybody. `reason` is what it is told. */
  untie(memberId: string, reason: string, { phone = null, heard = 'at-once' }: Untying = {}): void {
    const { database, people, book, approvals, pauses, host, changed } = this.#ports;
    const person = people.ofWorkstation(memberId);
    if (person === null) return;
    const { userId } = person;
    const places = book
      .workstations(userId)
      .filter(({ workstationId }) => book.membersAt(workstationId).includes(memberId));
    const about = phone === null ? {} : { phone: phone.name };
    database.transaction(() => {
      approvals.endOfMember(userId, memberId, reason, heard);
      people.untie(memberId);
      book.forgetUntied(userId, this.#now());
      // One that never asked has no name here.
      const names = places.length === 0 ? [{}] : places.map(({ name }) => ({ workstation: name }));
      for (const name of names) people.note(userId, this.#now(), 'workstation-removed', { ...name, ...about });
    });
    for (const { workstationId } of places) pauses.noteOver(workstationId);
    const by = phone === null ? 'itself' : `phone ${phone.phoneId}`;
    const detail = `workstation removed by ${by}: user id ${memberId}`;
    host()?.audit.append({ event: 'approver.phones', userId, detail });
    changed(userId);
  }

  /** Every user id that asked from there: another one of the same computer would bring it back. */
  removeFromPhone(phone: Phone, { workstationId }: KnownWorkstation): void {
    for (const memberId of this.#ports.book.membersAt(workstationId)) {
      this.untie(memberId, 'removed from the phone', { phone });
    }
  }

  #now(): number {
    return Math.floor(this.#ports.clock.wallMs());
  }
}
