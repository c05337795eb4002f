import { Notification } from 'electron';
import type { NotificationKind } from '../core/lock-types.ts';
import type { AlarmBell, Notifier } from '../core/ports.ts';
import type { NotificationText } from '../core/sentences.ts';
import { ALARM_REPEAT_INTERVAL_MS } from './limits.ts';
import type { ShellLog } from './shell-log.ts';

export interface NotificationsOptions {
  readonly textOf: (notification: NotificationKind) => NotificationText;
  readonly alarmText: (reason: string) => NotificationText;
  /** The person clicked a notification. */
  readonly onClick: () => void;
  readonly log: ShellLog;
}

export interface Notifications {
  readonly notifier: Notifier;
  readonly alarmBell: AlarmBell & {
    /** The lock was observed after all, or there is nothing to lock: stop repeating. Idempotent. */
    silence(): void;
  };
  dispose(): void;
}

/** Kinds that must be noticed while there is time to act. */
const URGENT: readonly NotificationKind['kind'][] = [
  'leaving',
  'ask-again',
  'problem',
  'unlock-failed',
  'offline-codes-used',
];

/** Call after `ready`. */
export function createNotifications(options: NotificationsOptions): Notifications {
  const shown = new Map<string, Notification>();
  let alarmTimer: NodeJS.Timeout | undefined;

  const close = (slot: string): void => {
    const standing = shown.get(slot);
    shown.delete(slot);
    standing?.close();
  };

  /** One notification per slot: a newer one replaces the older, so that a warning does not pile up. */
  const show = (slot: string, text: NotificationText, urgency: 'normal' | 'critical'): void => {
    if (!Notification.isSupported()) throw new Error('This desktop shows no notifications');
    close(slot);
    const notification = new Notification({
      ...text,
      urgency,
      timeoutType: urgency === 'critical' ? 'never' : 'default',
      silent: false,
    });
    notification.on('click', () => options.onClick());
    notification.on('failed', () => options.log.warn('A notification could not be shown'));
    shown.set(slot, notification);
    notification.show();
  };

  const silence = (): void => {
    clearInterval(alarmTimer);
    alarmTimer = undefined;
    close('alarm');
  };

  return {
    notifier: {
      async notify(notification) {
        show(
          notification.kind,
          options.textOf(notification),
          URGENT.includes(notification.kind) ? 'critical' : 'normal',
        );
      },
      async withdraw(kind) {
        close(kind);
      },
    },
    alarmBell: {
      async raise(reason) {
        const ring = (): void => show('alarm', options.alarmText(reason), 'critical');
        clearInterval(alarmTimer);
        alarmTimer = setInterval(ring, ALARM_REPEAT_INTERVAL_MS);
        ring();
      },
      silence,
    },
    dispose() {
      silence();
      for (const slot of [...shown.keys()]) close(slot);
    },
  };
}
