import { problemOf } from '../../main/enrollment/problems.ts';
import type { MadeCodesResult } from '../../protocol/ipc.ts';
import type { EnrollmentView } from '../../protocol/view-model.ts';
import { APPROVAL_LINK } from './example-views.ts';
import { ENROLLMENT, examplesOfOtherWays } from './example-ways.ts';

/** Every step of enrollment, and every way each can go wrong. */
export const REGISTRATION_LINK = 'https://main.iam-api.com/r/9fK2mPq7TzA4xLwYc41';

export const MADE_CODES: Extract<MadeCodesResult, { ok: true }> = {
  ok: true,
  codes: {
    recovery: [
      '7KQM-2X9D-0V4T-HB3Z',
      'W0C5-N8RJ-6PYE-4TQA',
      '1M3G-ZZ7K-D9XV-52HS',
      'R8EP-4BJ0-QWTN-6C1Y',
      '93VD-KX2M-7HFA-G5R0',
      'ET6Q-1Y8W-PJ4B-N3ZC',
      '5S0H-VMGD-2KR9-XA7E',
      'BQ4N-C6T1-8ZYF-J0PW',
      'XG27-93HD-MKVE-S4R5',
      'J1AZ-PQ0Y-TN6C-8B3W',
    ],
    totp: {
      link: 'otpauth://totp/Presence%20Locker:DESK-0412?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Presence%20Locker&algorithm=SHA1&digits=6&period=30',
      secret: 'GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ',
    },
  },
};

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

