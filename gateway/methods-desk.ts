import type { MethodsOfPerson } from '../protocol/confirmation-methods.ts';
import type { ErrorCode } from '../protocol/error-codes.ts';
import { type ClientFrame, type GatewayFrameOf, PROTOCOL_VERSION } from '../protocol/frames.ts';
import { assertNever, err, ok, type Result } from '../protocol/result.ts';
import type { AuditLog } from './audit-log.ts';
import type { GatewayClock } from './clock.ts';
import {
  MAX_METHODS_ANSWER_BYTES,
  METHOD_CHANGES_PER_TEN_MINUTES,
  METHOD_CODES_PER_TEN_MINUTES,
  METHODS_REQUESTS_PER_MINUTE,
} from './limits.ts';
import { ProviderError, type ProviderMethods } from './providers/provider.ts';
import { SlidingWindow } from './rate-limit.ts';
import type { SessionRegistry, Workstation } from './session-registry.ts';
import type { Upstream } from './upstream.ts';

export type MethodsFrame = Extract<ClientFrame, { type: `methods.${string}` }>;

/** A person's confirmation methods at the service, within limits: a change may send a code to a phone, and a typed code may be a guess. */
export class MethodsDesk {
  readonly #upstream: Upstream;
  readonly #registry: SessionRegistry;
  readonly #audit: AuditLog;
  readonly #requests: SlidingWindow;
  readonly #changes: SlidingWindow;
  readonly #codes: SlidingWindow;

  constructor(ports: {
    readonly upstream: Upstream;
    readonly registry: SessionRegistry;
    readonly audit: AuditLog;
    readonly clock: GatewayClock;
  }) {
    this.#upstream = ports.upstream;
    this.#registry = ports.registry;
    this.#audit = ports.audit;
    this.#requests = new SlidingWindow([{ events: METHODS_REQUESTS_PER_MINUTE, windowMs: 60_000 }], ports.clock);
    this.#changes = new SlidingWindow([{ events: METHOD_CHANGES_PER_TEN_MINUTES, windowMs: 600_000 }], ports.clock);
    this.#codes = new SlidingWindow([{ events: METHOD_CODES_PER_TEN_MINUTES, windowMs: 600_000 }], ports.clock);
  }

  async handle(asker: Workstation, frame: MethodsFrame): Promise<Result<GatewayFrameOf<'methods.state'>, ErrorCode>> {
    const refusal = this.#refusalOf(asker, frame);
    if (refusal !== null) return err(refusal);
    const asked = await this.#upstream.call('methods', async (provider, signal) => {
      if (provider.enrollment.methods === undefined) throw notSupported();
      return fittingOneFrame(await ask(provider.enrollment.methods, frame, signal));
    });
    if (!asked.ok) return err(asked.error.code);
    if (frame.type !== 'methods.list') {
      this.#audit.append({ event: 'enrollment.changed', ...asker, userId: frame.userId, detail: frame.type });
    }
    // As with a lost phone: what was approved with it must not keep another workstation open; the asker's own stays (enrollment.ts).
    if (frame.type === 'methods.delete' || (frame.type === 'methods.update' && !frame.isActive)) {
      this.#registry.closeSessionsOfUser(frame.userId, 'a confirmation method was removed', asker);
    }
    return ok({ v: PROTOCOL_VERSION, type: 'methods.state', requestId: frame.requestId, ...asked.value.value });
  }

  #refusalOf(asker: Workstation, frame: MethodsFrame): ErrorCode | null {
    if (!this.#upstream.provider.capabilities.enrollment.includes('methods')) return 'NOT_SUPPORTED';
    const workstation = JSON.stringify([asker.tokenName, asker.deviceId]);
    if (!this.#requests.take(workstation)) return 'RATE_LIMITED';
    const window = this.#windowOf(frame);
    if (window === null) return null;
    // Per person too: many workstations must not guess, or ring, one person's phone.
    const keys = [workstation, `user ${frame.userId}`];
    if (!keys.every((key) => window.hasRoom(key))) return 'RATE_LIMITED';
    for (const key of keys) window.take(key);
    return null;
  }

  #windowOf(frame: MethodsFrame): SlidingWindow | null {
    switch (frame.type) {
      case 'methods.list':
        return null;
      case 'methods.create':
      case 'methods.update':
      case 'methods.delete':
        return this.#changes;
      case 'methods.confirm':
        return this.#codes;
      default:
        return assertNever(frame, 'methods frame');
    }
  }
}

function ask(methods: ProviderMethods, frame: MethodsFrame, signal: AbortSignal): Promise<MethodsOfPerson> {
  const { userId } = frame;
  switch (frame.type) {
    case 'methods.list':
      return methods.list(userId, signal);
    case 'methods.create': {
      const { methodId, settings, isDefault } = frame;
      return methods.create(userId, { methodId, settings, isDefault }, signal);
    }
    case 'methods.confirm': {
      const { configId, confirmationId, data } = frame;
      return methods.confirm(userId, { configId, confirmationId, data }, signal);
    }
    case 'methods.update': {
      const { configId, settings, isActive, isDefault } = frame;
      const kept = settings === undefined ? {} : { settings };
      return methods.update(userId, { configId, ...kept, isActive, isDefault }, signal);
    }
    case 'methods.delete':
      return methods.delete(userId, frame.configId, signal);
    default:
      return assertNever(frame, 'methods frame');
  }
}

/** The lists are bounded one by one, together they could exceed a frame: first the help of the forms goes, then it is refused. */
function fittingOneFrame(state: MethodsOfPerson): MethodsOfPerson {
  const fits = (claimed: MethodsOfPerson) => Buffer.byteLength(JSON.stringify(claimed)) <= MAX_METHODS_ANSWER_BYTES;
  if (fits(state)) return state;
  const terse = {
    ...state,
    methods: state.methods.map((method) => ({ ...method, form: method.form.map(({ help: _, ...field }) => field) })),
  };
  if (fits(terse)) return terse;
  throw new ProviderError('PROVIDER_BAD_ANSWER', 'The list of confirmation methods is too long for one frame.');
}

const notSupported = (): ProviderError => new ProviderError('NOT_SUPPORTED', 'The service has no such call.');
