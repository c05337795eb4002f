import { setTimeout as delay } from 'node:timers/promises';
import { isTerminal } from '../gateway/poll-schedule.ts';
import { ProviderError, type Session, type SessionReading } from '../library/activeconnect.ts';
import { type Ending, endingOf } from './exit-codes.ts';
import type { Report } from './report.ts';

export interface Watching {
  readonly report: Report;
  /** Aborted by Ctrl+C. */
  readonly signal: AbortSignal;
  readonly intervalMs: number;
  /** Without an answer for so long the watching ends; the session may go on. */
  readonly giveUpAfterMs: number;
}

/** Follows a session until it ends; never ends it. A session that nobody hears of for a while is not over, so silence is waited out. */
export async function watchSession(session: Session, watching: Watching): Promise<Ending> {
  const { report, signal } = watching;
  let wasActive = session.active();
  let shown: string | null = null;
  let answeredAt = performance.now();
  while (!signal.aborted) {
    let waitMs = watching.intervalMs;
    try {
      const reading = await session.getStatus(signal);
      answeredAt = performance.now();
      wasActive ||= reading.status === 'active';
      const line = inWords(reading);
      if (line !== shown)
        report.fact(
          { event: 'status', at: new Date().toISOString(), ...reading },
          `${new Date().toISOString()} ${line}`,
        );
      shown = line;
      if (isTerminal(reading.status)) {
        report.fact(
          { event: 'ended', ...reading, wasActive },
          wasActive ? 'The session has ended.' : 'It ended without an approval.',
        );
        return wasActive ? 'done' : 'no';
      }
    } catch (fault) {
      if (!(fault instanceof ProviderError)) throw fault;
      if (signal.aborted) break;
      if (endingOf(fault.code) !== 'unavailable' || performance.now() - answeredAt >= watching.giveUpAfterMs)
        throw fault;
      if (shown !== fault.code)
        report.fact(
          { event: 'unanswered', code: fault.code },
          `${new Date().toISOString()} no answer: ${fault.message}`,
        );
      shown = fault.code;
      waitMs = Math.max(waitMs, Math.min(fault.retryAfterMs ?? 0, watching.giveUpAfterMs));
    }
    await pause(waitMs, signal);
  }
  report.note('Stopped watching. The session goes on.');
  return 'interrupted';
}

async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(delayMs, undefined, { signal });
  } catch (fault) {
    if (!signal.aborted) throw fault;
  }
}

function inWords({ status, reason }: SessionReading): string {
  return reason === undefined ? status : `${status} (${reason})`;
}
