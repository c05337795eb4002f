import {
  CONFIRMATION_REQUESTS_PER_TEN_MINUTES,
  MAX_ATTEMPTS_PER_CONFIRMATION,
  MAX_OPEN_CONFIRMATIONS_PER_PERSON,
} from '../limits.ts';
import {
  type ConfirmConfigRequest,
  type ConfirmRequest,
  type MethodData,
  type RequestConfirmationRequest,
  STATUSES,
} from '../providers/wcd-2factor/wire.ts';
import { SlidingWindow } from '../rate-limit.ts';
import { delayAfter } from './attempt-delay.ts';
import type { StoredConfirmation } from './confirmation-table.ts';
import type { Confirmed, PersonNeeds, Purpose } from './method.ts';
import { type FieldErrors, MethodsRefusal, refusedAsWhole, refusedFields, SENTENCES, unknownKey } from './refusal.ts';
import { type ConfigStatus, isClosed, isConfigAvailable, isConfigInUse, type StoredConfig } from './stored-config.ts';
import type { MethodsStore } from './user-configs.ts';

export interface ShownConfirmation {
  readonly id: string;
  readonly status: ConfigStatus;
  readonly isAvailable: boolean;
}

interface Question {
  readonly config: StoredConfig;
  readonly confirmation: StoredConfirmation;
}

const RATE_WINDOW_MS = 600_000;
/** How often a right answer is looked at again because the config's state changed meanwhile. */
const MAX_LOOKS = 3;

/** Confirmations: asked for, confirmed once, used once. Every call rejects with `MethodsRefusal`; another person's are not there. */
export class Confirmations {
  readonly #store: MethodsStore;
  readonly #requests: SlidingWindow;

