import { sessionsOf } from '../../main/core/step.ts';
import { Story } from './story.ts';

/** The rows of the table: every state, in the variants that a rule tells apart, each reached as it is reached in use. */
export const SITUATIONS = {
  'unenrolled, OS unlocked': () =>
    new Story().tell({ type: 'os.unlocked', evidence: 'story' }).tell({ type: 'gateway.up', approvableUnseen: true }),
  'unenrolled, OS locked': () =>
    new Story().tell({ type: 'os.locked', evidence: 'story' }).tell({ type: 'gateway.up', approvableUnseen: true }),
  'locked, policy curtain': () => new Story().isLocked(),
  'locked, policy session': () => new Story({ unlockOnApproval: 'session' }).isLocked(),
  'locked, policy session, nothing of ours visible': () =>
    new Story({ unlockOnApproval: 'session' }).isLocked().tell({ type: 'gateway.up', approvableUnseen: false }),
  'locked, start not answered': () =>
    new Story({ unlockOnApproval: 'session' }).isLocked().tell({ type: 'os.activity' }),
  'locked, approval awaited': () => new Story({ unlockOnApproval: 'session' }).isAskedWhileLocked(),
  'locked, phone said no': () => new Story({ unlockOnApproval: 'session' }).isAskedWhileLocked().status('failed'),
  'locking, first rung': () => new Story().isPresent().tell({ type: 'user.lockNow', from: 'tray' }),
  'locking, ladder exhausted': () => new Story().isPresent().tell({ type: 'user.lockNow', from: 'tray' }).wait(9_000),
  'locking, enrollment removed': () => new Story().isVerifying().tell({ type: 'enrollment.changed', enrollment: null }),
  'verifying, start not answered': () => new Story().isVerifying(),
  'verifying, approval awaited': () => new Story().isVerifying().answered(),
  'verifying, refused': () => new Story().isVerifying().refused('NO_MOBILE_DEVICE', false),
  'verifying, cut off, codes allowed': () => {
    const story = new Story({ offline: 'code' }).tell({ type: 'os.unlocked', evidence: 'story' });
    return story.tell({ type: 'enrollment.changed', enrollment: { userId: 'user-a', deviceId: 'device-a' } });
  },
  'present by session': () => new Story().isPresent(),
  'present, renewal awaited': () => new Story().isRenewing(),
  'present, renewal not taken up yet': () => new Story().isPresent().waitWhileNear(59 * 60_000),
  'present, pause awaited': () => new Story().isPresent().tell({ type: 'user.pause', minutes: 5 }).answered(),
  'present, pause not taken up yet': () => new Story().isPresent().tell({ type: 'user.pause', minutes: 5 }),
  'present by offline code': () => new Story({ offline: 'code' }).isPresentByCode(),
  'leaving, phone left': () => new Story().isPresent().status('walkaway'),
  'leaving, renewal awaited': () => {
    const story = new Story().isRenewing();
    const [running] = sessionsOf(story.state);
    return story.status('walkaway', running === undefined ? {} : { sessionId: running.sessionId });
  },
  'leaving, network lost': () => new Story().isPresent().tell({ type: 'gateway.down', reason: 'story' }),
  'leaving, service silent': () => new Story().isPresent().wait(15_000),
  unlocking: () => new Story({ unlockOnApproval: 'session' }).isAskedWhileLocked().status('active'),
  paused: () => new Story().isPaused(),
} as const satisfies Record<string, () => Story>;

export type SituationName = keyof typeof SITUATIONS;
