import type { PersonalData } from './audit/personal-data.ts';
import type { LockEvent } from './core/lock-types.ts';
import type { EnrollmentRecord } from './settings/enrollment-record.ts';

/**
 * What must not get into the record: everything that named the person, their phone or this machine since the app was started. Kept
 * after an enrollment is removed, because an answer that quotes it may still be on its way.
 */
export class PersonalNames {
  readonly #names: Set<string>;
  readonly #homeDirectory: string;

  constructor(deviceId: string, homeDirectory: string) {
    this.#names = new Set([deviceId]);
    this.#homeDirectory = homeDirectory;
  }

  enrolled(record: EnrollmentRecord | null): void {
    if (record !== null) this.#names.add(record.userId).add(record.displayName);
  }

  heard(event: LockEvent): void {
    if (event.type === 'enrollment.changed' && event.enrollment !== null) this.#names.add(event.enrollment.userId);
  }

  data(): PersonalData {
    return { names: [...this.#names], homeDirectory: this.#homeDirectory };
  }
}
