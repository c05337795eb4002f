import { z } from 'zod';
import {
  AssertionOptionsSchema,
  CreatedPasskeySchema,
  CreationOptionsSchema,
  PasskeyAssertionSchema,
} from './approver-passkey.ts';
import { ApproverStateSchema, approverId, approverText, displayedNumber, phoneName } from './approver-state.ts';
import { MAX_PAUSE_MINUTES } from './policy.ts';

/**
 * What the phone's page (gateway/approver/web) and the gateway say to each other. Every call is a POST of JSON to its path, from a page of
 * the same origin; `state` is a GET. Each answers 200 with its answer, or the status of an APPROVER_ERRORS code with ApproverFailureSchema.
 * The session is a cookie the page cannot read.
 */
export const APPROVER_ROOT = '/approver/';
/** The WebSocket (ApproverLiveSchema); needs a session. */
export const APPROVER_LIVE_PATH = '/approver/live';
/** A link from a workstation or another phone ends in `#enroll=` and the code; after `#` it reaches no server log. */
export const ENROLL_FRAGMENT = 'enroll';
/** A request's and an answer's body in bytes. */
export const MAX_APPROVER_REQUEST_BYTES = 16 * 1024;
export const MAX_APPROVER_ANSWER_BYTES = 64 * 1024;

/** 128 bits, base64url. */
const enrollmentCode = z.string().regex(/^[A-Za-z0-9_-]{22}$/);
const link = z.url({ protocol: /^https?$/ }).max(2_048);
const nothing = z.strictObject({});
const pauseMinutes = z.int().min(1).max(MAX_PAUSE_MINUTES);

