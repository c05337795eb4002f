import { type MethodData, STATUSES } from '../providers/wcd-2factor/wire.ts';
import type { ConfirmationMethod } from './method.ts';

/** A method of the registry with its number on the wire, which it keeps for ever. */
export interface ServedMethod {
  readonly id: number;
  readonly method: ConfirmationMethod;
  /** The one that front ends offer first: the registry's first. */
  readonly isDefault: boolean;
}

/** What a person set up of a method. */
export interface StoredConfig {
  readonly id: number;
  readonly userId: string;
  readonly methodId: number;
  readonly method: ConfirmationMethod;
  readonly isOfDefaultMethod: boolean;
  readonly status: ConfigStatus;
  readonly settings: MethodData;
  readonly state: unknown;
  /** Grows with every change of settings and state. */
  readonly revision: number;
  readonly isActive: boolean;
  readonly isDefault: boolean;
  readonly becomesDefault: boolean;
  readonly wrongInARow: number;
  /** Unix ms; 0: never. */
  readonly lastAttemptAt: number;
}
export type ConfigStatus = (typeof STATUSES)['inProcess' | 'confirmed'];

export interface NewConfig {
  readonly userId: string;
  readonly methodId: number;
  readonly status: ConfigStatus;
  readonly settings: MethodData;
  readonly state: unknown;
  readonly isActive: boolean;
  readonly isDefault: boolean;
  readonly becomesDefault: boolean;
  readonly createdAt: number;
}

/** Confirmed, active, and not closed by wrong attempts: may be asked. */
export const isConfigAvailable = (config: StoredConfig): boolean => isConfigInUse(config) && !isClosed(config);

/** What was confirmed with it counts. Wrong attempts do not take that back: somebody else may be guessing. */
export const isConfigInUse = (config: StoredConfig): boolean => config.status === STATUSES.confirmed && config.isActive;

export const isClosed = ({ method, wrongInARow }: StoredConfig): boolean =>
  method.maxWrongInARow !== null && wrongInARow >= method.maxWrongInARow;
