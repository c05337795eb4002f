import type { Prompt } from '../../protocol/frames.ts';
import { assertNever } from '../../protocol/result.ts';
import type { EnrollmentView } from '../../protocol/view-model.ts';
import type { EnrollmentDependencies, TestUpdate } from './enrollment-ports.ts';
import { type EnrollmentProblem, problemOf, problemOfFailure } from './problems.ts';

/** A person who tries it has the phone in hand. */
export const TEST_LIMIT_MS = 90_000;

export interface TestOutcome {
  readonly test: Extract<EnrollmentView['test'], 'approved' | 'denied' | 'timeout' | 'failed'>;
  readonly problem: EnrollmentProblem | null;
}

export interface TestApproval {
  answer(data: string): boolean;
  /** Ends it without an outcome. */
  cancel(): void;
}

/** Asks the phone once, without consequences. Exactly one outcome, unless it is cancelled. */
export function testApproval(
  { link, timers }: Pick<EnrollmentDependencies, 'link' | 'timers'>,
  userId: string,
  onPrompt: (prompt: Prompt | null) => void,
  onOutcome: (outcome: TestOutcome) => void,
): TestApproval {
  let over = false;
  const cancelLimit = timers.after(TEST_LIMIT_MS, () =>
    settle({ test: 'timeout', problem: problemOf('test-timeout') }),
  );
  let session: ReturnType<typeof link.startTestSession> | null = null;
  session = link.startTestSession(userId, (update) => {
    if (over) return;
    const outcome = outcomeOf(update);
    if (outcome !== null) settle(outcome);
    else if (update.kind === 'status') onPrompt(update.prompt);
  });

  function cancel(): void {
    over = true;
    cancelLimit();
    session?.end();
  }
  function settle(outcome: TestOutcome): void {
    cancel();
    onOutcome(outcome);
  }
  // An outcome can come before the session is in hand.
  if (over) session.end();
  return { answer: (data) => session.answer(data), cancel };
}

/** @returns null while it goes on. */
function outcomeOf(update: TestUpdate): TestOutcome | null {
  if (update.kind === 'refused') {
    const { code, retryable } = update;
    return { test: 'failed', problem: problemOfFailure({ code, retryable, text: '' }) };
  }
  const { status } = update;
  if (typeof status !== 'string') return { test: 'failed', problem: problemOf('test-failed') };
  switch (status) {
    case 'pending':
    case 'identifying':
      return null;
    case 'active':
      return { test: 'approved', problem: null };
    case 'failed':
    case 'cancelled':
      return { test: 'denied', problem: problemOf('test-denied') };
    case 'timeout':
      return { test: 'timeout', problem: problemOf('test-timeout') };
    case 'walkaway':
    case 'closed':
      return { test: 'failed', problem: problemOf('test-failed') };
    default:
      return assertNever(status, 'status');
  }
}
