import { createServer, type Server } from 'node:net';
import * as fc from 'fast-check';
import type { GatewayClock } from '../../../gateway/clock.ts';
import { createActiveconnectProvider } from '../../../gateway/providers/activeconnect/provider.ts';
import { type Provider, ProviderError, type SessionHandle } from '../../../gateway/providers/provider.ts';
import { isErrorCode } from '../../../protocol/error-codes.ts';
import { SessionStatusSchema } from '../../../protocol/frames.ts';
import { HostileHttpServer, listening, type ServedAnswer, servedAnswers } from '../hostile-http-server.ts';
import { mutatedText, type Recipe, recipes } from '../mutation.ts';
import { type FuzzTarget, FuzzViolation } from '../target.ts';
import { watchedGuard } from '../watched-guard.ts';

interface Answer extends ServedAnswer {
  readonly call: 'start' | 'poll' | 'end' | 'begin' | 'sms' | 'check' | 'lostDevice' | 'remove';
  readonly body: Recipe;
}

const answers: fc.Arbitrary<Answer> = fc.record({
  call: fc.constantFrom('start', 'poll', 'poll', 'poll', 'end', 'begin', 'sms', 'check', 'lostDevice', 'remove'),
  body: recipes,
  ...servedAnswers,
});

/** Time runs so much faster for the provider, that waiting for a silent service does not take the whole run. */
const HASTE = 50;
const TIMEOUT_MS = 3_000;
const LONGEST_CALL_MS = 8_000;

/** The Activeconnect provider against a server that answers anything, and a second one that nobody may ever call. */
export function serviceAnswersTarget(): FuzzTarget<Answer> {
  return {
    name: 'service-answers',
    inputs: answers,
    async open() {
      const service = await HostileService.start();
      return { feed: (answer) => service.feed(answer), close: () => service.close() };
    },
  };
}

class HostileService {
  readonly #server = new HostileHttpServer();
  readonly #trap: Server;
  #trapped = 0;
  #answer: Answer | null = null;
  #body = '';
  #url = '';
  #trapUrl = '';
  #provider: (Provider & { close(): void }) | null = null;