export function exampleEnrollments(now: number) {
  const service: NonNullable<EnrollmentView['service']> = {
    title: 'IAMPASS',
    via: 'via this computer',
    proximity: true,
    enrollment: ['link', 'sms'],
    lostDevice: true,
    remoteLock: false,
  };
  const others = examplesOfOtherWays(now);
  const phone: EnrollmentView = {
    ...ENROLLMENT,
    step: 'phone',
    mode: 'embedded',
    service,
    registration: {
      link: REGISTRATION_LINK,
      expiresInMs: 14 * MINUTE_MS,
      sms: 'idle',
      opened: false,
      registered: false,
    },
  };
  const test: EnrollmentView = { ...phone, step: 'test', registration: { ...registrationOf(phone), registered: true } };
  return {
    choose: ENROLLMENT,
    account: { ...ENROLLMENT, step: 'account', mode: 'embedded' },
    accountWrong: {
      ...ENROLLMENT,
      step: 'account',
      mode: 'embedded',
      problem: {
        code: 'service-unauthorized',
        title: 'The service does not accept the secret',
        detail: 'Copy the application secret again from the console of the service. Spaces at the end matter.',
        wayOn: 'edit-account',
      },
    },
    accountAuthsignal: { ...ENROLLMENT, step: 'account', mode: 'embedded', kind: 'authsignal' },
    accountTwoFactor: { ...ENROLLMENT, step: 'account', mode: 'embedded', kind: 'wcd-2factor' },
    accountElsewhere: {
      ...ENROLLMENT,
      step: 'account',
      mode: 'embedded',
      kind: 'wcd-2factor',
      problem: {
        code: 'not-the-service',
        title: 'Something else answers at that address',
        detail:
          'It does not answer as the service you chose does. Check the address and, where there is one, the path.',
        wayOn: 'edit-account',
      },
    },
    accountShared: { ...ENROLLMENT, step: 'account', mode: 'shared' },
    accountBusy: { ...ENROLLMENT, step: 'account', mode: 'embedded', busy: true },
    phone,
    phonePreparing: { ...phone, registration: null, busy: true },
    phoneTrial: {
      ...phone,
      mode: 'trial',
      trial: true,
      service: { ...service, title: 'IAMPASS (simulated)', enrollment: ['link'] },
      registration: {
        link: 'http://127.0.0.1:4712/phone/u-5c1b90a7',
        expiresInMs: null,
        sms: 'idle',
        opened: false,
        registered: false,
      },
      phonePage: 'http://127.0.0.1:4712/phone/u-5c1b90a7',
    },
    phoneOpened: { ...phone, registration: { ...registrationOf(phone), opened: true } },
    phoneSmsRefused: {
      ...phone,
      problem: {
        code: 'sms-refused',
        title: 'The SMS was refused',
        detail: 'The service could not send to this number. Check the country code.',
        wayOn: 'edit-number',
      },
    },
    phoneNever: {
      ...phone,
      registration: { ...registrationOf(phone), expiresInMs: 0 },
      problem: {
        code: 'registration-expired',
        title: 'Your phone did not register in time',
        detail: 'The link has expired. A new one takes a second.',
        wayOn: 'new-link',
      },
    },
    test,
    testAsking: { ...test, test: 'asking', testPrompt: { kind: 'phone' } },
    testNumber: { ...test, test: 'asking', testPrompt: { kind: 'number', number: '63' } },
    testLink: { ...test, test: 'asking', testPrompt: { kind: 'link', url: APPROVAL_LINK } },
    testCode: {
      ...test,
      test: 'asking',
      testPrompt: { kind: 'code', label: 'Code from the Authenticator app', length: 6 },
    },
    testCodeWrong: {
      ...test,
      test: 'asking',
      testPrompt: { kind: 'code', label: 'Code by e-mail', triesLeft: 4 },
    },
    testApproved: { ...test, test: 'approved' },
    testDenied: {
      ...test,
      test: 'denied',
      problem: { code: 'test-denied', title: 'You said no', detail: 'The phone refused.', wayOn: 'retry' },
    },
    testTimeout: { ...test, test: 'timeout' },
    testFailed: { ...test, test: 'failed' },
    codes: { ...test, step: 'codes', test: 'approved' },
    codesRequired: {
      ...test,
      step: 'codes',
      test: 'approved',
      codes: { required: true, left: null, proven: false },
      problem: {
        code: 'codes-missing',
        title: 'Recovery codes come first',
        detail: 'Here a code is what lets you in when your phone cannot be asked. Make them, then start guarding.',
        wayOn: 'none',
      },
    },
    codesProven: { ...test, step: 'codes', test: 'approved', codes: { required: true, left: 10, proven: true } },
    codesRenewing: {
      ...phone,
      step: 'codes',
      registration: null,
      enrolledSinceWall: now - 40 * DAY_MS,
      codes: { required: true, left: 3, proven: false },
    },
    codesRenewed: {
      ...phone,
      step: 'codes',
      registration: null,
      enrolledSinceWall: now - 40 * DAY_MS,
      codes: { required: true, left: 10, proven: true },
    },
    done: { ...test, step: 'done', test: 'approved' },
    doneGuarded: { ...test, step: 'done', test: 'approved', enrolledSinceWall: now },
    manage: {
      ...phone,
      step: 'manage',
      registration: null,
      enrolledSinceWall: now - 40 * DAY_MS,
      codes: { required: true, left: 9, proven: false },
    },
    /** The lost phone was disabled, and the person went back before adding a new one. */
    manageKeyMissing: {
      ...phone,
      step: 'manage',
      mode: 'shared',
      service: null,
      registration: null,
      enrolledSinceWall: now - 40 * DAY_MS,
      problem: problemOf('device-key-missing'),
    },
    manageKeyRefused: {
      ...phone,
      step: 'manage',
      mode: 'shared',
      service: null,
      registration: null,
      enrolledSinceWall: now - 40 * DAY_MS,
      problem: problemOf('device-key-refused'),
    },
    manageNoPhone: { ...phone, step: 'manage', registration: null, enrolledSinceWall: null },
    ...others,
  } satisfies Record<string, EnrollmentView>;
}

function registrationOf(view: EnrollmentView): NonNullable<EnrollmentView['registration']> {
  if (view.registration === null) throw new Error('This example has no registration.');
  return view.registration;
}
