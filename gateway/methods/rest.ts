import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import { assertNever } from '../../protocol/result.ts';
import type { AuditLog } from '../audit-log.ts';
import type { GatewayClock } from '../clock.ts';
import { type HttpDoor, refuseUpgrade } from '../http-door.ts';
import {
  METHODS_ANONYMOUS_BURST,
  METHODS_ANONYMOUS_PER_SECOND,
  METHODS_HTTP_BURST,
  METHODS_HTTP_PER_SECOND,
  METHODS_SERVICE_BURST,
  METHODS_SERVICE_PER_SECOND,
} from '../limits.ts';
import { describeFault, type GatewayLogger } from '../logger.ts';
import {
  ConfirmConfigRequestSchema,
  ConfirmRequestSchema,
  CreateConfigRequestSchema,
  DEFAULT_PREFIX,
  RequestConfirmationRequestSchema,
  UpdateConfigRequestSchema,
} from '../providers/wcd-2factor/wire.ts';
import { TokenBucket } from '../rate-limit.ts';
import type { ConfigTable } from './config-table.ts';
import type { Confirmations } from './confirmations.ts';
import { answerToOrigin } from './cors.ts';
import { bodyErrors } from './field-errors.ts';
import { jsonBodyOf, UnreadableBody } from './json-body.ts';
import type { SignedIn, SignIn } from './person-tokens.ts';
import { MethodsRefusal, refusedFields } from './refusal.ts';
import { findRoute, type Route } from './routes.ts';
import { changedShown, configShown, confirmationShown, methodShown, NO_CONFIRMATION } from './shown.ts';
import type { UserConfigs } from './user-configs.ts';

export interface RestPorts {
  readonly signIn: SignIn;
  readonly methods: Pick<ConfigTable, 'methods'>;
  readonly userConfigs: UserConfigs;
  readonly confirmations: Confirmations;
  readonly clock: GatewayClock;
  readonly audit: AuditLog;
  readonly logger: GatewayLogger;
  /** Begins and ends with a slash. Default that of the vendor. */
  readonly prefix?: string | undefined;
  /** Origins whose pages may call and read. Default none. */
  readonly allowedOrigins?: readonly string[] | undefined;
}