/** One row per call. `needs`: `nobody` may call it, a `session`, or a `fresh-session` (signed in with the passkey within FRESH_SIGN_IN_MS). */
export const APPROVER_CALLS = {
  /** Looks at a code without using it up. */
  'enroll.begin': {
    path: '/approver/api/enroll/begin',
    needs: 'nobody',
    request: z.strictObject({ code: enrollmentCode }),
    answer: z.strictObject({
      /** The workstation that shows the link, where a phone that is a key already may take it on instead (`enroll.join`). */
      workstation: approverText(80).optional(),
      options: CreationOptionsSchema,
    }),
  },
  /** Uses the code up, registers the phone, signs it in. `recoveryCode` comes with the first phone and is never shown again. */
  'enroll.finish': {
    path: '/approver/api/enroll/finish',
    needs: 'nobody',
    request: z.strictObject({ code: enrollmentCode, phoneName, passkey: CreatedPasskeySchema }),
    answer: z.strictObject({ state: ApproverStateSchema, recoveryCode: approverText(40).optional() }),
  },
  /** Uses the code up; the workstation that shows the link asks the signed-in person from now on. No other passkey is made. */
  'enroll.join': {
    path: '/approver/api/enroll/join',
    needs: 'fresh-session',
    request: z.strictObject({ code: enrollmentCode }),
    answer: z.strictObject({ state: ApproverStateSchema }),
  },
  /** Lost phone: disables every phone of the person, ends their sessions, and gives a code for `enroll.begin`. */
  recover: {
    path: '/approver/api/recover',
    needs: 'nobody',
    request: z.strictObject({ recoveryCode: approverText(80).min(1) }),
    answer: z.strictObject({ code: enrollmentCode }),
  },
  'sign-in.begin': {
    path: '/approver/api/sign-in/begin',
    needs: 'nobody',
    request: nothing,
    answer: z.strictObject({ signInId: approverId, options: AssertionOptionsSchema }),
  },
  'sign-in.finish': {
    path: '/approver/api/sign-in/finish',
    needs: 'nobody',
    request: z.strictObject({ signInId: approverId, passkey: PasskeyAssertionSchema }),
    answer: z.strictObject({ state: ApproverStateSchema }),
  },
  'sign-out': { path: '/approver/api/sign-out', needs: 'session', request: nothing, answer: nothing },
  /** The number the person picked. The challenge is bound to it; whether it is right is said only after the passkey. */
  'request.begin': {
    path: '/approver/api/request/begin',
    needs: 'session',
    request: z.strictObject({ requestId: approverId, number: displayedNumber }),
    answer: z.strictObject({ options: AssertionOptionsSchema }),
  },
  'request.approve': {
    path: '/approver/api/request/approve',
    needs: 'session',
    request: z.strictObject({ requestId: approverId, passkey: PasskeyAssertionSchema }),
    answer: z.strictObject({ state: ApproverStateSchema }),
  },
  /** "Not now": the workstation is told no, nothing else happens. */
  'request.deny': {
    path: '/approver/api/request/deny',
    needs: 'session',
    request: z.strictObject({ requestId: approverId }),
    answer: z.strictObject({ state: ApproverStateSchema }),
  },
  /** "That wasn't me": locks the workstation, takes no request from it for a while, and is recorded. */
  'request.not-me': {
    path: '/approver/api/request/not-me',
    needs: 'session',
    request: z.strictObject({ requestId: approverId }),
    answer: z.strictObject({ state: ApproverStateSchema }),
  },
  /** Tells the workstation to lock and ends the person's session there. */
  'workstation.lock': {
    path: '/approver/api/workstation/lock',
    needs: 'session',
    request: z.strictObject({ workstationId: approverId }),
    answer: z.strictObject({ state: ApproverStateSchema }),
  },
  /** Ends the person's session there; the workstation then locks by its own rule. */
  'workstation.end': {
    path: '/approver/api/workstation/end',
    needs: 'session',
    request: z.strictObject({ workstationId: approverId }),
    answer: z.strictObject({ state: ApproverStateSchema }),
  },
  /** The challenge is bound to the session the person is in with there, and to these minutes. */
  'workstation.pause.begin': {
    path: '/approver/api/workstation/pause/begin',
    needs: 'session',
    request: z.strictObject({ workstationId: approverId, minutes: pauseMinutes }),
    answer: z.strictObject({ options: AssertionOptionsSchema }),
  },
  /** Tells the workstation to pause. It takes at most what its own policy allows, and says so by ending the session. */
  'workstation.pause': {
    path: '/approver/api/workstation/pause',
    needs: 'session',
    request: z.strictObject({ workstationId: approverId, minutes: pauseMinutes, passkey: PasskeyAssertionSchema }),
    answer: z.strictObject({ state: ApproverStateSchema }),
  },
  /** Takes back a block that "that wasn't me" set. */
  'workstation.unblock': {
    path: '/approver/api/workstation/unblock',
    needs: 'fresh-session',
    request: z.strictObject({ workstationId: approverId }),
    answer: z.strictObject({ state: ApproverStateSchema }),
  },
  /** The workstation asks this person no more: its session ends, and it must be enrolled anew. */
  'workstation.remove': {
    path: '/approver/api/workstation/remove',
    needs: 'fresh-session',
    request: z.strictObject({ workstationId: approverId }),
    answer: z.strictObject({ state: ApproverStateSchema }),
  },
  /** A link that enrolls one more phone. */
  'phone.add': {
    path: '/approver/api/phone/add',
    needs: 'fresh-session',
    request: nothing,
    answer: z.strictObject({ link, expiresAt: z.int() }),
  },
  'phone.rename': {
    path: '/approver/api/phone/rename',
    needs: 'session',
    request: z.strictObject({ phoneId: approverId, name: phoneName }),
    answer: z.strictObject({ state: ApproverStateSchema }),
  },
  /** Ends every session that phone approved. Revoking this phone signs it out: `state` is absent then. */
  'phone.revoke': {
    path: '/approver/api/phone/revoke',
    needs: 'fresh-session',
    request: z.strictObject({ phoneId: approverId }),
    answer: z.strictObject({ state: ApproverStateSchema.optional() }),
  },
  /** A new recovery code in place of the old one. */
  'recovery.renew': {
    path: '/approver/api/recovery/renew',
    needs: 'fresh-session',
    request: nothing,
    answer: z.strictObject({ recoveryCode: approverText(40) }),
  },
  /** `PushSubscription.toJSON()` without its expiry. */
  'push.subscribe': {
    path: '/approver/api/push/subscribe',
    needs: 'session',
    request: z.strictObject({
      endpoint: z.url({ protocol: /^https$/ }).max(1_024),
      keys: z.strictObject({
        p256dh: z.string().regex(/^[A-Za-z0-9_-]{80,100}=*$/),
        auth: z.string().regex(/^[A-Za-z0-9_-]{20,30}=*$/),
      }),
    }),
    answer: z.strictObject({ state: ApproverStateSchema }),
  },
  'push.unsubscribe': {
    path: '/approver/api/push/unsubscribe',
    needs: 'session',
    request: nothing,
    answer: z.strictObject({ state: ApproverStateSchema }),
  },
} as const satisfies Record<
  string,
  {
    readonly path: string;
    readonly needs: 'nobody' | 'session' | 'fresh-session';
    readonly request: z.ZodType;
    readonly answer: z.ZodType;
  }
