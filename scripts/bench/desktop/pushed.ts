import { GuardedDesktop } from '../../../tests/e2e/driver/guarded-desktop.ts';
import { SOON_MS } from '../../../tests/e2e/driver/patience.ts';
import { waitFor } from '../../../tests/system/desktop/managed-process.ts';
import type { Group } from '../groups.ts';
import { figureOf } from '../result.ts';
import { PushingService } from './pushing-service.ts';
import { oneRound, type Round, type Service } from './round.ts';
import { lackingForDesktop } from './tools.ts';

const ROUNDS = 30;
const QUICK_ROUNDS = 2;
const LOCKED_AIM_MS = 300;
/** Whatever the unlock and the approval set in motion has come to rest. */
const WAITS = { approvalMs: 300, presentMs: 300 };

/** The app on a real desktop with a shared gateway whose service pushes. */
export const PUSHED: Group = {
  name: 'push',
  lacks: lackingForDesktop,
  async run({ quick, say }) {
    const count = quick ? QUICK_ROUNDS : ROUNDS;
    say(`${count} rounds with a service that pushes`);
    const service = await PushingService.start();
    const guarded = await GuardedDesktop.start({ maxStartsPerHour: 120 });
    try {
      await enroll(guarded, service);
      const rounds: Round[] = [];
      const person = personWith(service);
      while (rounds.length < count) rounds.push(await oneRound(guarded, person(), 1, WAITS));
      return figuresOf(rounds);
    } finally {
      await guarded.stop();
      await service.close();
    }
  },
};

/** Approves only what is asked now, not what was asked in the round before. */
function personWith(service: PushingService): () => Service {
  return () => {
    const before = service.asked;
    return {
      async approve() {
        await waitFor('the phone is asked', () => service.asked > before, SOON_MS);
        return service.push('active');
      },
      close: () => service.push('closed'),
    };
  };
}

async function enroll(guarded: GuardedDesktop, service: PushingService): Promise<void> {
  const { url: gatewayUrl, token: gatewayToken } = service;
  const account = JSON.stringify({ mode: 'shared', gatewayUrl, gatewayToken });
  await guarded.bridge('enrollment', `window.presenceLocker.enrollment.useAccount(${account}, 'Bench')`);
  await guarded.enrollmentUntil(
    ({ registration, step }) => registration?.registered === true || step === 'test',
    'the phone is registered',
  );
  await guarded.bridge('enrollment', 'window.presenceLocker.enrollment.test()');
  await waitFor('the test approval is asked for', () => service.asked > 0, SOON_MS);
  await service.push('active');
  await guarded.enrollmentUntil(({ test }) => test === 'approved', 'the test approval');
  const asked = service.asked;
  await guarded.startGuarding();
  await waitFor('the phone is asked', () => service.asked > asked, SOON_MS);
  await service.push('active');
  await guarded.app.untilState('present', SOON_MS);
  await guarded.lockByHand();
}

function figuresOf(rounds: readonly Round[]) {
  return [
    figureOf({
      name: 'approval-to-curtain-gone.push',
      title: 'approval pushed by the service → curtain gone',
      unit: 'ms',
      values: rounds.map(({ approvalToGoneMs }) => approvalToGoneMs),
    }),
    figureOf({
      name: 'closed-to-lock-requested.push',
      title: 'closed pushed by the service → lock requested',
      unit: 'ms',
      values: rounds.map(({ closedToRequestedMs }) => closedToRequestedMs),
    }),
    figureOf({
      name: 'closed-to-lock-observed.push',
      title: 'closed pushed by the service → lock observed',
      unit: 'ms',
      values: rounds.map(({ closedToLockedMs }) => closedToLockedMs),
      aim: { statistic: 'p95', below: LOCKED_AIM_MS },
    }),
  ];
}