interface Answer {
  readonly status: number;
  /** Absent: no body. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Nothing here is a page. No page of another origin reads anything, unless its origin is allowed (cors.ts). */
const SECURITY_HEADERS = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;
const ok = (body: unknown): Answer => ({ status: 200, body });
const refused = (status: number, detail: string, headers: Answer['headers'] = {}): Answer => ({
  status,
  body: { detail },
  headers,
});
const NOT_FOUND = refused(404, 'Not found.');
const throttled = (waitMs: number): Answer => {
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
  const detail = `Request was throttled. Expected available in ${seconds} seconds.`;
  return refused(429, detail, { 'Retry-After': String(seconds) });
};

/** The REST interface of WebCase 2factor (PROVIDERS §3) over our own methods: its paths, status codes and error shapes. */
export function createMethodsDoor(ports: RestPorts): HttpDoor {
  const { audit, logger, prefix = DEFAULT_PREFIX, allowedOrigins = [] } = ports;
  const mayCall = callLimits(ports.clock);
  let closed = false;

  async function answer(request: IncomingMessage): Promise<Answer> {
    const who = ports.signIn(request.headers.authorization);
    if (!mayCall(who)) return throttled(1_000);
    const route = findRoute(pathOf(request).slice(prefix.length));
    if (route === null) return NOT_FOUND;
    if (request.method !== route.method) {
      return refused(405, `Method "${request.method ?? ''}" not allowed.`, { Allow: route.method });
    }
    if (who === 'refused') {
      audit.append({ event: 'person.refused', detail: route.call });
      return refused(403, 'Invalid token.');
    }
    // As at the vendor's, everybody may see which methods there are; the vendor's also lets everybody confirm, ours does not.
    if (route.call === 'listActiveMethods') return ok(ports.methods.methods().map(methodShown));
    if (who === 'anonymous') return refused(403, 'Authentication credentials were not provided.');
    return answerPerson(ports, { route, call: route.call, userId: who.userId, request });
  }

  async function answerOrRefusal(request: IncomingMessage): Promise<Answer> {
    if (closed) return refused(503, 'Service unavailable.');
    try {
      return await answer(request);
    } catch (fault) {
      if (fault instanceof MethodsRefusal) return refusalShown(fault.refusal);
      // What was not read to its end must not be taken for the next request.
      if (fault instanceof UnreadableBody) return refused(fault.status, fault.message, { Connection: 'close' });
      // Whoever breaks off in the middle of a body is no fault of ours: the server says so.
      if (!request.complete) throw fault;
      logger.error({ fault: describeFault(fault) }, 'a call about confirmation methods failed');
      return refused(500, 'Server error.');
    }
  }

  return {
    owns: (path) => path.startsWith(prefix),
    async answer(request, response) {
      const { headers, preflight } = answerToOrigin(request.method, request.headers.origin, allowedOrigins);
      const answered = preflight === null ? await answerOrRefusal(request) : { status: 204, headers: preflight };
      send(response, { ...answered, headers: { ...answered.headers, ...headers } });
    },
    upgrade: (_request, socket) => refuseUpgrade(socket, '404 Not Found'),
    close() {
      closed = true;
    },
  };
}

/** Each person has their own allowance, each service one for all its people; strangers share one. */
function callLimits(clock: GatewayClock): (who: ReturnType<SignIn>) => boolean {
  const anonymous = new TokenBucket(METHODS_ANONYMOUS_BURST, METHODS_ANONYMOUS_PER_SECOND, clock);
  // As many as there are tokens.
  const people = new Map<string, TokenBucket>();
  const services = new Map<string, TokenBucket>();

  function bucketOf({ userId, service }: SignedIn): TokenBucket {
    const [buckets, key, burst, perSecond] =
      service === null
        ? [people, userId, METHODS_HTTP_BURST, METHODS_HTTP_PER_SECOND]
        : [services, service, METHODS_SERVICE_BURST, METHODS_SERVICE_PER_SECOND];
    const bucket = buckets.get(key) ?? new TokenBucket(burst, perSecond, clock);
    buckets.set(key, bucket);
    return bucket;
  }

  return (who) => (typeof who === 'object' ? bucketOf(who) : anonymous).take();
}

interface PersonCall {
  readonly route: Route;
  readonly call: Exclude<Route['call'], 'listActiveMethods'>;
  readonly userId: string;
  readonly request: IncomingMessage;
}

async function answerPerson(ports: RestPorts, { route, call, userId, request }: PersonCall): Promise<Answer> {
  const { userConfigs, confirmations } = ports;
  switch (call) {
    case 'listOwnConfigs':
      return ok(userConfigs.list(userId).map(configShown));
    case 'createConfig':
      return ok(changedShown(await userConfigs.create(userId, await decoded(request, CreateConfigRequestSchema))));
    case 'confirmConfig': {
      const body = await decoded(request, ConfirmConfigRequestSchema, withRightSpelling);
      return ok(configShown(await confirmations.confirmConfig(userId, body)));
    }
    case 'updateConfig': {
      const body = await decoded(request, UpdateConfigRequestSchema);
      return ok(changedShown(await userConfigs.update(userId, route.id, body)));
    }
    case 'deleteConfig':
      userConfigs.delete(userId, route.id);
      return { status: 204 };
    case 'requestConfirmation': {
      const body = await decoded(request, RequestConfirmationRequestSchema);
      const { needs, ...confirmation } = await confirmations.request(userId, body);
      return ok(confirmationShown(confirmation, needs));
    }
    case 'checkConfirmation': {
      const known = confirmations.check(userId, route.id);
      return ok(known === null ? NO_CONFIRMATION : confirmationShown(known));
    }
    case 'confirmConfirmation':
      return ok(confirmationShown(await confirmations.confirm(userId, await decoded(request, ConfirmRequestSchema))));
    case 'useConfirmation': {
      const { id } = await decoded(request, ConfirmRequestSchema.pick({ id: true }));
      confirmations.use(userId, id);
      return ok({ id });
    }
    default:
      return assertNever(call, 'call about methods');
  }
}

async function decoded<T>(
  request: IncomingMessage,
  schema: z.ZodType<T>,
  mended: (body: unknown) => unknown = (body) => body,
): Promise<T> {
  const body = mended(await jsonBodyOf(request));
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw refusedFields(bodyErrors(parsed.error.issues, body));
}

/** Whoever sends back the field that the vendor misspells is understood. */
function withRightSpelling(body: unknown): unknown {
  const misspelt = typeof body === 'object' && body !== null && 'comfirmation_id' in body;
  return misspelt && !('confirmation_id' in body) ? { ...body, confirmation_id: body.comfirmation_id } : body;
}

function refusalShown(refusal: MethodsRefusal['refusal']): Answer {
  switch (refusal.kind) {
    case 'fields':
      return { status: 400, body: refusal.errors };
    case 'not-found':
      return NOT_FOUND;
    case 'throttled':
      return throttled(refusal.waitMs);
    case 'conflict':
      return refused(409, 'It was changed meanwhile.');
    default:
      return assertNever(refusal, 'refusal of a call about methods');
  }
}

function send(response: ServerResponse, { status, body, headers }: Answer): void {
  const text = body === undefined ? null : JSON.stringify(body);
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    Vary: 'Origin, Authorization',
    ...(text === null ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }),
    ...headers,
  });
  response.end(text ?? undefined);
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}
