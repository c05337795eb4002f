import type { BridgeScript } from './bridge-double.ts';
import { exampleEnrollments, MADE_CODES } from './example-enrollments.ts';
import { exampleSettings } from './example-settings.ts';
import { exampleViews } from './example-views.ts';
import { SET_UP_LINK } from './example-ways.ts';

/** One screen of the gallery: where it is and what main would say to it. */
export interface Screen {
  readonly name: string;
  /** Path below the server, with query and hash. */
  readonly path: string;
  readonly script: BridgeScript;
  /** Where the screen is only reached by a press: the button, and what is there afterwards. */
  readonly after?: { readonly press: string | RegExp; readonly nth?: number; readonly shows: string };
}

const CURTAIN = [
  'verifying',
  'number',
  'link',
  'code',
  'longWait',
  'trial',
  'unreachable',
  'noPhone',
  'rateLimited',
  'locking',
  'alarm',
  'locked',
  'unlocking',
  'present',
] as const;
const STATUS = [
  'present',
  'presentLong',
  'presentQuiet',
  'presentTrial',
  'presentNoProximity',
  'presentRenewal',
  'presentByCode',
  'presentProblem',
  'verifying',
  'leaving',
  'paused',
  'locked',
  'unenrolled',
  'disabled',
] as const;

/** Every screen in every state, for looking at and for the checks that hold everywhere (contrast, overflow, CSP). */
export function gallery(now: number): readonly Screen[] {
  const views = exampleViews(now);
  const enrollments = exampleEnrollments(now);
  const settings = exampleSettings();
  return [
    ...CURTAIN.map(
      (name): Screen => ({
        name: `curtain-${name}`,
        path: 'curtain/index.html',
        script: { page: 'curtain', view: views[name] },
      }),
    ),
    {
      name: 'curtain-secondary',
      path: 'curtain/index.html?display=secondary',
      script: { page: 'curtain', view: views.verifying },
    },
    { name: 'curtain-lost', path: 'curtain/index.html', script: { page: 'curtain', broken: true } },
    ...STATUS.map(
      (name): Screen => ({
        name: `status-${name}`,
        path: 'status/index.html',
        script: { page: 'status', view: views[name] },
      }),
    ),
    ...Object.entries(enrollments).map(
      ([name, enrollment]): Screen => ({
        name: `enrollment-${name}`,
        path: 'enrollment/index.html',
        script: { page: 'enrollment', view: views.unenrolled, enrollment, settings: settings.normal },
      }),
    ),
    ...(['codes', 'codesRenewing'] as const).map(
      (name): Screen => ({
        name: `enrollment-${name}Shown`,
        path: 'enrollment/index.html',
        script: { page: 'enrollment', view: views.unenrolled, enrollment: enrollments[name], made: MADE_CODES },
        after: { press: name === 'codes' ? 'Make codes' : 'Make new codes', shows: 'Keep these codes' },
      }),
    ),
    {
      name: 'curtain-codeEntry',
      path: 'curtain/index.html',
      script: {
        page: 'curtain',
        view: views.unreachable,
        results: { 'action.offlineCode': { ok: false, sentence: 'That code is wrong.' } },
      },
      after: { press: 'Use a recovery code', shows: 'The gateway cannot be reached' },
    },
    ...(
      [
        ['phoneMethodForm', enrollments.phoneMethods, { press: /^Set up…$/, nth: 2, shows: 'Hardware token' }],
        ['phoneMethodLink', enrollments.phoneMethods, { press: /^Set up$/, nth: 0, shows: 'Scan this once' }],
        [
          'manageMethodChange',
          enrollments.manageMethods,
          { press: /^Change…$/, nth: 1, shows: 'Code by text message' },
        ],
        [
          'manageContact',
          enrollments.manageNoProximity,
          { press: /^Register one…$/, nth: 0, shows: 'Number or address' },
        ],
      ] as const
    ).map(
      ([name, enrollment, after]): Screen => ({
        name: `enrollment-${name}`,
        path: 'enrollment/index.html',
        script: { page: 'enrollment', view: views.unenrolled, enrollment, setUpLink: SET_UP_LINK },
        after,
      }),
    ),
    {
      name: 'settings-noProximity',
      path: 'enrollment/index.html#settings',
      script: {
        page: 'enrollment',
        view: views.presentNoProximity,
        enrollment: enrollments.manageNoProximity,
        settings: settings.normal,
      },
    },
    ...Object.entries(settings).map(
      ([name, view]): Screen => ({
        name: `settings-${name}`,
        path: 'enrollment/index.html#settings',
        script: { page: 'enrollment', view: views.present, enrollment: enrollments.manage, settings: view },
      }),
    ),
  ];
}
