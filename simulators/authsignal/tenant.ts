import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Delivery } from './webhooks.ts';

export const MAX_USERS = 10_000;
export const MAX_AUTHENTICATORS_PER_USER = 32;
/** Actions that are remembered for one person; the oldest is forgotten first. */
export const MAX_ACTIONS_PER_USER = 512;
const MAX_MESSAGES_PER_USER = 8;
const MAX_TOKENS = 50_000;

export const STATES = [
  'ALLOW',
  'BLOCK',
  'CHALLENGE_REQUIRED',
  'CHALLENGE_SUCCEEDED',
  'CHALLENGE_FAILED',
  'REVIEW_REQUIRED',
  'REVIEW_SUCCEEDED',
  'REVIEW_FAILED',
] as const;
export type State = (typeof STATES)[number];

export const METHODS = [
  'SMS',
  'EMAIL_OTP',
  'EMAIL_MAGIC_LINK',
  'AUTHENTICATOR_APP',
  'PASSKEY',
  'SECURITY_KEY',
  'PUSH',
  'WHATSAPP',
] as const;
export type Method = (typeof METHODS)[number];

export const DECISIONS = ['ALLOW', 'BLOCK', 'CHALLENGE', 'REVIEW'] as const;
export type Decision = (typeof DECISIONS)[number];

export interface Attributes {
  email?: string | undefined;
  emailVerified?: boolean | undefined;
  phoneNumber?: string | undefined;
  phoneNumberVerified?: boolean | undefined;
  username?: string | undefined;
  displayName?: string | undefined;
  custom?: Record<string, string | number | boolean> | undefined;
  locale?: string | undefined;
}

export interface Authenticator {
  readonly userAuthenticatorId: string;
  readonly verificationMethod: Method;
  readonly createdAt: string;
  readonly phoneNumber?: string | undefined;
  readonly email?: string | undefined;
}

/** Times are wall milliseconds, as the service tells them. */
export interface Action {
  readonly userId: string;
  readonly action: string;
  readonly idempotencyKey: string;
  readonly createdAtMs: number;
  readonly custom: Readonly<Record<string, string | number | boolean>>;
  readonly toSettings: boolean;
  state: State;
  stateUpdatedAtMs: number;
  verificationMethod: Method | undefined;
  /** Gone from the phone's screen; the service does not know. */
  ignored: boolean;
}

/** A code as it arrives on the phone, or in its mailbox. */
export interface Message {
  readonly to: string;
  readonly code: string;
  readonly atMs: number;
}

export interface User {
  readonly userId: string;
  attributes: Attributes;
  authenticators: Authenticator[];
  /** Oldest first. */
  actions: Action[];
  messages: Message[];
}

export interface TenantSettings {
  readonly secret: string;
  readonly clock: Clock;
  /** How long a link or token of an action works. */
  readonly tokenMs: number;
}

/** The tenant's rules as a table: a person's own line before everybody's, an action's before `*`. */
export const DEFAULT_RULES: Readonly<Record<string, Decision>> = { '*': 'CHALLENGE', 'workstation-presence': 'ALLOW' };

/** Everything the simulated tenant knows, in memory. */
export class Tenant {
  readonly settings: TenantSettings;
  readonly id = randomUUID();
  rules = new Map<string, Decision>(Object.entries(DEFAULT_RULES));
  /** Where events go; set by the simulator. */
  deliver: Delivery = async () => true;
  readonly #users = new Map<string, User>();
  readonly #tokens = new Map<string, { readonly action: Action; readonly expiresAtMs: number }>();

  constructor(settings: TenantSettings) {
    this.settings = settings;
  }

  nowMs(): number {
    return this.settings.clock.wallMs();
  }

  user(userId: string): User | undefined {
    return this.#users.get(userId);
  }

