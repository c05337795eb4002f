import * as fc from 'fast-check';
import type { TransitionFunction } from '../../../main/core/lock-types.ts';
import type { TransportListener } from '../../../main/link/frame-transport.ts';
import { createGatewayLink } from '../../../main/link/gateway-link.ts';
import { ERROR_CODES } from '../../../protocol/error-codes.ts';
import { HandMovedTime } from '../../fakes/hand-moved-time.ts';
import { gatewayFrames } from '../frame-examples.ts';
import { mutatedText, type Recipe, recipes } from '../mutation.ts';
import { type FuzzTarget, FuzzViolation } from '../target.ts';
import { watchedGuard } from '../watched-guard.ts';

type Step =
  | { readonly kind: 'frame'; readonly recipe: Recipe }
  | { readonly kind: 'binary' }
  | { readonly kind: 'pong'; readonly payload: string }
  | { readonly kind: 'time'; readonly ms: number }
  | { readonly kind: 'close'; readonly code: number }
  | { readonly kind: 'error'; readonly code: string }
  | { readonly kind: 'locked' | 'unlocked' | 'resumed' | 'activity' };

interface Story {
  readonly unlockOnApproval: 'curtain' | 'session';
  /** Without it the first frame has to get past "not ready". */
  readonly greeted: boolean;
  readonly steps: readonly Step[];
}

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('frame' as const), recipe: recipes }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('binary' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pong' as const), payload: fc.string({ maxLength: 125 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.nat({ max: 70_000 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('close' as const), code: fc.oneof(fc.nat({ max: 65_535 }), codes()) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('error' as const),
      code: fc.constantFrom('WS_ERR_INVALID_OPCODE', 'ECONNRESET', 'CERT_HAS_EXPIRED', '', '__proto__'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('locked', 'unlocked', 'resumed', 'activity') }),
  },
);

const stories: fc.Arbitrary<Story> = fc.record({
  unlockOnApproval: fc.constantFrom('curtain', 'session'),
  greeted: fc.integer({ min: 0, max: 9 }).map((roll) => roll > 0),
  steps: fc.array(step, { minLength: 1, maxLength: 8 }),
});

function codes(): fc.Arbitrary<number> {
  return fc.constantFrom(...Object.values(ERROR_CODES).map(({ closeCode }) => closeCode ?? 1_000));
}

const GREETING = JSON.stringify(gatewayFrames({ requestId: 'x', sessionId: 'x', seq: 1 })[0]);
/** Close codes the link may give: those of the table, the orderly end, and none. */
const GIVEN_CLOSE_CODES: ReadonlySet<unknown> = new Set([
  1000,
  ...Object.values(ERROR_CODES).map(({ closeCode }) => closeCode),
]);

/**
 * What a gateway, or somebody in its place, may say: to the real link, joined to the real rules. Where it opened, a truth of our own
 * must know why: a frame that says `active` about a session that was asked for since the last lock.
 */
export function linkTarget(rules?: TransitionFunction): FuzzTarget<Story> {
  return {
    name: 'link',
    inputs: stories,
    open: async () => ({ feed: (story) => told(story, rules), close: async () => undefined }),
  };
}

/** Times at most that a link may try to connect in one story; it would otherwise hammer. */
const MAX_CONNECTS = 2_000;