  constructor(store: MethodsStore) {
    this.#store = store;
    this.#requests = new SlidingWindow(
      [{ events: CONFIRMATION_REQUESTS_PER_TEN_MINUTES, windowMs: RATE_WINDOW_MS }],
      store.clock,
    );
  }

  /** With the named config, or with the person's (default) config of the named method. */
  async request(
    userId: string,
    wanted: RequestConfirmationRequest,
  ): Promise<ShownConfirmation & { readonly needs: PersonNeeds }> {
    const config = this.#configToAsk(userId, wanted);
    const { method, settings, state } = config;
    if (!this.#requests.take(userId)) throw new MethodsRefusal({ kind: 'throttled', waitMs: RATE_WINDOW_MS });
    const purpose = purposeOf(config);
    const nowMs = this.#nowMs();
    // At set-up this is the question once more: what was made for the person then stays, and is not shown again.
    const requested = await method.request({ purpose: 'permit', userId, settings, state, data: wanted.data, nowMs });
    const id = this.#store.database.transaction(() => {
      const { configs, confirmations, confirmWithinMs } = this.#store;
      const now = this.#nowMs();
      confirmations.removeExpired(now);
      if (confirmations.countOpen(userId, now) >= MAX_OPEN_CONFIRMATIONS_PER_PERSON) {
        throw new MethodsRefusal({ kind: 'throttled', waitMs: confirmWithinMs });
      }
      const isUnchanged =
        requested.newState === undefined
          ? configs.find(userId, config.id)?.status === config.status
          : configs.replace(config, { ...config, state: requested.newState });
      if (!isUnchanged) throw new MethodsRefusal({ kind: 'conflict' });
      return confirmations.insert(config.id, requested.asked, now, now + confirmWithinMs);
    });
    this.#note('confirmation.requested', config, purpose);
    return { id, status: STATUSES.inProcess, isAvailable: false, needs: requested.needs ?? {} };
  }

  /** @returns null for one that is not there (any more): used, expired, withdrawn, or another person's */
  check(userId: string, id: string): ShownConfirmation | null {
    const confirmation = this.#store.confirmations.find(userId, id, this.#nowMs());
    if (confirmation === null) return null;
    const config = this.#store.configs.find(userId, confirmation.configId);
    if (config === null) return null;
    const { status } = confirmation;
    return { id: confirmation.id, status, isAvailable: status === STATUSES.confirmed && isConfigInUse(config) };
  }

  /** Turns an open confirmation into a permit. */
  async confirm(userId: string, { id, data }: ConfirmRequest): Promise<ShownConfirmation> {
    const { config } = await this.#answer(userId, id, 'id', data, 'permit', (question) =>
      isConfigAvailable(question.config) ? null : { id: [SENTENCES.unavailable_config] },
    );
    this.#note('confirmation.confirmed', config);
    return { id, status: STATUSES.confirmed, isAvailable: true };
  }

  /** Confirms a config that was created or changed. The confirmation is used by it in the same transaction. */
  async confirmConfig(userId: string, { id, confirmation_id, data }: ConfirmConfigRequest): Promise<StoredConfig> {
    const { configs } = this.#store;
    const claimed = configs.find(userId, id);
    if (claimed === null || claimed.status === STATUSES.confirmed) throw unknownKey('id');
    const { config } = await this.#answer(userId, confirmation_id, 'confirmation_id', data, 'set-up', (question) => {
      if (question.config.id !== claimed.id) return { non_field_errors: [SENTENCES.wrong_config] };
      if (isClosed(question.config)) return { id: [SENTENCES.unavailable_config] };
      return question.config.status === STATUSES.confirmed ? { id: ['Invalid pk - object does not exist.'] } : null;
    });
    this.#note('method.confirmed', config);
    return config;
  }

  /**
   * Uses a permit: of several at once, in whatever process, one succeeds. Ours: the vendor has it as a call of its Python only.
   * @returns the config it was confirmed with
   */
  use(userId: string, id: string): StoredConfig {
    const used = this.#store.database.transaction(() => {
      const { configs, confirmations } = this.#store;
      const inUse = configs.of(userId).filter(isConfigInUse);
      const configId = confirmations.use(
        userId,
        id,
        inUse.map((config) => config.id),
        this.#nowMs(),
      );
      return inUse.find((config) => config.id === configId);
    });
    if (used === undefined) throw unknownKey('id');
    this.#note('confirmation.used', used);
    return used;
  }

  #configToAsk(userId: string, wanted: RequestConfirmationRequest): StoredConfig {
    const { configs } = this.#store;
    const { method_config_id: methodId, user_config_id: configId } = wanted;
    if (configId !== undefined) {
      const config = configs.find(userId, configId);
      if (config === null) throw unknownKey('user_config_id');
      if (methodId !== undefined && String(config.methodId) !== String(methodId)) throw unknownKey('method_config_id');
      return config;
    }
    if (methodId === undefined) throw refusedAsWhole(SENTENCES.empty_config);
    if (configs.methodById(methodId) === undefined) throw unknownKey('method_config_id');
    const usable = configs
      .of(userId)
      .filter((each) => String(each.methodId) === String(methodId) && isConfigInUse(each));
    const config = usable.find((each) => each.isDefault) ?? usable[0];
    // None of our methods asks somebody of whom it knows nothing.
    if (config === undefined) throw refusedAsWhole(SENTENCES.empty_config);
    return config;
  }

  /**
   * One attempt: counted and stored as wrong first, looked at outside of any transaction (it may take its time), then stored as right
   * together with what it used up, unless another attempt was faster.
   */
  async #answer(
    userId: string,
    id: string,
    field: string,
    data: MethodData,
    purpose: Purpose,
    objection: (question: Question) => FieldErrors | null,
  ): Promise<Question> {
    const claim = this.#store.database.transaction(() => this.#claimAttempt(userId, id, field, objection));
    if (claim.refusal !== null) {
      if (claim.question !== null) this.#note('confirmation.failed', claim.question.config, claim.refusal.kind);
      throw new MethodsRefusal(claim.refusal);
    }
    let { question } = claim;
    for (let look = 0; look < MAX_LOOKS; look += 1) {
      const { config, confirmation } = question;
      const { settings, state, method } = config;
      const context = { purpose, userId, settings, state, asked: confirmation.asked, nowMs: this.#nowMs() };
      const confirmed = await method.confirm(context, data);
      if (confirmed === null) break;
      const settled = this.#store.database.transaction(() => this.#settle(question, confirmed, purpose));
      if (settled === 'gone') break;
      if (settled !== 'changed-meanwhile') return { ...question, config: settled };
      const fresh = this.#store.configs.find(userId, config.id);
      if (fresh === null) break;
      question = { ...question, config: fresh };
      // Switched off meanwhile: right, but for nothing.
      if (objection(question) !== null) break;
    }
    if (question.confirmation.attempts + 1 >= MAX_ATTEMPTS_PER_CONFIRMATION) {
      this.#store.confirmations.remove(question.confirmation.id);
    }
    this.#note('confirmation.failed', question.config, 'wrong');
    throw refusedAsWhole(SENTENCES.failed_to_confirm);
  }

  /** Within a transaction, so that many attempts at once are not more than one after the other. */
  #claimAttempt(
    userId: string,
    id: string,
    field: string,
    objection: (question: Question) => FieldErrors | null,
  ):
    | { readonly refusal: null; readonly question: Question }
    | { readonly refusal: MethodsRefusal['refusal']; readonly question: Question | null } {
    const { configs, confirmations } = this.#store;
    const nowMs = this.#nowMs();
    const confirmation = confirmations.find(userId, id, nowMs);
    const config = confirmation === null ? null : configs.find(userId, confirmation.configId);
    if (confirmation === null || config === null || confirmation.status === STATUSES.confirmed) {
      return { refusal: unknownKey(field).refusal, question: null };
    }
    const question = { config, confirmation };
    const errors = objection(question);
    if (errors !== null) return { refusal: refusedFields(errors).refusal, question };
    const waitMs = this.#waitBefore(config, nowMs);
    if (waitMs > 0) return { refusal: { kind: 'throttled', waitMs }, question };
    configs.countAttempt(config.id, nowMs);
    confirmations.countAttempt(confirmation.id);
    return { refusal: null, question };
  }

  #waitBefore({ id, wrongInARow, lastAttemptAt }: StoredConfig, nowMs: number): number {
    const delayMs = delayAfter(wrongInARow);
    if (delayMs === 0) return 0;
    if (lastAttemptAt <= nowMs) return Math.max(0, lastAttemptAt + delayMs - nowMs);
    // The clock was set back: how long ago it was is unknown, so the whole wait begins now, and not in the future.
    this.#store.configs.noteAttemptAt(id, nowMs);
    return delayMs;
  }

  /** Within a transaction: permit, spent code and count change together, for one of those who are right at the same time. */
  #settle(
    { config, confirmation }: Question,
    { newState }: Confirmed<unknown>,
    purpose: Purpose,
  ): StoredConfig | 'changed-meanwhile' | 'gone' {
    const { configs, confirmations, permitMs } = this.#store;
    const nowMs = this.#nowMs();
    const known = confirmations.find(config.userId, confirmation.id, nowMs);
    if (known === null || known.status === STATUSES.confirmed) return 'gone';
    const state = newState === undefined ? config.state : newState;
    // Also where nothing changes: the answer was judged by this revision of settings and state.
    if (!configs.replace(config, { ...config, state, status: STATUSES.confirmed })) return 'changed-meanwhile';
    configs.forgetWrongAttempts(config.id);
    if (purpose === 'set-up') {
      confirmations.remove(confirmation.id);
      if (config.becomesDefault) configs.makeDefault(config.userId, config.id);
    } else if (!confirmations.confirm(confirmation.id, nowMs, nowMs + permitMs)) {
      throw new Error('a confirmation changed within the transaction that read it');
    }
    return configs.find(config.userId, config.id) ?? 'gone';
  }

  #nowMs(): number {
    return Math.floor(this.#store.clock.wallMs());
  }

  #note(
    event: `confirmation.${'requested' | 'confirmed' | 'failed' | 'used'}` | 'method.confirmed',
    { userId, method, id }: StoredConfig,
    how?: string,
  ): void {
    const detail = `${method.key} ${id}${how === undefined ? '' : ` ${how}`}`;
    this.#store.audit.append({ event, userId, detail });
  }
}

const purposeOf = ({ status }: StoredConfig): Purpose => (status === STATUSES.confirmed ? 'permit' : 'set-up');
