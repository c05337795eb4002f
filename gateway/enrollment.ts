import type { ErrorCode } from '../protocol/error-codes.ts';
import { type ClientFrame, type GatewayFrameOf, PROTOCOL_VERSION } from '../protocol/frames.ts';
import { assertNever, err, ok, type Result } from '../protocol/result.ts';
import type { AuditLog } from './audit-log.ts';
import type { GatewayClock } from './clock.ts';
import { CONTACTS_PER_TEN_MINUTES, ENROLL_REQUESTS_PER_MINUTE, SMS_PER_TEN_MINUTES } from './limits.ts';
import { type ProviderEnrollment, ProviderError } from './providers/provider.ts';
import { SlidingWindow } from './rate-limit.ts';
import type { SessionRegistry, Workstation } from './session-registry.ts';
import type { Upstream } from './upstream.ts';

export type EnrollFrame = Extract<ClientFrame, { type: `enroll.${string}` }>;
type EnrollState = Omit<GatewayFrameOf<'enroll.state'>, 'v' | 'type' | 'requestId'>;

/** Adding, checking and removing a person's phone at the service, within limits. */
export class Enrollment {
  readonly #upstream: Upstream;
  readonly #registry: SessionRegistry;
  readonly #audit: AuditLog;
  readonly #requests: SlidingWindow;
  readonly #sms: SlidingWindow;
  readonly #contacts: SlidingWindow;

  constructor(ports: {
    readonly upstream: Upstream;
    readonly registry: SessionRegistry;
    readonly audit: AuditLog;
    readonly clock: GatewayClock;
  }) {
    this.#upstream = ports.upstream;
    this.#registry = ports.registry;
    this.#audit = ports.audit;
    this.#requests = new SlidingWindow([{ events: ENROLL_REQUESTS_PER_MINUTE, windowMs: 60_000 }], ports.clock);
    this.#sms = new SlidingWindow([{ events: SMS_PER_TEN_MINUTES, windowMs: 600_000 }], ports.clock);
    this.#contacts = new SlidingWindow([{ events: CONTACTS_PER_TEN_MINUTES, windowMs: 600_000 }], ports.clock);
  }

  async handle(asker: Workstation, frame: EnrollFrame): Promise<Result<GatewayFrameOf<'enroll.state'>, ErrorCode>> {
    const refusal = this.#refusalOf(asker, frame);
    if (refusal !== null) return err(refusal);
    const asked = await this.#upstream.call('enroll', (provider, signal) => ask(provider.enrollment, frame, signal));
    if (!asked.ok) return err(asked.error.code);
    if (frame.type !== 'enroll.check') {
      this.#audit.append({ event: 'enrollment.changed', ...asker, userId: frame.userId, detail: frame.type });
    }
    // The asker's own session is not closed from here: it would lock the workstation at which the person stands and asks, before the
    // answer arrives. The asker ends it with the answer, and if it does not, the service's next word about it does.
    if (frame.type === 'enroll.lostDevice') {
      this.#registry.closeSessionsOfUser(frame.userId, 'the phone was reported lost', asker);
    }
    if (frame.type === 'enroll.remove') {
      this.#registry.closeSessionsOfUser(frame.userId, 'the person was removed', asker);
    }
    return ok({ v: PROTOCOL_VERSION, type: 'enroll.state', requestId: frame.requestId, ...asked.value.value });
  }

  #refusalOf(asker: Workstation, frame: EnrollFrame): ErrorCode | null {
    const { capabilities } = this.#upstream.provider;
    if (frame.type === 'enroll.sms' && !capabilities.enrollment.includes('sms')) return 'NOT_SUPPORTED';
    if (frame.type === 'enroll.contact' && !capabilities.enrollment.includes('contact')) return 'NOT_SUPPORTED';
    if (frame.type === 'enroll.lostDevice' && !capabilities.lostDevice) return 'NOT_SUPPORTED';
    const workstation = JSON.stringify([asker.tokenName, asker.deviceId]);
    if (!this.#requests.take(workstation)) return 'RATE_LIMITED';
    // Per number, address and person too: many workstations must not ring one phone, nor try numbers for one person.
    if (frame.type === 'enroll.sms') return takeAll(this.#sms, [workstation, frame.phoneNumber]);
    if (frame.type !== 'enroll.contact') return null;
    const { contact, userId } = frame;
    const reached = contact.kind === 'phone' ? contact.phoneNumber : contact.email.toLowerCase();
    return takeAll(this.#contacts, [workstation, `reached ${reached}`, `user ${userId}`]);
  }
}

/** One of each, or none. */
function takeAll(window: SlidingWindow, keys: readonly string[]): ErrorCode | null {
  if (!keys.every((key) => window.hasRoom(key))) return 'RATE_LIMITED';
  for (const key of keys) window.take(key);
  return null;
}

async function ask(service: ProviderEnrollment, frame: EnrollFrame, signal: AbortSignal): Promise<EnrollState> {
  switch (frame.type) {
    case 'enroll.begin': {
      const { registered, ...link } = await service.begin(frame, signal);
      return { registered, ...link };
    }
    case 'enroll.sms':
      if (service.sendSms === undefined) throw notSupported();
      await service.sendSms(frame, signal);
      return { registered: false, detail: 'sms-sent' };
    case 'enroll.contact': {
      if (service.addContact === undefined) throw notSupported();
      const { registered } = await service.addContact(frame, signal);
      return { registered, detail: 'contact-added' };
    }
    case 'enroll.check':
      return await service.check(frame.userId, signal);
    case 'enroll.lostDevice': {
      if (service.lostDevice === undefined) throw notSupported();
      return { registered: false, detail: 'phone-disabled', ...(await service.lostDevice(frame.userId, signal)) };
    }
    case 'enroll.remove':
      await service.remove(frame.userId, signal);
      return { registered: false, detail: 'removed' };
    default:
      return assertNever(frame, 'enroll frame');
  }
}

const notSupported = (): ProviderError => new ProviderError('NOT_SUPPORTED', 'The service has no such call.');
