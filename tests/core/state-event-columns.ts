import type { EffectType, EventType } from '../../main/core/lock-types.ts';
import { ANOTHER, type Draft, ENROLLED, type Story } from './story.ts';

/**
 * The columns of the table: every event, with the variants that a rule tells apart. A column that needs something which the
 * situation does not have (a session, an unanswered start, an enrollment, a deadline) has no cell there: `draft` gives null.
 */
export interface Column {
  readonly type: EventType;
  readonly draft: (story: Story) => Draft | null;
}

type Simple = Exclude<
  EventType,
  | `session.${string}`
  | 'gateway.pauseCommand'
  | `offlineCode.${string}`
  | 'enrollment.changed'
  | 'effect.failed'
  | 'timer.fired'
  | 'policy.changed'
>;
const SIMPLE: Readonly<Record<Simple, Draft>> = {
  'os.locked': { type: 'os.locked', evidence: 'table' },
  'os.unlocked': { type: 'os.unlocked', evidence: 'table' },
  'os.suspending': { type: 'os.suspending' },
  'os.resumed': { type: 'os.resumed' },
  'os.activity': { type: 'os.activity' },
  'gateway.up': { type: 'gateway.up', approvableUnseen: true },
  'gateway.down': { type: 'gateway.down', reason: 'table' },
  'gateway.lockCommand': { type: 'gateway.lockCommand', reason: 'table' },
  'user.lockNow': { type: 'user.lockNow', from: 'tray' },
  'user.retry': { type: 'user.retry' },
  'user.pause': { type: 'user.pause', minutes: 5 },
  'curtain.lost': { type: 'curtain.lost', reason: 'table' },
};

/** Every effect can fail; the type makes sure that none is left out. */
const FAILING: Readonly<Record<EffectType, true>> = {
  requestLock: true,
  requestUnlock: true,
  raiseCurtain: true,
  lowerCurtain: true,
  discardCurtain: true,
  startSession: true,
  endSession: true,
  setPolling: true,
  notify: true,
  withdrawNotification: true,
  schedule: true,
  audit: true,
  alarm: true,
  terminateSession: true,
};

const OWN_STATUSES = [
  'active',
  'pending',
  'identifying',
  'walkaway',
  'timeout',
  'closed',
  'failed',
  'cancelled',
  'unknown',
] as const;

function ownSession({ state }: Story): { readonly sessionId: string; readonly seq: number } | null {
  switch (state.name) {
    case 'locked':
    case 'verifying':
    case 'unlocking':
      return state.session;
    case 'present':
    case 'leaving':
      return state.presence.kind === 'session' ? state.presence.session : null;
    default:
      return null;
  }
}

function awaited({ state }: Story): string | null {
  switch (state.name) {
    case 'locked':
    case 'verifying':
      return state.start?.requestId ?? null;
    case 'present':
    case 'leaving':
      return state.follow?.start?.requestId ?? null;
    default:
      return null;
  }
}

const columns: Record<string, Column> = {};

for (const draft of Object.values(SIMPLE)) columns[draft.type] = { type: draft.type, draft: () => draft };

columns['gateway.pauseCommand for the session held'] = {
  type: 'gateway.pauseCommand',
  draft: (story) => {
    const own = ownSession(story);
    return own === null ? null : { type: 'gateway.pauseCommand', sessionId: own.sessionId, minutes: 5 };
  },
};
columns['gateway.pauseCommand for a session not held'] = {
  type: 'gateway.pauseCommand',
  draft: () => ({ type: 'gateway.pauseCommand', sessionId: 'not-held', minutes: 5 }),
};
columns['offlineCode.accepted'] = {
  type: 'offlineCode.accepted',
  draft: ({ machine }) => ({
    type: 'offlineCode.accepted',
    codeKind: 'totp',
    lockCycle: machine.context.lockCycle,
  }),
};
columns['offlineCode.accepted, typed before the lock'] = {
  type: 'offlineCode.accepted',
  draft: ({ machine }) => ({
    type: 'offlineCode.accepted',
    codeKind: 'totp',
    lockCycle: machine.context.lockCycle - 1,
  }),
};
columns['offlineCode.noted, refused'] = {
  type: 'offlineCode.noted',
  draft: () => ({
    type: 'offlineCode.noted',
    note: { what: 'offline-code-refused', codeKind: 'recovery', why: 'wrong', failures: 1 },
  }),
};
columns['offlineCode.noted, reported'] = {
  type: 'offlineCode.noted',
  draft: () => ({
    type: 'offlineCode.noted',
    note: { what: 'offline-codes-reported', accepted: 1, refused: 2 },
  }),
};
columns['timer.fired early'] = { type: 'timer.fired', draft: () => ({ type: 'timer.fired' }) };
/** Told at the time the machine wants to be woken (see the test). */
columns['timer.fired when due'] = {
  type: 'timer.fired',
  draft: ({ machine }) => (machine.context.wakeAt === null ? null : { type: 'timer.fired' }),
};
columns['policy.changed to the same'] = { type: 'policy.changed', draft: () => ({ type: 'policy.changed' }) };

