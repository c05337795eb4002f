import { randomBytes } from 'node:crypto';
import { DEFAULT_HOST, SimulatorOptionError } from '../activeconnect/simulator.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { FaultRequest } from './faults.ts';
import { API_VERSION, Front, type RuleRequest, ruleSchema, setRule } from './front.ts';
import { operatePhone, type PhoneAction, type PhoneState, phoneState } from './phone-actions.ts';
import { type Method, Tenant, type User } from './tenant.ts';
import { type DeliveryRequest, Webhooks } from './webhooks.ts';

/** Ten minutes, as the vendor documents for the token of an action. */
export const DEFAULT_TOKEN_MS = 600_000;

/** A person the tenant knows from the start. */
export interface KnownUser {
  readonly userId: string;
  readonly displayName?: string | undefined;
  /** The first is the one that is asked. `PUSH` shows requests by itself, `PASSKEY` answers through a link. */
  readonly methods: readonly Extract<Method, 'PUSH' | 'PASSKEY'>[];
}

export interface AuthsignalSimulatorOptions {
  /** Address to listen on, default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Default 0: any free port. */
  readonly port?: number | undefined;
  /** The tenant's secret key: visible ASCII without a colon; default random. */
  readonly secret?: string | undefined;
  /** Milliseconds the link and token of an action work, default 600 000. */
  readonly tokenMs?: number | undefined;
  /** Where events are delivered; default nowhere. */
  readonly webhookUrl?: string | undefined;
  readonly clock?: Clock | undefined;
  /** Default nobody. */
  readonly users?: readonly KnownUser[] | undefined;
  /** Whether `POST /faults` and `POST /deliveries` exist, default no. */
  readonly allowFaults?: boolean | undefined;
}

/** A phone in a program's hand. Every action rejects where the phone's page would refuse it, with the same sentence. */
export type SimulatedPhone = Readonly<Record<PhoneAction, () => Promise<PhoneState>>> & {
  state(): PhoneState;
  readonly pageUrl: string;
};

export interface AuthsignalSimulator {
  /** Base of the API, `/v1` included: what the SDK takes as `apiUrl`. */
  readonly url: string;
  readonly secret: string;
  /** Throws where nobody has this user id. */
  phone(userId: string): SimulatedPhone;
  /** Throws a ZodError where the rule itself is malformed. */
  setRule(rule: RuleRequest): void;
  setWebhookUrl(url: string | null): void;
  /** Delivers as asked, also what no honest service would. @returns the receiver's status, 0 for none */
  sendWebhook(delivery: DeliveryRequest): Promise<number>;
  /** Spoils the next matching calls; throws a ZodError where the fault itself is malformed. */
  injectFault(fault: FaultRequest): void;
  clearFaults(): void;
  /** Ends open connections, hanging ones included. */
  close(): Promise<void>;
}

/** @throws SimulatorOptionError */
export async function startAuthsignalSimulator(options: AuthsignalSimulatorOptions = {}): Promise<AuthsignalSimulator> {
  const host = options.host ?? DEFAULT_HOST;
  const secret = options.secret ?? randomBytes(32).toString('base64url');
  const tokenMs = options.tokenMs ?? DEFAULT_TOKEN_MS;
  const { clock = systemClock, webhookUrl = null } = options;
  if (!/^[!-9;-~]{1,256}$/.test(secret)) {
    throw new SimulatorOptionError('The secret must be 1 to 256 printable ASCII characters without spaces or colons.');
  }
  if (!Number.isSafeInteger(tokenMs) || tokenMs < 1) {
    throw new SimulatorOptionError('tokenMs must be a whole number of milliseconds, at least 1.');
  }
  if (webhookUrl !== null && !/^https?:\/\/\S+$/.test(webhookUrl)) {
    throw new SimulatorOptionError('The webhook URL must be an http(s):// address.');
  }
  const tenant = new Tenant({ secret, clock, tokenMs });
  const webhooks = new Webhooks({ secret, tenantId: tenant.id, clock }, webhookUrl);
  tenant.deliver = webhooks.deliver;
  for (const { userId, displayName, methods } of options.users ?? []) {
    const user = tenant.userOrNew(userId);
    if (user === undefined) throw new SimulatorOptionError('There are too many known users.');
    user.attributes = { displayName };
    for (const method of methods) tenant.addAuthenticator(user, method, {});
  }
  const front = new Front(tenant, webhooks, options.allowFaults ?? false);
  const port = await front.server.listen(host, options.port ?? 0);
  const origin = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    url: `${origin}/${API_VERSION}`,
    secret,
    phone: (userId) => phoneInHand(tenant, origin, userId),
    setRule: (rule) => setRule(tenant, ruleSchema.parse(rule)),
    setWebhookUrl: (url) => {
      webhooks.url = url;
    },
    sendWebhook: (delivery) => webhooks.send(delivery),
    injectFault: (fault) => front.faults.inject(fault),
    clearFaults: () => front.faults.clear(),
    close: () => front.server.close(),
  };
}

function phoneInHand(tenant: Tenant, origin: string, userId: string): SimulatedPhone {
  const known = (): User => {
    const user = tenant.user(userId);
    if (user === undefined) throw new Error('The simulated tenant knows nobody by this user id.');
    return user;
  };
  const act = (action: PhoneAction) => async (): Promise<PhoneState> => {
    const answer = await operatePhone(tenant, known(), action);
    if (!answer.ok) throw new Error(answer.objection);
    return answer.state;
  };
  known();
  return {
    register: act('register'),
    'register-passkey': act('register-passkey'),
    approve: act('approve'),
    deny: act('deny'),
    ignore: act('ignore'),
    block: act('block'),
    state: () => phoneState(tenant, known()),
    pageUrl: `${origin}/phone/${encodeURIComponent(userId)}`,
  };
}
