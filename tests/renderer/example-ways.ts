import type { ConfirmationMethod, PersonConfig } from '../../protocol/confirmation-methods.ts';
import type { EnrollmentView } from '../../protocol/view-model.ts';

/** Enrollment at services that have other ways than a link, and what they cannot do. */
const DAY_MS = 24 * 60 * 60_000;

export const ENROLLMENT: EnrollmentView = {
  step: 'choose',
  mode: null,
  kind: null,
  busy: false,
  service: null,
  registration: null,
  contact: 'idle',
  methods: null,
  test: 'idle',
  testPrompt: null,
  codes: { required: false, left: null, proven: false },
  problem: null,
  phonePage: null,
  trial: false,
  enrolledSinceWall: null,
};

export const SET_UP_LINK =
  'otpauth://totp/Example:ada?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example&algorithm=SHA1&digits=6&period=30';

const text = (name: string, label: string) => ({ name, label, kind: 'text', required: true, secret: false }) as const;

export const METHODS: ConfirmationMethod[] = [
  { id: '1', key: 'email', title: 'Code by e-mail', isDefault: true, form: [text('email', 'E-mail address')] },
  { id: '2', key: 'sms', title: 'Code by text message', isDefault: false, form: [text('phone', 'Phone number')] },
  { id: '3', key: 'totp', title: 'Authenticator app', isDefault: false, form: [] },
  {
    id: '4',
    key: 'token',
    title: 'Hardware token',
    isDefault: false,
    form: [
      { ...text('serial', 'Serial number'), help: 'On the back of the token.', maxLength: 20 },
      { ...text('pin', 'PIN'), secret: true },
      { name: 'counter', label: 'Counter', kind: 'number', required: false, secret: false },
      {
        name: 'model',
        label: 'Model',
        kind: 'choice',
        required: true,
        secret: false,
        choices: ['Pocket', 'Card', 'Watch'],
      },
      { name: 'spare', label: 'I have a spare one', kind: 'boolean', required: false, secret: false },
    ],
  },
];

const CONFIG: PersonConfig = {
  id: '11',
  methodId: '1',
  title: 'Code by e-mail',
  status: 'confirmed',
  isActive: true,
  isDefault: true,
  isAvailable: true,
};
const CONFIGS: PersonConfig[] = [
  CONFIG,
  { ...CONFIG, id: '12', methodId: '2', title: 'Code by text message', isDefault: false },
  {
    ...CONFIG,
    id: '13',
    methodId: '3',
    title: 'Authenticator app',
    status: 'in-process',
    isDefault: false,
    isAvailable: false,
  },
];

export function examplesOfOtherWays(now: number) {
  const authsignal: EnrollmentView = {
    ...ENROLLMENT,
    step: 'phone',
    mode: 'embedded',
    kind: 'authsignal',
    service: {
      title: 'Authsignal',
      via: 'via this computer',
      proximity: false,
      enrollment: ['link', 'contact'],
      lostDevice: true,
      remoteLock: false,
    },
    registration: {
      link: 'https://mfa.authsignal.com/settings?token=eyJhbGciOiJIUzI1NiJ9.example.Yz3n7kQ0',
      expiresInMs: null,
      sms: 'idle',
      opened: false,
      registered: false,
    },
  };
  const contact: EnrollmentView = {
    ...authsignal,
    service: { ...serviceOf(authsignal), enrollment: ['contact'], lostDevice: false },
    registration: { ...registrationOf(authsignal), link: null },
  };
  const methods: EnrollmentView = {
    ...authsignal,
    kind: 'wcd-2factor',
    service: { ...serviceOf(authsignal), title: 'WebCase 2factor', enrollment: ['methods'], lostDevice: false },
    registration: { ...registrationOf(authsignal), link: null },
    methods: { methods: METHODS, configs: [], toConfirm: null },
  };
  const ready = { methods: METHODS, configs: CONFIGS, toConfirm: null };
  const managed = { step: 'manage', registration: null, enrolledSinceWall: now - 3 * DAY_MS } as const;
  return {
    phoneLinkOrContact: authsignal,
    phoneAgain: { ...authsignal, registration: { ...registrationOf(authsignal), registered: true } },
    phoneContact: contact,
    phoneContactRefused: {
      ...contact,
      problem: {
        code: 'contact-refused',
        title: 'The number or address could not be registered',
        detail: 'The service did not accept it. Check it, or use the link instead.',
        wayOn: 'none',
      },
    },
    phoneMethods: methods,
    phoneMethodsUnread: { ...methods, methods: null },
    phoneMethodsConfirm: {
      ...methods,
      methods: {
        methods: METHODS,
        configs: [{ ...CONFIG, status: 'in-process', isAvailable: false }],
        toConfirm: { configId: '11', label: 'Code by e-mail' },
      },
    },
    phoneMethodsReady: {
      ...methods,
      registration: { ...registrationOf(methods), registered: true },
      methods: ready,
    },
    manageNoProximity: { ...authsignal, ...managed },
    manageOwnServer: {
      ...authsignal,
      ...managed,
      mode: 'shared',
      kind: null,
      service: {
        title: 'auth.example.org',
        via: 'via gateway.example.org',
        proximity: false,
        enrollment: ['link'],
        lostDevice: false,
        remoteLock: true,
      },
    },
    manageMethods: { ...methods, ...managed, methods: ready },
    doneNoProximity: { ...authsignal, step: 'done', test: 'approved' },
  } satisfies Record<string, EnrollmentView>;
}

function serviceOf(view: EnrollmentView): NonNullable<EnrollmentView['service']> {
  if (view.service === null) throw new Error('This example has no service.');
  return view.service;
}

function registrationOf(view: EnrollmentView): NonNullable<EnrollmentView['registration']> {
  if (view.registration === null) throw new Error('This example has no registration.');
  return view.registration;
}
