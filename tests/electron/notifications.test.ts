import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

vi.mock('electron', () => import('./fake-electron.ts'));

import { ALARM_REPEAT_INTERVAL_MS } from '../../main/electron/limits.ts';
import { createNotifications } from '../../main/electron/notifications.electron.ts';
import * as electron from './fake-electron.ts';
import { rememberingLog } from './remembering-log.ts';

beforeEach(() => {
  vi.useFakeTimers();
  electron.forgetEverything();
});
afterEach(() => {
  vi.useRealTimers();
});

function create() {
  const clicks: string[] = [];
  const made = createNotifications({
    textOf: (notification) => ({ title: notification.kind, body: 'b' }),
    alarmText: (reason) => ({ title: 'This workstation is not locked', body: reason }),
    onClick: () => clicks.push('click'),
    log: rememberingLog(),
  });
  return { ...made, clicks };
}
const LEAVING = { kind: 'leaving', cause: 'walkaway', lockInMs: 10_000 } as const;
const standing = () => electron.notifications.filter((it) => it.standing).map((it) => it.options.title);

describe('notifications', () => {
  it('warn before the lock, and are withdrawn when the person is back', async () => {
    const { notifier, clicks } = create();
    await notifier.notify(LEAVING);
    expect(electron.notifications[0]?.options).toMatchObject({ title: 'leaving', urgency: 'critical' });
    electron.notifications[0]?.emit('click');
    expect(clicks).toEqual(['click']);
    await notifier.withdraw('leaving');
    expect(standing()).toEqual([]);
  });

  it('do not pile up: a newer one of a kind replaces the older', async () => {
    const { notifier } = create();
    await notifier.notify(LEAVING);
    await notifier.notify(LEAVING);
    expect(standing()).toEqual(['leaving']);
  });

  it('fail where the desktop has none, so that the failure is an event', async () => {
    electron.Notification.supported = false;
    await expect(create().notifier.notify(LEAVING)).rejects.toThrow('no notifications');
  });
});

describe('the alarm', () => {
  it('is repeated until it is silenced', async () => {
    const { alarmBell } = create();
    await alarmBell.raise('no rung locked it');
    await vi.advanceTimersByTimeAsync(3 * ALARM_REPEAT_INTERVAL_MS);
    expect(electron.notifications).toHaveLength(4);
    expect(standing()).toEqual(['This workstation is not locked']);
    alarmBell.silence();
    await vi.advanceTimersByTimeAsync(3 * ALARM_REPEAT_INTERVAL_MS);
    expect(electron.notifications).toHaveLength(4);
    expect(standing()).toEqual([]);
  });
});
