import type { AuditLog } from '../audit-log.ts';
import type { GatewayClock } from '../clock.ts';
import { CONFIG_CHANGES_PER_TEN_MINUTES, MAX_CONFIGS_PER_PERSON } from '../limits.ts';
import {
  type ConfigId,
  type CreateConfigRequest,
  type MethodData,
  STATUSES,
  type UpdateConfigRequest,
} from '../providers/wcd-2factor/wire.ts';
import { SlidingWindow } from '../rate-limit.ts';
import type { Database } from '../store/database.ts';
import type { ConfigTable } from './config-table.ts';
import type { ConfirmationTable } from './confirmation-table.ts';
import { settingsErrors } from './field-errors.ts';
import type { ConfirmationMethod, PersonNeeds, Requested } from './method.ts';
import { MethodsRefusal, refusedAsWhole, refusedFields, unknownKey } from './refusal.ts';
import { isConfigAvailable, type StoredConfig } from './stored-config.ts';

/** What the calls about methods work on, shared by all of them. */
export interface MethodsStore {
  readonly database: Database;
  readonly configs: ConfigTable;
  readonly confirmations: ConfirmationTable;
  readonly clock: GatewayClock;
  readonly audit: AuditLog;
  /** An unconfirmed confirmation runs out after this many ms. */
  readonly confirmWithinMs: number;
  /** A confirmed one counts this many ms. */
  readonly permitMs: number;
}

export interface ChangedConfig {
  readonly config: StoredConfig;
  /** Set when the change counts only once it is confirmed. */
  readonly confirmationId: string | null;
  readonly needs: PersonNeeds;
}

const RATE_WINDOW_MS = 600_000;

/** What people set up of the methods: each their own. Every call rejects with `MethodsRefusal`. */
export class UserConfigs {
  readonly #store: MethodsStore;
  readonly #changes: SlidingWindow;