  private constructor() {
    this.#trap = createServer((socket) => {
      this.#trapped += 1;
      socket.destroy();
    });
  }

  static async start(): Promise<HostileService> {
    const service = new HostileService();
    service.#url = await service.#server.listen();
    service.#trapUrl = await listening(service.#trap);
    service.#provider = createActiveconnectProvider({
      profile: 'activeconnect',
      baseUrl: service.#url,
      appId: 'app',
      appSecret: 'not-a-real-secret',
      simulated: true,
      timeoutMs: TIMEOUT_MS,
      clock: HASTY_CLOCK,
      random: () => 0,
    });
    return service;
  }

  async feed(answer: Answer): Promise<string> {
    const provider = this.#provider;
    if (provider === null) throw new TypeError('not started');
    this.#answer = answer;
    this.#body = mutatedText(answer.body, this.#examples(answer));
    this.#server.answers(answer, this.#body, `${this.#trapUrl}/x`);
    const outcome = await this.#call(provider, answer);
    if (this.#trapped > 0) throw new FuzzViolation('a signed request went elsewhere');
    return outcome;
  }

  async close(): Promise<void> {
    this.#provider?.close();
    await this.#server.close();
    await new Promise((resolve) => this.#trap.close(resolve));
  }

  /** @returns `accepted`, or the code. */
  async #call(provider: Provider, { call }: Answer): Promise<string> {
    const signal = AbortSignal.timeout(LONGEST_CALL_MS);
    const handle: SessionHandle = { providerId: provider.id, serialized: this.#storedSession() };
    const user = { userId: 'user-1', displayName: 'Ada', phoneNumber: '+491701234567' };
    try {
      switch (call) {
        case 'start': {
          const request = {
            ...user,
            idempotencyKey: 'k',
            deviceId: 'd',
            reason: 'unlock',
            methods: [],
            durationSeconds: 3_600,
          } as const;
          const started = await provider.startSession(request, signal);
          this.#judge(started.answer.status);
          // Where the session's addresses lead shows when it is asked after.
          this.#server.answers(PLAIN, PENDING, this.#trapUrl);
          await provider.pollSession(started.handle, signal);
          return 'accepted';
        }
        case 'poll':
          return this.#judge((await provider.pollSession(handle, signal)).status);
        case 'end':
          await provider.endSession(handle, signal);
          return 'accepted';
        case 'begin':
          return mustBeWebAddress((await provider.enrollment.begin(user, signal)).link);
        case 'sms':
          await provider.enrollment.sendSms?.(user, signal);
          return 'accepted';
        case 'check':
          await provider.enrollment.check(user.userId, signal);
          return 'accepted';
        case 'lostDevice':
          return mustBeWebAddress((await provider.enrollment.lostDevice?.(user.userId, signal))?.link);
        case 'remove':
          await provider.enrollment.remove(user.userId, signal);
          return 'accepted';
      }
    } catch (fault) {
      if (!(fault instanceof ProviderError)) throw fault;
      if (!isErrorCode(fault.code)) throw new FuzzViolation(`no code of the table: ${fault.code}`);
      return fault.code;
    }
  }

  /** Only these words in this place say that somebody approved; and only then may the rules open. */
  #judge(status: string): string {
    if (!SessionStatusSchema.safeParse(status).success) throw new FuzzViolation(`an unknown status: ${status}`);
    const watched = watchedGuard();
    watched.tell({ type: 'gateway.up', approvableUnseen: true });
    watched.tell({ type: 'session.started', requestId: 'fuzz.1', sessionId: 's' });
    const asOf = watched.time.monotonicNow();
    const parsed = SessionStatusSchema.parse(status);
    watched.tell({ type: 'session.status', sessionId: 's', seq: 1, status: parsed, validForMs: 15_000, asOf });
    if (!this.#saysActive()) watched.mustBeShut('although the service did not say that anybody approved');
    else if (watched.opened() === 0 && status === 'active') throw new FuzzViolation('a genuine approval did not open');
    return status;
  }

  #saysActive(): boolean {
    if (this.#answer === null || this.#answer.manner === 'garbage') return false;
    let claimed: unknown;
    try {
      claimed = JSON.parse(this.#body);
    } catch {
      return false;
    }
    const wrapped = member(claimed, 'authentication_status');
    const fields =
      typeof claimed === 'object' && claimed !== null && 'authentication_status' in claimed ? wrapped : claimed;
    const authenticated = member(fields, 'authenticated');
    return member(fields, 'session_status') === 'active' && (authenticated === true || authenticated === 'True');
  }

  #storedSession(): string {
    return JSON.stringify({
      session_status: 'pending',
      session_token: 'token',
      session_secret: 'not-a-real-secret',
      status_url: `${this.#url}/status/1`,
      logout_url: `${this.#url}/logout/1`,
      failure_reason: null,
    });
  }

  /** Mostly answers to the call that is made; now and then one to another. */
  #examples({ call, body }: Answer): readonly unknown[] {
    const examples = answersOf(this.#url, this.#trapUrl);
    return body.example % 8 === 7 ? Object.values(examples).flat() : examples[call];
  }
}

function answersOf(url: string, elsewhere: string): Readonly<Record<Answer['call'], readonly unknown[]>> {
  const session = { session_token: 't', session_secret: 's', status_url: `${url}/s`, logout_url: `${url}/l` };
  const wrapped = (fields: object): unknown => ({ authentication_status: fields });
  const link = { status: true, register_url: 'https://phone.example/register' };
  const yes = { status: true, users: { created: ['user-1'], existing: [] }, device_registered: 'True' };
  return {
    start: [
      wrapped({ authenticated: true, session_status: 'pending', ...session }),
      wrapped({ authenticated: true, session_status: 'active', ...session }),
      wrapped({ authenticated: true, session_status: 'pending', ...session, status_url: `${elsewhere}/s` }),
      wrapped({ authenticated: false, session_status: 'failed', reason: 'NO_MOBILE_DEVICE' }),
    ],
    poll: [
      wrapped({ authenticated: true, session_status: 'active' }),
      wrapped({ authenticated: 'True', session_status: 'active', reason: null }),
      { authenticated: true, session_status: 'active' },
      wrapped({ authenticated: false, session_status: 'active' }),
      wrapped({ authenticated: true, session_status: 'walkaway' }),
    ],
    end: [{ status: true }, { status: 'False', reason: 'no' }],
    // One answer to three questions: users, phone, link.
    begin: [{ ...yes, ...link }],
    sms: [yes, { status: 'False', reason: 'no such number' }],
    check: [yes, { status: true, device_registered: false }],
    lostDevice: [link],
    remove: [yes, { status: false }],
  };
}

const PLAIN: ServedAnswer = { status: 200, manner: 'plain', retryAfter: null, headEdits: [] };
const PENDING = '{"authentication_status":{"authenticated":false,"session_status":"pending"}}';

const HASTY_CLOCK: GatewayClock = {
  elapsedMs: () => performance.now() * HASTE,
  wallMs: () => Date.now(),
  schedule(delayMs, task) {
    const timer = setTimeout(task, delayMs / HASTE);
    return () => clearTimeout(timer);
  },
};

function mustBeWebAddress(link: string | undefined): string {
  if (link === undefined || !/^https?:\/\//i.test(link))
    throw new FuzzViolation(`a link that no phone should open: ${link?.slice(0, 40)}`);
  return 'accepted';
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
