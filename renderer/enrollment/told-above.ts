import type { EnrollmentView } from '../../protocol/view-model.ts';

/** Main answers a failed action with the sentence of the problem that it publishes. */
export function isToldAbove(refusal: string | null, problem: EnrollmentView['problem']): boolean {
  return refusal !== null && problem !== null && refusal.startsWith(problem.title);
}