  constructor(store: MethodsStore) {
    this.#store = store;
    this.#changes = new SlidingWindow(
      [{ events: CONFIG_CHANGES_PER_TEN_MINUTES, windowMs: RATE_WINDOW_MS }],
      store.clock,
    );
  }

  list(userId: string): readonly StoredConfig[] {
    return this.#store.configs.of(userId);
  }

  /** Who set up how many. By user id; `userId`: this person alone. */
  counts(
    limit: number,
    userId: string | null = null,
  ): readonly { readonly userId: string; readonly configs: number }[] {
    return this.#store.configs.counts(limit, userId);
  }

  /** The person is gone: nothing that was set up or confirmed counts any more. @returns how many there were */
  removeAll(userId: string): number {
    const removed = this.#store.configs.removeAll(userId);
    if (removed > 0) this.#store.audit.append({ event: 'method.deleted', userId, detail: `all ${removed}` });
    return removed;
  }

  async create(userId: string, wanted: CreateConfigRequest): Promise<ChangedConfig> {
    const { configs, clock } = this.#store;
    const served = configs.methodById(wanted.method_config_id);
    if (served === undefined) throw unknownKey('method_config_id');
    const { id: methodId, method } = served;
    const settings = decodedSettings(method, wanted.config);
    this.#takeChange(userId);
    const setUp = method.isSignificantChange(null, settings) ? await this.#setUp(userId, method, settings) : null;
    const made = this.#store.database.transaction(() => {
      const all = configs.of(userId);
      if (all.length >= MAX_CONFIGS_PER_PERSON) throw refusedAsWhole('There are too many configs.');
      const isDefault = wanted.is_default && (setUp === null || !all.some(isDefaultInUse));
      const id = configs.insert({
        userId,
        methodId,
        settings,
        status: setUp === null ? STATUSES.confirmed : STATUSES.inProcess,
        state: setUp?.newState ?? null,
        isActive: wanted.is_active,
        isDefault,
        becomesDefault: wanted.is_default && !isDefault,
        createdAt: Math.floor(clock.wallMs()),
      });
      return this.#changed(userId, id, setUp);
    });
    this.#note('method.created', made.config);
    return made;
  }

  /** A change that matters voids everything that was asked or confirmed with the config before. */
  async update(userId: string, id: ConfigId, wanted: UpdateConfigRequest): Promise<ChangedConfig> {
    const { configs, confirmations } = this.#store;
    const known = configs.find(userId, id);
    if (known === null) throw new MethodsRefusal({ kind: 'not-found' });
    const { method } = known;
    const settings = decodedSettings(method, wanted.config);
    this.#takeChange(userId);
    const isSignificant = method.isSignificantChange(known.settings, settings);
    const setUp = isSignificant ? await this.#setUp(userId, method, settings) : null;
    const changed = this.#store.database.transaction(() => {
      const status = isSignificant ? STATUSES.inProcess : known.status;
      const state = setUp === null ? known.state : setUp.newState;
      if (!configs.replace(known, { status, settings, state, isActive: wanted.is_active })) {
        throw new MethodsRefusal({ kind: 'conflict' });
      }
      if (isSignificant) {
        confirmations.removeOfConfig(known.id);
        configs.forgetWrongAttempts(known.id);
      }
      this.#wishDefault(known, wanted.is_default, status === STATUSES.confirmed);
      return this.#changed(userId, known.id, setUp);
    });
    this.#note('method.changed', changed.config);
    return changed;
  }

  delete(userId: string, id: ConfigId): void {
    const known = this.#store.configs.find(userId, id);
    if (known === null || !this.#store.configs.remove(userId, known.id)) {
      throw new MethodsRefusal({ kind: 'not-found' });
    }
    this.#note('method.deleted', known);
  }

  #setUp(userId: string, method: ConfirmationMethod, settings: MethodData): Promise<Requested<unknown, unknown>> {
    const nowMs = Math.floor(this.#store.clock.wallMs());
    return method.request({ purpose: 'set-up', userId, settings, state: null, data: {}, nowMs });
  }

  /** Within the transaction of the change. */
  #changed(userId: string, id: number, setUp: Requested<unknown, unknown> | null): ChangedConfig {
    const config = this.#store.configs.find(userId, id);
    if (config === null) throw new Error('a config that was just stored is not there');
    if (setUp === null) return { config, confirmationId: null, needs: {} };
    const nowMs = Math.floor(this.#store.clock.wallMs());
    const confirmationId = this.#store.confirmations.insert(
      id,
      setUp.asked,
      nowMs,
      nowMs + this.#store.confirmWithinMs,
    );
    return { config, confirmationId, needs: setUp.needs ?? {} };
  }

  /** A default that works is not given up for one that is not confirmed: whoever stops half-way would be locked out. */
  #wishDefault(known: StoredConfig, isWanted: boolean, isConfirmed: boolean): void {
    const { configs } = this.#store;
    if (!isWanted) configs.setDefaultWish(known.id, false, false);
    else if (isConfirmed || !configs.of(known.userId).some((each) => each.id !== known.id && isDefaultInUse(each))) {
      configs.makeDefault(known.userId, known.id);
    } else configs.setDefaultWish(known.id, false, true);
  }

  #takeChange(userId: string): void {
    if (!this.#changes.take(userId)) throw new MethodsRefusal({ kind: 'throttled', waitMs: RATE_WINDOW_MS });
  }

  #note(event: 'method.created' | 'method.changed' | 'method.deleted', { userId, method, id }: StoredConfig): void {
    this.#store.audit.append({ event, userId, detail: `${method.key} ${id}` });
  }
}

const isDefaultInUse = (config: StoredConfig): boolean => config.isDefault && isConfigAvailable(config);

function decodedSettings(method: ConfirmationMethod, claimed: MethodData): MethodData {
  const decoded = method.decodeSettings(claimed);
  if (decoded.ok) return decoded.value;
  throw refusedFields({ config: settingsErrors(decoded.error, claimed) });
}
