import type { ActivityKind, ApprovalRequest, ApproverState } from '../../protocol/approver-state.ts';
import { ACTIVITY_KINDS } from '../../protocol/approver-state.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
export const DESK = 'workstation-desk-0412';
export const LAPTOP = 'workstation-laptop-77';

/** Any P-256 point does: nobody sends to it. */
const VAPID_PUBLIC_KEY = 'BEl62iUYgUivxIkv69yViEuiBIa-Ib9-SkvMeAtA3LFgDzkrxZJjSgSnfckjBJuBkr3qBUYIHBQFLXYp5Nksh8U';

export function exampleRequest(now: number, over: Partial<ApprovalRequest> = {}): ApprovalRequest {
  return {
    requestId: 'request-0000000000001',
    workstationId: DESK,
    workstation: 'DESK-0412',
    network: 'Office 3rd floor',
    reason: 'unlock',
    requestedAt: now - 4_000,
    expiresAt: now + 56_000,
    numbers: ['18', '47', '93'],
    ...over,
  };
}

/** Somebody in at one desk, with two phones. */
export function exampleState(now: number, over: Partial<ApproverState> = {}): ApproverState {
  return {
    serverTime: now,
    person: 'Ada',
    signedInUntil: now + HOUR_MS,
    requests: [],
    workstations: [
      {
        workstationId: DESK,
        name: 'DESK-0412',
        connected: true,
        session: { since: now - 12 * MINUTE_MS, until: now + 48 * MINUTE_MS },
        lastUsedAt: now - 12 * MINUTE_MS,
      },
      {
        workstationId: LAPTOP,
        name: 'Ada’s laptop',
        connected: false,
        blockedUntil: now + 10 * MINUTE_MS,
        lastUsedAt: now - 26 * HOUR_MS,
      },
    ],
    phones: [
      {
        phoneId: 'phone-0000000000000001',
        name: 'Ada’s Pixel',
        thisPhone: true,
        addedAt: now - 700 * HOUR_MS,
        lastUsedAt: now - 12 * MINUTE_MS,
        backedUp: true,
        push: false,
      },
      {
        phoneId: 'phone-0000000000000002',
        name: 'Old iPhone in the drawer',
        thisPhone: false,
        addedAt: now - 4_000 * HOUR_MS,
        backedUp: false,
        push: true,
      },
    ],
    activity: ACTIVITY_KINDS.map((kind, index) => ({
      at: now - (12 + index * 140) * MINUTE_MS,
      kind,
      ...(withoutWorkstation(kind) ? {} : { workstation: index % 3 === 0 ? 'Ada’s laptop' : 'DESK-0412' }),
      ...(index % 2 === 0 ? { phone: 'Ada’s Pixel' } : {}),
    })),
    push: { publicKey: VAPID_PUBLIC_KEY, subscribed: false },
    hasRecoveryCode: true,
    maxPauseMinutes: 60,
    ...over,
  };
}

function withoutWorkstation(kind: ActivityKind): boolean {
  return kind.startsWith('phone-') || kind.startsWith('recovery-');
}
