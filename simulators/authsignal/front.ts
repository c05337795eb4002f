import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import { assertNever } from '../assert-never.ts';
import { type Address, isFromElsewhere, parseJson, readAddress, readBody } from '../http/exchange.ts';
import { FaultQueue } from '../http/faults.ts';
import type { WireAnswer } from '../http/reply.ts';
import { SimulatorServer } from '../http/server.ts';
import { answerAsset } from '../phone/assets.ts';
import { actionCode } from './action-calls.ts';
import { type Answer, done, invalid, notFound, onTheWire, refused } from './answer.ts';
import { type Api, refusalOfKey, routesOf } from './api.ts';
import { Challenges } from './challenge-calls.ts';
import { answerWith, faultSchema } from './faults.ts';
import { answerPhone } from './phone-site.ts';
import { LoginSessions } from './session-calls.ts';
import { DECISIONS, DEFAULT_RULES, type Tenant } from './tenant.ts';
import { deliverySchema, type Webhooks } from './webhooks.ts';

export const API_VERSION = 'v1';

/** One line of the tenant's rules. */
export const ruleSchema = z.strictObject({
  action: z.union([z.literal('*'), actionCode]),
  decision: z.enum(DECISIONS),
  /** Only for this person; default: for everybody. */
  userId: z.string().min(1).max(256).optional(),
});
export type RuleRequest = z.input<typeof ruleSchema>;
const webhookSchema = z.strictObject({ url: z.url({ protocol: /^https?$/ }).max(2_048) });

type Control = Readonly<Record<string, (body: unknown) => Answer | Promise<Answer>>>;

/** The web server in front of the simulated tenant: the API below `/v1`, the phone's page, and what only a simulator has. */
export class Front {
  readonly faults = new FaultQueue(faultSchema);
  readonly server: SimulatorServer;
  readonly #api: Api;
  readonly #webhooks: Webhooks;
  readonly #allowFaults: boolean;

