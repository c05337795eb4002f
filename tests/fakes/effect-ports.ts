import type { EffectPorts } from '../../main/runtime/effect-runner.ts';
import { createWakeUp } from '../../main/runtime/wake-up.ts';
import { HandMovedTime } from './hand-moved-time.ts';

/** Ports that write down what they were asked, and fail where told to. */
export function recordingPorts(time = new HandMovedTime()): {
  readonly ports: EffectPorts;
  readonly calls: string[];
  readonly time: HandMovedTime;
  failOn(call: string, reason: string): void;
} {
  const calls: string[] = [];
  const failing = new Map<string, string>();
  const called = async (call: string): Promise<void> => {
    calls.push(call);
    const reason = failing.get(call);
    if (reason !== undefined) throw new Error(reason);
  };
  const ports: EffectPorts = {
    ladder: {
      rungs: ['first', 'second'],
      canUnlock: true,
      requestLock: (rung) => called(`requestLock ${rung}`),
      requestUnlock: () => called('requestUnlock'),
      terminateSession: () => called('terminateSession'),
      dispose: () => called('dispose'),
    },
    curtain: { raise: () => called('raise'), lower: () => called('lower'), discard: () => called('discard') },
    link: {
      startSession: ({ requestId }) => called(`start ${requestId}`),
      endSession: (sessionId) => called(`end ${sessionId}`),
      setPolling: (polling) => void calls.push(`poll ${polling?.sessionId ?? 'nothing'}`),
    },
    notifier: { notify: ({ kind }) => called(`notify ${kind}`), withdraw: (kind) => called(`withdraw ${kind}`) },
    audit: { append: ({ what }) => called(`audit ${what}`) },
    alarm: { raise: () => called('alarm') },
    wakeUp: createWakeUp(time, time),
    clock: time,
  };
  return { ports, calls, time, failOn: (call, reason) => void failing.set(call, reason) };
}