  /** The real service also takes up whoever is named to it. @returns undefined when it is full */
  userOrNew(userId: string): User | undefined {
    const known = this.#users.get(userId);
    if (known !== undefined || this.#users.size >= MAX_USERS) return known;
    const user: User = { userId, attributes: {}, authenticators: [], actions: [], messages: [] };
    this.#users.set(userId, user);
    return user;
  }

  users(): readonly User[] {
    return [...this.#users.values()];
  }

  deleteUser(userId: string): boolean {
    for (const [token, { action }] of this.#tokens) if (action.userId === userId) this.#tokens.delete(token);
    return this.#users.delete(userId);
  }

  addAuthenticator(
    user: User,
    method: Method,
    reached: { phoneNumber?: string | undefined; email?: string | undefined },
  ) {
    const authenticator: Authenticator = {
      userAuthenticatorId: randomUUID(),
      verificationMethod: method,
      createdAt: iso(this.nowMs()),
      ...reached,
    };
    user.authenticators.push(authenticator);
    return authenticator;
  }

  decide(userId: string, action: string): Decision {
    const lines = [`${action}@${userId}`, `*@${userId}`, action, '*'];
    for (const line of lines) {
      const decision = this.rules.get(line);
      if (decision !== undefined) return decision;
    }
    return 'CHALLENGE';
  }

  /** Tracking again under the same key is the same action, in whatever state it is by now. */
  track(
    user: User,
    asked: Pick<Action, 'action' | 'toSettings' | 'custom'> & { readonly idempotencyKey: string | undefined },
  ): Action {
    const { action, idempotencyKey = randomUUID() } = asked;
    const known = this.action(user, action, idempotencyKey);
    if (known !== undefined) return known;
    const nowMs = this.nowMs();
    const tracked: Action = {
      userId: user.userId,
      ...asked,
      idempotencyKey,
      createdAtMs: nowMs,
      state: STATE_OF[this.decide(user.userId, action)],
      stateUpdatedAtMs: nowMs,
      verificationMethod: undefined,
      ignored: false,
    };
    if (user.actions.length >= MAX_ACTIONS_PER_USER) user.actions.shift();
    user.actions.push(tracked);
    return tracked;
  }

  action(user: User, action: string, idempotencyKey: string): Action | undefined {
    return user.actions.find((each) => each.action === action && each.idempotencyKey === idempotencyKey);
  }

  setState(action: Action, state: State): void {
    action.state = state;
    action.stateUpdatedAtMs = this.nowMs();
  }

  /** The challenge was answered. `action.verify` goes out first, and its receiver can prevent it. @returns whether it succeeded */
  async succeed(action: Action, method: Method): Promise<boolean> {
    const verifiedAt = iso(this.nowMs());
    const { userId, idempotencyKey } = action;
    const data = { userId, action: action.action, idempotencyKey, verifiedAt, state: 'CHALLENGE_SUCCEEDED' };
    const passed = await this.deliver({ type: 'action.verify', data: { ...data, verificationMethod: method } });
    // Blocked meanwhile, for example.
    if (!passed || action.state !== 'CHALLENGE_REQUIRED') return false;
    action.verificationMethod = method;
    this.setState(action, 'CHALLENGE_SUCCEEDED');
    return true;
  }

  newToken(action: Action): string {
    const [oldest] = this.#tokens.keys();
    if (oldest !== undefined && this.#tokens.size >= MAX_TOKENS) this.#tokens.delete(oldest);
    const token = randomBytes(24).toString('base64url');
    this.#tokens.set(token, { action, expiresAtMs: this.nowMs() + this.settings.tokenMs });
    return token;
  }

  actionOfToken(token: string): Action | undefined {
    const known = this.#tokens.get(token);
    return known !== undefined && this.nowMs() < known.expiresAtMs ? known.action : undefined;
  }

  note(user: User, message: Message): void {
    user.messages = [...user.messages, message].slice(-MAX_MESSAGES_PER_USER);
  }
}

const STATE_OF: Readonly<Record<Decision, State>> = {
  ALLOW: 'ALLOW',
  BLOCK: 'BLOCK',
  CHALLENGE: 'CHALLENGE_REQUIRED',
  REVIEW: 'REVIEW_REQUIRED',
};

export function iso(wallMs: number): string {
  return new Date(wallMs).toISOString();
}

export function methodsOf(user: User | undefined): Method[] {
  return [...new Set(user?.authenticators.map((each) => each.verificationMethod))];
}
