import { assertNever } from '../assert-never.ts';
import { type Action, iso, type Message, type Method, methodsOf, type Tenant, type User } from './tenant.ts';

/** `register`: the vendor's app, which shows requests by itself (PUSH). `block` is the tenant's administrator's, not the person's. */
export const PHONE_ACTIONS = ['register', 'register-passkey', 'approve', 'deny', 'ignore', 'block'] as const;
export type PhoneAction = (typeof PHONE_ACTIONS)[number];

export function isPhoneAction(text: string): text is PhoneAction {
  return PHONE_ACTIONS.some((action) => action === text);
}

interface ShownAction {
  readonly action: string;
  readonly idempotencyKey: string;
  readonly state: string;
  readonly at: string;
}

/** What the phone shows. Times are ISO 8601 in UTC; `null` says "not now". Holds no token. */
export interface PhoneState {
  readonly userId: string;
  readonly displayName: string | null;
  readonly methods: readonly Method[];
  readonly registered: boolean;
  /** The newest challenge that waits; `waiting` counts it and those behind it. */
  readonly request: (ShownAction & { readonly expiresAt: string; readonly waiting: number }) | null;
  /** The newest action, if it is allowed. */
  readonly allowed: ShownAction | null;
  /** The newest action, if it is neither allowed nor waiting. */
  readonly refused: ShownAction | null;
  readonly messages: readonly (Omit<Message, 'atMs'> & { readonly at: string })[];
  /** What makes sense now; every other action is refused. */
  readonly actions: readonly PhoneAction[];
}

/** Links to the service's own pages ask nobody for anything. */
function requests(user: User): Action[] {
  return user.actions.filter((action) => !action.toSettings);
}

function waiting(tenant: Tenant, user: User): Action[] {
  const since = tenant.nowMs() - tenant.settings.tokenMs;
  return requests(user).filter(
    (each) => each.state === 'CHALLENGE_REQUIRED' && !each.ignored && each.createdAtMs > since,
  );
}

function isAllowed(action: Action | undefined): action is Action {
  return action !== undefined && ['ALLOW', 'CHALLENGE_SUCCEEDED', 'REVIEW_SUCCEEDED'].includes(action.state);
}

/** @returns why the action makes no sense now, in words for a person, or undefined where it does. */
function objection(tenant: Tenant, user: User, action: PhoneAction, settingsToken: string | undefined) {
  switch (action) {
    case 'register':
    case 'register-passkey': {
      if (settingsToken !== undefined) {
        const asked = tenant.actionOfToken(settingsToken);
        const isOwn = asked?.userId === user.userId && asked.toSettings;
        return isOwn ? undefined : 'This link has expired or is another person’s.';
      }
      return user.authenticators.length === 0 ? undefined : 'Something is registered already. A new link can add more.';
    }
    case 'approve':
    case 'deny':
    case 'ignore':
      if (user.authenticators.length === 0) return 'Nothing is registered to answer with.';
      return waiting(tenant, user).length === 0 ? 'Nothing waits for an answer.' : undefined;
    case 'block':
      return isAllowed(requests(user).at(-1)) ? undefined : 'Nothing is allowed now.';
    default:
      return assertNever(action);
  }
}

async function carryOut(tenant: Tenant, user: User, action: PhoneAction): Promise<string | undefined> {
  const asked = waiting(tenant, user).at(-1);
  const newest = requests(user).at(-1);
  switch (action) {
    case 'register':
      tenant.addAuthenticator(user, 'PUSH', {});
      return undefined;
    case 'register-passkey':
      tenant.addAuthenticator(user, 'PASSKEY', {});
      return undefined;
    case 'approve': {
      const method = user.authenticators[0]?.verificationMethod ?? 'PUSH';
      const succeeded = asked !== undefined && (await tenant.succeed(asked, method));
      return succeeded ? undefined : 'The tenant’s own service did not let it pass.';
    }
    case 'deny':
      if (asked !== undefined) tenant.setState(asked, 'CHALLENGE_FAILED');
      return undefined;
    case 'ignore':
      if (asked !== undefined) asked.ignored = true;
      return undefined;
    case 'block':
      if (newest !== undefined) tenant.setState(newest, 'BLOCK');
      return undefined;
    default:
      return assertNever(action);
  }
}

export type PhoneAnswer =
  | { readonly ok: true; readonly state: PhoneState }
  | { readonly ok: false; readonly objection: string; readonly state: PhoneState };

export async function operatePhone(
  tenant: Tenant,
  user: User,
  action: PhoneAction,
  settingsToken?: string,
): Promise<PhoneAnswer> {
  const refusal = objection(tenant, user, action, settingsToken) ?? (await carryOut(tenant, user, action));
  const state = phoneState(tenant, user);
  return refusal === undefined ? { ok: true, state } : { ok: false, objection: refusal, state };
}

function shown(action: Action): ShownAction {
  const { idempotencyKey, state, stateUpdatedAtMs } = action;
  return { action: action.action, idempotencyKey, state, at: iso(stateUpdatedAtMs) };
}

export function phoneState(tenant: Tenant, user: User): PhoneState {
  const open = waiting(tenant, user);
  const asked = open.at(-1);
  const newest = requests(user).at(-1);
  const isOver = newest !== undefined && !isAllowed(newest) && !open.includes(newest);
  return {
    userId: user.userId,
    displayName: user.attributes.displayName ?? null,
    methods: methodsOf(user),
    registered: user.authenticators.length > 0,
    request:
      asked === undefined
        ? null
        : { ...shown(asked), expiresAt: iso(asked.createdAtMs + tenant.settings.tokenMs), waiting: open.length },
    allowed: isAllowed(newest) ? shown(newest) : null,
    refused: isOver ? shown(newest) : null,
    messages: user.messages.map(({ to, code, atMs }) => ({ to, code, at: iso(atMs) })),
    actions: PHONE_ACTIONS.filter((action) => objection(tenant, user, action, undefined) === undefined),
  };
}
