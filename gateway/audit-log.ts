import type { GatewayLogger } from './logger.ts';

/** What is kept about who was let in: ids and words, never a secret. One JSON line each, through the logger. */
export interface AuditEntry {
  readonly event:
    | 'workstation.accepted'
    | 'workstation.refused'
    | 'workstation.key-added'
    | 'workstation.forgotten'
    | 'session.started'
    | 'session.refused'
    | 'session.status'
    | 'session.ended'
    | 'session.told-to-pause'
    | 'enrollment.changed'
    | 'approver.answered'
    | 'approver.refused'
    | 'approver.alarm'
    | 'approver.phones'
    | 'approver.signed-in'
    | 'workstation.told-to-lock'
    | 'administrator.called'
    | 'person.refused'
    | 'method.created'
    | 'method.changed'
    | 'method.confirmed'
    | 'method.deleted'
    | 'confirmation.requested'
    | 'confirmation.confirmed'
    | 'confirmation.failed'
    | 'confirmation.used';
  readonly tokenName?: string;
  readonly deviceId?: string;
  readonly userId?: string;
  readonly sessionId?: string;
  readonly detail?: string;
}

export interface AuditLog {
  append(entry: AuditEntry): void;
}

export function createAuditLog(logger: GatewayLogger): AuditLog {
  return {
    append: (entry) => logger.info({ audit: true, ...entry }, entry.event),
  };
}
