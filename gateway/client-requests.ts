import type { ErrorCode } from '../protocol/error-codes.ts';
import { type ClientFrame, type ClientFrameOf, type GatewayFrame, PROTOCOL_VERSION } from '../protocol/frames.ts';
import { assertNever } from '../protocol/result.ts';
import type { EnrollFrame, Enrollment } from './enrollment.ts';
import { MAX_PENDING_REQUESTS } from './limits.ts';
import type { MethodsDesk, MethodsFrame } from './methods-desk.ts';
import type { GatewaySession } from './session.ts';
import type { SessionRegistry, Workstation } from './session-registry.ts';
import type { SessionWatcher } from './session-watchers.ts';

export type RequestFrame = Exclude<ClientFrame, { type: 'hello' | 'hello.proof' }>;

/** The connection a request came on. */
export interface Asker extends SessionWatcher {
  send(frame: GatewayFrame): void;
  refuse(code: ErrorCode, about?: { readonly requestId?: string; readonly detail?: string }): void;
}

/** What an introduced workstation may ask for. */
export class ClientRequests {
  readonly #registry: SessionRegistry;
  readonly #enrollment: Enrollment;
  readonly #methods: MethodsDesk;
  readonly #forget: ((from: Workstation, onRemoved: () => void) => boolean) | null;
  readonly #watched = new Map<Asker, readonly GatewaySession[]>();
  readonly #pending = new Map<Asker, number>();
  readonly #gone = new WeakSet<Asker>();

  /** @param forget lets a workstation leave; `null` where none is known by a key */
  constructor(
    registry: SessionRegistry,
    enrollment: Enrollment,
    methods: MethodsDesk,
    forget: ((from: Workstation, onRemoved: () => void) => boolean) | null,
  ) {
    this.#forget = forget;
    this.#registry = registry;
    this.#enrollment = enrollment;
    this.#methods = methods;
  }

  /** Resolves when the frame has been answered. */
  async handle(from: Workstation, frame: RequestFrame, asker: Asker): Promise<void> {
    switch (frame.type) {
      case 'session.start':
        return this.#waiting(asker, frame.requestId, () => this.#start(from, frame, asker));
      case 'session.poll': {
        const session = this.#find(from, frame.sessionId, asker);
        if (session === null) return;
        this.#noteWatched(asker, session);
        session.answerPoll(asker);
        return;
      }
      case 'session.answer': {
        const session = this.#find(from, frame.sessionId, asker);
        if (session === null) return;
        return this.#waiting(asker, frame.sessionId, async () => {
          const answered = await session.answer(frame.data);
          if (!answered.ok) asker.refuse(answered.error, { requestId: frame.sessionId });
        });
      }
      case 'session.end':
        this.#find(from, frame.sessionId, asker)?.end(asker, frame.reason);
        return;
      case 'device.forget': {
        const { requestId } = frame;
        const answer = () => asker.send({ v: PROTOCOL_VERSION, type: 'device.forgotten', requestId });
        if (this.#forget?.(from, answer) !== true) asker.refuse('NOT_SUPPORTED', { requestId });
        return;
      }
      case 'enroll.begin':
      case 'enroll.sms':
      case 'enroll.contact':
      case 'enroll.check':
      case 'enroll.lostDevice':
      case 'enroll.remove':
        return this.#waiting(asker, frame.requestId, () => this.#enroll(from, frame, asker));
      case 'methods.list':
      case 'methods.create':
      case 'methods.confirm':
      case 'methods.update':
      case 'methods.delete':
        return this.#waiting(asker, frame.requestId, () => this.#askMethods(from, frame, asker));
      default:
        return assertNever(frame, 'client frame');
    }
  }

  /** The connection is gone; its sessions stay. */
  unwatchAll(asker: Asker): void {
    this.#gone.add(asker);
    for (const session of this.#watched.get(asker) ?? []) session.unwatch(asker);
    this.#watched.delete(asker);
    this.#pending.delete(asker);
  }

  async #start(from: Workstation, frame: ClientFrameOf<'session.start'>, asker: Asker): Promise<void> {
    const started = await this.#registry.start(from, frame);
    if (!started.ok) {
      asker.refuse(started.error, { requestId: frame.requestId });
      return;
    }
    // Gone meanwhile: the session stays for the reconnect, which repeats its start.
    if (this.#gone.has(asker)) return;
    this.#noteWatched(asker, started.value);
    started.value.answerStart(asker);
  }

  async #enroll(from: Workstation, frame: EnrollFrame, asker: Asker): Promise<void> {
    const answered = await this.#enrollment.handle(from, frame);
    if (answered.ok) asker.send(answered.value);
    else asker.refuse(answered.error, { requestId: frame.requestId });
  }

  async #askMethods(from: Workstation, frame: MethodsFrame, asker: Asker): Promise<void> {
    const answered = await this.#methods.handle(from, frame);
    if (answered.ok) asker.send(answered.value);
    else asker.refuse(answered.error, { requestId: frame.requestId });
  }

  #find(from: Workstation, sessionId: string, asker: Asker): GatewaySession | null {
    const found = this.#registry.find(from, sessionId);
    if (found.ok) return found.value;
    asker.refuse(found.error, { requestId: sessionId });
    return null;
  }

  #noteWatched(asker: Asker, session: GatewaySession): void {
    const watched = this.#watched.get(asker) ?? [];
    // Nearly every poll: the one session it watches.
    if (watched.length === 1 && watched[0] === session) return;
    const others = watched.filter((other) => other !== session);
    for (const other of others) if (other.over) other.unwatch(asker);
    this.#watched.set(asker, [...others.filter((other) => !other.over), session]);
  }

  /** Bounds what one connection can make wait for the service. */
  async #waiting(asker: Asker, requestId: string, run: () => Promise<void>): Promise<void> {
    const pending = this.#pending.get(asker) ?? 0;
    if (pending >= MAX_PENDING_REQUESTS) {
      asker.refuse('RATE_LIMITED', { requestId });
      return;
    }
    this.#pending.set(asker, pending + 1);
    try {
      await run();
    } finally {
      const left = (this.#pending.get(asker) ?? 1) - 1;
      if (left <= 0) this.#pending.delete(asker);
      else this.#pending.set(asker, left);
    }
  }
}
