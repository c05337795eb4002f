import type { APPROVER_CALLS, ApproverAnswer, ApproverCall } from '../../../../protocol/approver.ts';
import { type Guard, isRecord, matching, record, text, time } from './guards.ts';
import { isAssertionOptions, isCreationOptions } from './passkey-guard.ts';
import { isId, isState } from './state-guard.ts';

interface Answered<C extends ApproverCall> {
  readonly path: (typeof APPROVER_CALLS)[C]['path'];
  readonly answer: Guard<ApproverAnswer<C>>;
}

const nothing = (value: unknown): value is Record<string, never> => isRecord(value);
const newState = record({ state: isState });
const code = matching(/^[A-Za-z0-9_-]{22}$/);

/** Where each call goes and what comes back; the types hold it to APPROVER_CALLS. */
export const CALLS: { readonly [C in ApproverCall]: Answered<C> } = {
  'enroll.begin': {
    path: '/approver/api/enroll/begin',
    answer: record({ options: isCreationOptions }, { workstation: text(80) }),
  },
  'enroll.finish': {
    path: '/approver/api/enroll/finish',
    answer: record({ state: isState }, { recoveryCode: text(40) }),
  },
  'enroll.join': { path: '/approver/api/enroll/join', answer: newState },
  recover: { path: '/approver/api/recover', answer: record({ code }) },
  'sign-in.begin': {
    path: '/approver/api/sign-in/begin',
    answer: record({ signInId: isId, options: isAssertionOptions }),
  },
  'sign-in.finish': { path: '/approver/api/sign-in/finish', answer: newState },
  'sign-out': { path: '/approver/api/sign-out', answer: nothing },
  'request.begin': { path: '/approver/api/request/begin', answer: record({ options: isAssertionOptions }) },
  'request.approve': { path: '/approver/api/request/approve', answer: newState },
  'request.deny': { path: '/approver/api/request/deny', answer: newState },
  'request.not-me': { path: '/approver/api/request/not-me', answer: newState },
  'workstation.lock': { path: '/approver/api/workstation/lock', answer: newState },
  'workstation.end': { path: '/approver/api/workstation/end', answer: newState },
  'workstation.pause.begin': {
    path: '/approver/api/workstation/pause/begin',
    answer: record({ options: isAssertionOptions }),
  },
  'workstation.pause': { path: '/approver/api/workstation/pause', answer: newState },
  'workstation.unblock': { path: '/approver/api/workstation/unblock', answer: newState },
  'workstation.remove': { path: '/approver/api/workstation/remove', answer: newState },
  'phone.add': {
    path: '/approver/api/phone/add',
    answer: record({ link: matching(/^https?:\/\/[^\s]{1,2040}$/), expiresAt: time }),
  },
  'phone.rename': { path: '/approver/api/phone/rename', answer: newState },
  'phone.revoke': { path: '/approver/api/phone/revoke', answer: record({}, { state: isState }) },
  'recovery.renew': { path: '/approver/api/recovery/renew', answer: record({ recoveryCode: text(40) }) },
  'push.subscribe': { path: '/approver/api/push/subscribe', answer: newState },
  'push.unsubscribe': { path: '/approver/api/push/unsubscribe', answer: newState },
};
