import type { BridgeScript } from './bridge-double.ts';
import { exampleEnrollments } from './example-enrollments.ts';
import { exampleSettings } from './example-settings.ts';
import { exampleViews } from './example-views.ts';

/** One screen of the gallery: where it is and what main would say to it. */
export interface Screen {
  readonly name: string;
  /** Path below the server, with query and hash. */
  readonly path: string;
  readonly script: BridgeScript;
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
    ...Object.entries(settings).map(
      ([name, view]): Screen => ({
        name: `settings-${name}`,
        path: 'enrollment/index.html#settings',
        script: { page: 'enrollment', view: views.present, enrollment: enrollments.manage, settings: view },
      }),
    ),
  ];
}