function told(story: Story, rules: TransitionFunction | undefined): string {
  const time = new HandMovedTime();
  const truth = new ApprovalTruth();
  const wire: { listener: TransportListener | null } = { listener: null };
  let isOpen = false;
  let connects = 0;
  const closing: { link: { close(): Promise<void> } | null } = { link: null };
  const watched = watchedGuard({
    time,
    rules,
    policy: { unlockOnApproval: story.unlockOnApproval },
    link: (dispatch) => {
      const link = createGatewayLink({
        connect: { url: 'ws://127.0.0.1:1/', token: 'fuzz-token-0123456789' },
        deviceId: 'device-1',
        appVersion: '0.1.0',
        platform: 'linux',
        clock: time,
        dispatch,
        logger: { info: () => undefined, warn: () => undefined },
        timers: {
          after(ms, fire) {
            const handle = time.setTimeout(fire, ms);
            return () => time.clearTimeout(handle);
          },
        },
        random: () => 0.5,
        openTransport: (_address, _limits, next) => {
          wire.listener = next;
          isOpen = false;
          connects += 1;
          if (connects > MAX_CONNECTS) throw new FuzzViolation('connects again and again');
          let mine = true;
          const gone = (code: number): void => {
            if (!mine) return;
            mine = false;
            isOpen = false;
            next.onClose(code);
          };
          return {
            isOpen: () => mine && isOpen,
            isClosed: () => !mine,
            send: (text) => truth.sent(text),
            ping: () => undefined,
            close: (code) => {
              if (!GIVEN_CLOSE_CODES.has(code)) throw new FuzzViolation(`closed with ${code}`);
              isOpen = false;
            },
            terminate: () => gone(1006),
          };
        },
      });
      closing.link = link;
      return link;
    },
  });

  // A pause, too, keeps a screen open: only out of somebody's presence, whoever says so.
  let before = watched.guard.current().state.name;
  let wronglyPaused: string | null = null;
  watched.guard.subscribe(({ machine }) => {
    const { name } = machine.state;
    if (name === 'paused' && before !== 'paused' && (before !== 'present' || !truth.approved)) wronglyPaused = before;
    before = name;
  });

  const say = (text: string): void => {
    truth.said(text);
    wire.listener?.onMessage(text);
  };
  const connect = (): void => {
    if (isOpen || wire.listener === null) return;
    isOpen = true;
    wire.listener.onOpen();
    if (story.greeted) say(GREETING);
  };

  connect();
  for (const next of story.steps) {
    switch (next.kind) {
      case 'frame':
        connect();
        say(mutatedText(next.recipe, gatewayFrames(truth.ids())));
        break;
      case 'binary':
        wire.listener?.onMessage(null);
        break;
      case 'pong':
        wire.listener?.onPong(next.payload);
        break;
      case 'time':
        time.pass(next.ms);
        break;
      case 'close':
        isOpen = false;
        wire.listener?.onClose(next.code);
        break;
      case 'error':
        wire.listener?.onError(Object.assign(new Error('fuzz'), { code: next.code }));
        break;
      case 'locked':
        truth.boundary();
        watched.tell({ type: 'os.locked', evidence: 'fuzz' });
        break;
      case 'unlocked':
        watched.tell({ type: 'os.unlocked', evidence: 'fuzz' });
        break;
      case 'resumed':
        truth.boundary();
        watched.tell({ type: 'os.resumed' });
        break;
      case 'activity':
        watched.tell({ type: 'os.activity' });
        break;
    }
    if (wronglyPaused !== null) throw new FuzzViolation(`it paused out of ${wronglyPaused}`);
    if (truth.openedWithoutApproval(watched.opened())) watched.mustBeShut(`after ${next.kind} without an approval`);
  }
  void closing.link?.close();
  time.pass(5_000);
  return watched.opened() > 0 ? 'accepted' : watched.guard.current().state.name;
}

/** Who really approved, read from the words themselves and not from what the link made of them. */
class ApprovalTruth {
  /** Requests sent since the last lock. */
  #asked: string[] = [];
  /** Sessions that a frame bound to such a request. */
  readonly #bound = new Map<string, number>();
  #approved = false;
  #openings = 0;

  get approved(): boolean {
    return this.#approved;
  }

  ids(): { requestId: string; sessionId: string; seq: number } {
    const [sessionId = 'session-1', seq = 0] = [...this.#bound].at(-1) ?? [];
    return { requestId: this.#asked.at(-1) ?? 'request-unknown', sessionId, seq: seq + 1 };
  }

  sent(text: string): void {
    const frame: unknown = JSON.parse(text);
    if (member(frame, 'type') === 'session.start') this.#asked.push(wordOf(frame, 'requestId'));
  }

  said(text: string): void {
    let frame: unknown;
    try {
      frame = JSON.parse(text);
    } catch {
      return; // Nobody can have read an approval in it.
    }
    if (member(frame, 'type') !== 'session.state') return;
    const sessionId = wordOf(frame, 'sessionId');
    const seq = numberOf(frame, 'seq');
    const ofOurs = this.#asked.includes(wordOf(frame, 'requestId')) || this.#bound.has(sessionId);
    if (!ofOurs) return;
    this.#bound.set(sessionId, seq);
    if (member(frame, 'status') === 'active' && numberOf(frame, 'validForMs') > 0) this.#approved = true;
  }

  /** A lock: what was asked before it proves nothing after it. */
  boundary(): void {
    this.#asked = [];
    this.#bound.clear();
    this.#approved = false;
  }

  openedWithoutApproval(openings: number): boolean {
    const more = openings > this.#openings;
    this.#openings = openings;
    return more && !this.#approved;
  }
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function wordOf(value: unknown, key: string): string {
  const word = member(value, key);
  return typeof word === 'string' ? word : '';
}

function numberOf(value: unknown, key: string): number {
  const number = member(value, key);
  return typeof number === 'number' ? number : 0;
}