>;
export type ApproverCall = keyof typeof APPROVER_CALLS;
export type ApproverRequest<C extends ApproverCall> = z.infer<(typeof APPROVER_CALLS)[C]['request']>;
export type ApproverAnswer<C extends ApproverCall> = z.infer<(typeof APPROVER_CALLS)[C]['answer']>;

/** GET, needs a session; answers with ApproverStateSchema. */
export const APPROVER_STATE_PATH = '/approver/api/state';

/** How long after the sign-in a `fresh-session` call is taken. An approval does not count: it makes no new cookie. */
export const FRESH_SIGN_IN_MS = 300_000;

/** Every failure: HTTP status and the sentence for the person. */
export const APPROVER_ERRORS = {
  BAD_REQUEST: { status: 400, text: 'The request did not have the agreed form.' },
  WRONG_ORIGIN: { status: 403, text: 'The request did not come from this page.' },
  TOO_LARGE: { status: 413, text: 'The request was too large.' },
  RATE_LIMITED: { status: 429, text: 'Too many attempts. Wait a few minutes.' },
  SIGN_IN_NEEDED: { status: 401, text: 'Sign in with your passkey.' },
  FRESH_SIGN_IN_NEEDED: { status: 403, text: 'For this, sign in with your passkey once more.' },
  PASSKEY_UNKNOWN: { status: 403, text: 'This passkey is not registered here, or it was revoked.' },
  PASSKEY_REFUSED: { status: 403, text: 'The passkey could not be checked. Nothing was approved.' },
  CODE_REFUSED: { status: 403, text: 'This code is used, too old or wrong. Get a new one at the workstation.' },
  RECOVERY_REFUSED: { status: 403, text: 'This recovery code is used or wrong.' },
  TOO_MANY_PHONES: { status: 409, text: 'There are too many phones already. Revoke one first.' },
  REQUEST_GONE: { status: 410, text: 'This request is over: answered, too old, or replaced by a newer one.' },
  WRONG_NUMBER: { status: 403, text: 'The workstation shows another number. The request was refused.' },
  UNKNOWN: { status: 404, text: 'There is no such entry any more.' },
  WORKSTATION_AWAY: {
    status: 409,
    text: 'The workstation is not connected. It locks by itself when its time runs out.',
  },
  NOBODY_IN: { status: 409, text: 'You are not in at this workstation any more. Nothing was paused.' },
  PAUSE_TOO_LONG: { status: 403, text: 'A pause may not be that long here.' },
  PUSH_REFUSED: { status: 400, text: 'Notifications cannot be sent to that address.' },
  UNAVAILABLE: { status: 503, text: 'The gateway is restarting. Try again in a moment.' },
  INTERNAL: { status: 500, text: 'The gateway met a fault of its own.' },
} as const satisfies Record<string, { readonly status: number; readonly text: string }>;
export type ApproverErrorCode = keyof typeof APPROVER_ERRORS;

/** `code` is one of APPROVER_ERRORS; a plain string so that a cached page still reads a newer gateway's. */
export const ApproverFailureSchema = z.strictObject({ code: z.string().max(40), message: approverText(240) });
export type ApproverFailure = z.infer<typeof ApproverFailureSchema>;