for (const status of OWN_STATUSES) {
  columns[`session.status ${status}`] = {
    type: 'session.status',
    draft: (story) => {
      const own = ownSession(story);
      if (own === null) return null;
      const claimed = status === 'unknown' ? { unknown: 'odd' } : status;
      const { sessionId, seq } = own;
      return { type: 'session.status', sessionId, seq: seq + 1, status: claimed, validForMs: 15_000, asOf: story.now };
    },
  };
}
columns['session.status active, lease over on arrival'] = {
  type: 'session.status',
  draft: (story) => {
    const own = ownSession(story);
    if (own === null) return null;
    const { sessionId, seq } = own;
    const asOf = story.now - 15_000;
    return { type: 'session.status', sessionId, seq: seq + 1, status: 'active', validForMs: 15_000, asOf };
  },
};
columns['session.status active, seq not newer'] = {
  type: 'session.status',
  draft: (story) => {
    const own = ownSession(story);
    if (own === null) return null;
    const { sessionId, seq } = own;
    return { type: 'session.status', sessionId, seq, status: 'active', validForMs: 15_000, asOf: story.now };
  },
};
columns['session.status active of a session not held'] = {
  type: 'session.status',
  draft: ({ now }) => ({
    type: 'session.status',
    sessionId: 'not-held',
    seq: 99,
    status: 'active',
    validForMs: 15_000,
    asOf: now,
  }),
};
columns['session.started as awaited'] = {
  type: 'session.started',
  draft: (story) => {
    const requestId = awaited(story);
    return requestId === null ? null : { type: 'session.started', requestId, sessionId: 'fresh' };
  },
};
columns['session.started not awaited'] = {
  type: 'session.started',
  draft: () => ({ type: 'session.started', requestId: 'not-awaited', sessionId: 'late' }),
};
columns['session.started for the session held'] = {
  type: 'session.started',
  draft: (story) => {
    const own = ownSession(story);
    return own === null ? null : { type: 'session.started', requestId: 'repeated', sessionId: own.sessionId };
  },
};
columns['session.refused as awaited'] = {
  type: 'session.refused',
  draft: (story) => {
    const requestId = awaited(story);
    return requestId === null
      ? null
      : { type: 'session.refused', requestId, code: 'NO_MOBILE_DEVICE', retryable: false };
  },
};
columns['session.refused not awaited'] = {
  type: 'session.refused',
  draft: () => ({ type: 'session.refused', requestId: 'not-awaited', code: 'NO_MOBILE_DEVICE', retryable: false }),
};
columns['enrollment.changed to the same'] = {
  type: 'enrollment.changed',
  draft: ({ machine }) =>
    machine.context.enrollment === null ? null : { type: 'enrollment.changed', enrollment: ENROLLED },
};
columns['enrollment.changed to another'] = {
  type: 'enrollment.changed',
  draft: () => ({ type: 'enrollment.changed', enrollment: ANOTHER }),
};
columns['enrollment.changed to none'] = {
  type: 'enrollment.changed',
  draft: () => ({ type: 'enrollment.changed', enrollment: null }),
};

const isEffectType = (name: string): name is EffectType => Object.hasOwn(FAILING, name);
for (const effect of Object.keys(FAILING).filter(isEffectType)) {
  columns[`effect.failed ${effect}`] = {
    type: 'effect.failed',
    draft: (story) => {
      const requestId = awaited(story);
      const rung =
        story.state.name === 'locking' ? Math.min(story.state.rung, story.machine.context.ladderRungs - 1) : 0;
      return {
        type: 'effect.failed',
        effect,
        reason: 'table',
        ...(effect === 'requestLock' ? { rung } : {}),
        ...(effect === 'startSession' && requestId !== null ? { requestId } : {}),
      };
    },
  };
}

export const COLUMNS: Readonly<Record<string, Column>> = columns;
