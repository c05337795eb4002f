import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { nonField } from './errors.ts';
import { type ConfirmationStatus, type Data, type Delivery, METHODS, type Method } from './methods.ts';

export const MAX_PEOPLE = 10_000;
export const MAX_CONFIGS_PER_PERSON = 64;
/** Confirmations kept of one person; the oldest is forgotten first, as if the host project had cleaned up. */
export const MAX_CONFIRMATIONS_PER_PERSON = 256;
const MAX_DELIVERIES_SHOWN = 5;

/** A method the host project has switched on. */
export interface MethodConfig {
  readonly id: number;
  readonly method: Method;
  isActive: boolean;
  isDefault: boolean;
}

export interface UserConfig {
  readonly id: number;
  readonly person: Person;
  readonly methodConfig: MethodConfig;
  status: ConfirmationStatus;
  config: Data;
  isActive: boolean;
  isDefault: boolean;
}

export interface Confirmation {
  readonly id: string;
  readonly person: Person;
  readonly methodConfig: MethodConfig;
  /** `null`: asked for without one, or its config was deleted since. */
  userConfig: UserConfig | null;
  status: ConfirmationStatus;
  state: Data;
  /** Wall clock, Unix ms. */
  readonly requestedAtMs: number;
}

export interface ShownDelivery extends Delivery {
  readonly confirmationId: string;
  readonly atMs: number;
}

export interface Person {
  readonly userId: string;
  configs: UserConfig[];
  /** Oldest first. */
  confirmations: Confirmation[];
  /** Newest first. */
  deliveries: ShownDelivery[];
}

/** The vendor's rules for what may be used, word for word in their effect. */
export const isConfigAvailable = (config: UserConfig): boolean =>
  config.status === '085-confirmed' && config.isActive && config.methodConfig.isActive;
export const isConfirmationAvailable = ({ status, userConfig, methodConfig }: Confirmation): boolean =>
  status === '085-confirmed' &&
  (userConfig === null || (userConfig.isActive && userConfig.status === '085-confirmed')) &&
  methodConfig.isActive;

/** Everything the simulated host project knows, in memory: methods, people, their configs and confirmations. */
export class Service {
  readonly methodConfigs: readonly MethodConfig[] = METHODS.map((method, index) => ({
    id: index + 1,
    method,
    isActive: true,
    isDefault: index === 0,
  }));
  readonly #clock: Clock;
  readonly #people = new Map<string, Person>();
  #nextConfigId = 1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  nowMs(): number {
    return this.#clock.wallMs();
  }

  person(userId: string): Person | undefined {
    return this.#people.get(userId);
  }

  /** The host project knows whoever signs in. @returns undefined when it is full */
  signedIn(userId: string): Person | undefined {
    const known = this.#people.get(userId);
    if (known !== undefined || this.#people.size >= MAX_PEOPLE) return known;
    const person: Person = { userId, configs: [], confirmations: [], deliveries: [] };
    this.#people.set(userId, person);
    return person;
  }

  activeMethods(): readonly MethodConfig[] {
    return this.methodConfigs.filter((methodConfig) => methodConfig.isActive);
  }

  configsOf(person: Person | null): readonly UserConfig[] {
    return person?.configs.filter(({ methodConfig }) => methodConfig.isActive) ?? [];
  }

  confirmation(id: string): Confirmation | undefined {
    for (const person of this.#people.values()) {
      const found = person.confirmations.find((confirmation) => confirmation.id === id);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** @returns the config and, where the change has to be confirmed, the confirmation that was asked for */
  createConfig(person: Person, methodConfig: MethodConfig, wanted: WantedConfig): Changed {
    if (person.configs.length >= MAX_CONFIGS_PER_PERSON) throw nonField('Unknown error.', 'unknown_error');
    const config: UserConfig = {
      id: this.#nextConfigId,
      person,
      methodConfig,
      status: '015-new',
      config: {},
      isActive: wanted.isActive,
      isDefault: wanted.isDefault,
    };
    this.#nextConfigId += 1;
    person.configs.push(config);
    return this.#change(config, null, wanted);
  }

  updateConfig(config: UserConfig, wanted: WantedConfig): Changed {
    Object.assign(config, { isActive: wanted.isActive, isDefault: wanted.isDefault });
    return this.#change(config, config.config, wanted);
  }

  /** Its confirmations stay and lose their config, as the vendor's database has it. */
  destroyConfig(config: UserConfig): void {
    const { person } = config;
    person.configs = person.configs.filter((each) => each !== config);
    for (const confirmation of person.confirmations) {
      if (confirmation.userConfig === config) confirmation.userConfig = null;
    }
  }

  requestConfirmation(
    person: Person,
    methodConfig: MethodConfig,
    userConfig: UserConfig | null,
    data: Data,
  ): Confirmation {
    const { status, state, delivery } = methodConfig.method.request(data, userConfig?.config ?? null);
    const id = randomUUID();
    const requestedAtMs = this.nowMs();
    const confirmation = { id, person, methodConfig, userConfig, status, state, requestedAtMs };
    person.confirmations = [...person.confirmations, confirmation].slice(-MAX_CONFIRMATIONS_PER_PERSON);
    if (delivery !== undefined) {
      const shown = { ...delivery, confirmationId: id, atMs: requestedAtMs };
      person.deliveries = [shown, ...person.deliveries].slice(0, MAX_DELIVERIES_SHOWN);
    }
    return confirmation;
  }

  /** Who uses a permit consumes it. */
  consume(confirmation: Confirmation): void {
    const { person } = confirmation;
    person.confirmations = person.confirmations.filter((each) => each !== confirmation);
  }

  makeDefault(config: UserConfig): void {
    for (const each of config.person.configs) each.isDefault = each === config;
  }

  #change(config: UserConfig, old: Data | null, wanted: WantedConfig): Changed {
    const { method } = config.methodConfig;
    const state = method.change(old, wanted.config);
    config.config = wanted.config;
    if (state !== null) config.status = '025-in_process';
    else if (old === null) config.status = '085-confirmed';
    if (config.isDefault) this.makeDefault(config);
    if (state === null) return { config, confirmation: null };
    return { config, confirmation: this.requestConfirmation(config.person, config.methodConfig, config, state) };
  }
}

export interface WantedConfig {
  readonly config: Data;
  readonly isActive: boolean;
  readonly isDefault: boolean;
}

export interface Changed {
  readonly config: UserConfig;
  readonly confirmation: Confirmation | null;
}