  constructor(tenant: Tenant, webhooks: Webhooks, allowFaults: boolean) {
    this.#api = { tenant, challenges: new Challenges(tenant), sessions: new LoginSessions(tenant) };
    this.#webhooks = webhooks;
    this.#allowFaults = allowFaults;
    this.server = new SimulatorServer('authsignal', (request) => this.#answer(request));
  }

  async #answer(request: IncomingMessage): Promise<WireAnswer> {
    const address = readAddress(request);
    const path = address?.path.map(decoded);
    if (address === undefined || path === undefined || path.some((part) => part === undefined)) {
      return onTheWire(invalid('The address is not valid.'));
    }
    const known = path.filter((part) => part !== undefined);
    const [area = '', name = ''] = known;
    switch (area) {
      case API_VERSION:
        return this.#answerApi(request, address, known.slice(1));
      case 'phone':
        return answerPhone(this.#api.tenant, request, address, known);
      case 'assets':
        return (known.length === 2 ? answerAsset(name) : null) ?? onTheWire(notFound('page'));
      default:
        return onTheWire(await this.#answerControl(request, address, known.length === 1 ? area : ''));
    }
  }

  async #answerApi(request: IncomingMessage, address: Address, path: readonly string[]): Promise<WireAnswer> {
    const routes = routesOf(this.#api, path);
    if (routes === undefined) return onTheWire(notFound('resource'));
    const method = request.method ?? '';
    const route = Object.hasOwn(routes, method) ? routes[method] : undefined;
    if (route === undefined) return onTheWire(methodNotAllowed(routes));
    const carryOut = async (): Promise<Answer> => {
      const refusal = refusalOfKey(this.#api.tenant, request.headers.authorization);
      if (refusal !== undefined) return refusal;
      const body = await bodyOf(request, method);
      if (body === undefined) return invalid('The body is too large or not JSON.');
      return route.carryOut({ body: body.value, query: address.query, origin: `http://${address.host}` });
    };
    return answerWith(this.faults.take(route.call), carryOut, this.server.closing);
  }

  /** `/rules`, `/webhooks` and, where faults are allowed, `/faults` and `/deliveries`: set by whoever tests or tries the product. */
  async #answerControl(request: IncomingMessage, address: Address, name: string): Promise<Answer> {
    const control = this.#controls(name);
    if (control === undefined) return notFound('page');
    if (isFromElsewhere(request, address.host)) return refused(403, 'cross_site', 'Not from another page.');
    const method = request.method ?? '';
    const operate = Object.hasOwn(control, method) ? control[method] : undefined;
    if (operate === undefined) return methodNotAllowed(control);
    const body = await bodyOf(request, method);
    return body === undefined ? invalid('The body is too large or not JSON.') : operate(body.value);
  }

  #controls(name: string): Control | undefined {
    const { tenant } = this.#api;
    const rules = () => done({ rules: Object.fromEntries(tenant.rules) });
    switch (name) {
      case 'rules':
        return {
          GET: rules,
          POST: (body) => {
            const rule = ruleSchema.safeParse(body);
            if (!rule.success) return invalid('A rule is {"action", "decision", "userId"?}.');
            setRule(tenant, rule.data);
            return rules();
          },
          DELETE: () => {
            tenant.rules = new Map(Object.entries(DEFAULT_RULES));
            return rules();
          },
        };
      case 'webhooks':
        return {
          POST: (body) => {
            const asked = webhookSchema.safeParse(body);
            if (!asked.success) return invalid('A webhook is {"url"}.');
            this.#webhooks.url = asked.data.url;
            return done({ url: asked.data.url });
          },
          DELETE: () => {
            this.#webhooks.url = null;
            return done({ url: null });
          },
        };
      case 'faults':
        return this.#allowFaults ? this.#faultControl() : undefined;
      case 'deliveries':
        return this.#allowFaults ? { POST: (body) => this.#send(body) } : undefined;
      default:
        return undefined;
    }
  }

  #faultControl(): Control {
    return {
      POST: (body) => {
        const added = this.faults.add(body);
        switch (added) {
          case 'added':
            return { status: 201, body: {} };
          case 'malformed':
            return invalid('This is no fault.');
          case 'too-many':
            return refused(429, 'too_many_faults', 'Too many faults are waiting.');
          default:
            return assertNever(added);
        }
      },
      DELETE: () => {
        this.faults.clear();
        return done({});
      },
    };
  }

  async #send(body: unknown): Promise<Answer> {
    const delivery = deliverySchema.safeParse(body);
    if (!delivery.success) return invalid('This is no delivery.');
    if (this.#webhooks.url === null) return refused(409, 'no_webhook', 'The tenant has no webhook URL.');
    return done({ status: await this.#webhooks.send(delivery.data) });
  }
}

export function setRule(tenant: Tenant, { action, decision, userId }: z.output<typeof ruleSchema>): void {
  tenant.rules.set(userId === undefined ? action : `${action}@${userId}`, decision);
}

/** @returns undefined for what cannot be decoded, or would be a step of a path by itself */
function decoded(part: string): string | undefined {
  try {
    const text = decodeURIComponent(part);
    return text === '.' || text === '..' || /\p{Cc}/u.test(text) ? undefined : text;
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

async function bodyOf(request: IncomingMessage, method: string): Promise<{ readonly value: unknown } | undefined> {
  if (method === 'GET' || method === 'DELETE') return { value: undefined };
  const bytes = await readBody(request);
  if (bytes === 'too-large') return undefined;
  return bytes.length === 0 ? { value: {} } : parseJson(bytes);
}

function methodNotAllowed(methods: Readonly<Record<string, unknown>>): Answer {
  const allowed = Object.keys(methods).join(', ');
  return refused(405, 'method_not_allowed', `Only ${allowed}.`, { Allow: allowed });
}
