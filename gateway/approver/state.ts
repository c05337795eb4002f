import {
  type ApprovalRequest,
  type ApproverPhone,
  type ApproverState,
  type ApproverWorkstation,
  MAX_PENDING_REQUESTS_SHOWN,
} from '../../protocol/approver-state.ts';
import type { PendingRequest } from '../providers/passkey/pending-requests.ts';
import type { PasskeyService } from '../providers/passkey/provider.ts';
import type { SignIn, SignIns } from './sign-ins.ts';

/** All that a signed-in phone is shown, as it is now. @returns null when the person or the phone is gone */
export function stateOf(service: PasskeyService, signIns: SignIns, signIn: SignIn): ApproverState | null {
  const { people, phones, clock, approvals, secrets } = service;
  const { userId, phoneId } = signIn;
  const person = people.find(userId);
  const phone = phones.find(phoneId);
  if (person === null || phone === null) return null;
  const now = Math.floor(clock.wallMs());
  return {
    serverTime: now,
    person: person.displayName,
    signedInUntil: now + Math.max(0, Math.floor(signIns.leftMs(signIn))),
    requests: approvals.pendingOf(userId).slice(0, MAX_PENDING_REQUESTS_SHOWN).map(shownRequest),
    workstations: shownWorkstations(service, userId),
    phones: phones.of(userId).map(
      ({ phoneId: id, name, addedAt, lastUsedAt, backedUp, hasPush }): ApproverPhone => ({
        phoneId: id,
        name,
        thisPhone: id === phoneId,
        addedAt,
        ...(lastUsedAt === null ? {} : { lastUsedAt }),
        backedUp,
        push: hasPush,
      }),
    ),
    activity: people.activity(userId),
    push: { publicKey: secrets.vapid.publicKey, subscribed: phone.hasPush },
    hasRecoveryCode: person.hasRecoveryCode,
    maxPauseMinutes: service.host()?.maxPauseMinutes ?? 0,
  };
}

function shownRequest(pending: PendingRequest): ApprovalRequest {
  const { sessionId, workstationId, workstation, network, reason, requestedAt, expiresAt, numbers } = pending;
  return {
    requestId: sessionId,
    workstationId,
    workstation,
    ...(network === null ? {} : { network }),
    reason,
    requestedAt,
    expiresAt,
    numbers: [...numbers],
  };
}

function shownWorkstations(service: PasskeyService, userId: string): ApproverWorkstation[] {
  const { book, blocks, sessions, pauses, host } = service;
  const active = sessions.active(userId);
  return book.workstations(userId).map((workstation) => {
    const { workstationId, name, lastUsedAt } = workstation;
    const blockedUntil = blocks.untilOf(workstation);
    const here = active.findLast(({ session }) => session.workstationId === workstationId);
    const pausedUntil = pauses.pausedUntil(workstationId);
    return {
      workstationId,
      name,
      connected: host()?.isConnected(workstation) ?? false,
      ...(here === undefined
        ? {}
        : { session: { since: here.session.approvedAt ?? here.session.startedAt, until: here.until } }),
      ...(pausedUntil === null ? {} : { pausedUntil }),
      ...(blockedUntil === null ? {} : { blockedUntil }),
      ...(lastUsedAt === null ? {} : { lastUsedAt }),
    };
  });
}
