import type { Migration } from '../migration.ts';
import { SEALING_KEY_CHECK } from './0001-sealing-key-check.ts';
import { CONFIRMATION_METHODS } from './0002-confirmation-methods.ts';
import { PASSKEYS } from './0003-passkeys.ts';
import { KNOWN_WORKSTATIONS } from './0004-known-workstations.ts';
import { WORKSTATIONS_OF_A_PERSON } from './0005-workstations-of-a-person.ts';

/** In order; the place in the list, counted from 1, is the version. New ones are added at the end. */
export const MIGRATIONS: readonly Migration[] = [
  SEALING_KEY_CHECK,
  CONFIRMATION_METHODS,
  PASSKEYS,
  KNOWN_WORKSTATIONS,
  WORKSTATIONS_OF_A_PERSON,
];
