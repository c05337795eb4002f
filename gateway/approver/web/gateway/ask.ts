import type {
  ApproverAnswer,
  ApproverCall,
  ApproverErrorCode,
  ApproverRequest,
} from '../../../../protocol/approver.ts';
import type { ApproverState } from '../../../../protocol/approver-state.ts';
import { CALLS } from '../decode/answers.ts';
import { type Guard, isRecord } from '../decode/guards.ts';
import { isState } from '../decode/state-guard.ts';
import { en } from '../words/en.ts';

/** `OFFLINE`: no answer, so nothing is known. `OUTDATED`: an answer that this page does not understand. */
export type FailureCode = ApproverErrorCode | 'OFFLINE' | 'OUTDATED';
export type Asked<T> = { readonly ok: true; readonly answer: T } | { readonly ok: false; readonly code: FailureCode };

/** Longer than the gateway takes for anything, shorter than a person waits. */
const ANSWER_TIMEOUT_MS = 10_000;
const STATE_PATH = '/approver/api/state';

/** One call to the gateway this page came from. Never rejects. */
export function ask<C extends ApproverCall>(call: C, request: ApproverRequest<C>): Promise<Asked<ApproverAnswer<C>>> {
  const { path, answer } = CALLS[call];
  return exchange(
    path,
    { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(request) },
    answer,
  );
}

export function askState(): Promise<Asked<ApproverState>> {
  return exchange(STATE_PATH, { method: 'GET' }, isState);
}

async function exchange<T>(path: string, init: RequestInit, isAnswer: Guard<T>): Promise<Asked<T>> {
  try {
    const response = await fetch(path, {
      ...init,
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    const body: unknown = await response.json();
    if (!response.ok) return { ok: false, code: failureOf(body) };
    return isAnswer(body) ? { ok: true, answer: body } : { ok: false, code: 'OUTDATED' };
  } catch {
    // A broken line, a proxy's page instead of JSON, or no answer in time: the page only knows that it does not know.
    return { ok: false, code: 'OFFLINE' };
  }
}

function failureOf(body: unknown): FailureCode {
  const code = isRecord(body) ? body['code'] : undefined;
  return typeof code === 'string' && isFailureCode(code) ? code : 'INTERNAL';
}

/** The words have a sentence for every code (their type says so), so they are the list of codes. */
function isFailureCode(code: string): code is FailureCode {
  return Object.hasOwn(en.errors, code);
}
