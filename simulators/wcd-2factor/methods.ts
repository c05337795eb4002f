import { randomInt } from 'node:crypto';
import { ErrorDetail, type FieldErrors, ValidationError } from './errors.ts';

export type Data = Readonly<Record<string, unknown>>;
export type ConfirmationStatus = '015-new' | '025-in_process' | '085-confirmed';

/** A code on its way to the person. */
export interface Delivery {
  readonly to: string;
  readonly code: string;
}

export interface Requested {
  readonly status: ConfirmationStatus;
  readonly state: Data;
  readonly delivery?: Delivery;
}

/** The three operations of a method's backend (PROVIDERS §3), and its description. */
export interface Method {
  readonly key: string;
  readonly title: string;
  /** JSON schema of a person's settings, as pydantic writes it. */
  readonly userSchema: Data;
  /** Whether a phone answers instead of the person typing. */
  readonly outOfBand: boolean;
  /** @throws ValidationError under `path` */
  settings(claimed: Data, path: string): Data;
  /** @returns the state to confirm the change with, or null where it does not matter */
  change(old: Data | null, changed: Data): Data | null;
  /** @throws ValidationError */
  request(state: Data, settings: Data | null): Requested;
  confirm(state: Data, data: Data): boolean;
}

const CODE_DIGITS = 6;
/** Of the vendor's dummy method, when it is asked for without a person's config. */
const DUMMY_METHOD_CODE = 'dummy-method';

function textSetting(claimed: Data, name: string, path: string): Data {
  const value = Object.hasOwn(claimed, name) ? claimed[name] : undefined;
  if (typeof value === 'string') return { [name]: value };
  const [text, code] =
    value === undefined ? ['Field required', 'missing'] : ['Input should be a valid string', 'string_type'];
  const errors: FieldErrors = { [path]: { [name]: [new ErrorDetail(text, code)] } };
  throw new ValidationError(errors);
}

function textSchema(modelTitle: string, name: string, title: string): Data {
  return { type: 'object', title: modelTitle, properties: { [name]: { type: 'string', title } }, required: [name] };
}

/** The vendor's built-in example: the person's own secret. */
const dummy: Method = {
  key: 'dummy',
  title: 'Your own code',
  userSchema: textSchema('DummyUserDTO', 'code', 'Code'),
  outOfBand: false,
  settings: (claimed, path) => textSetting(claimed, 'code', path),
  change: (old, { code }) => (old !== null && old['code'] === code ? null : { code }),
  request: (state, settings) => ({
    status: '025-in_process',
    state: { ...state, code: settings === null ? DUMMY_METHOD_CODE : settings['code'] },
  }),
  confirm: (state, data) => state['code'] === data['code'] && Boolean(state['code']),
};

/** A code that is sent somewhere: read on the simulated phone, typed on the curtain. */
function delivered(key: string, title: string, address: string, addressTitle: string): Method {
  return {
    key,
    title,
    userSchema: textSchema('DeliveredUserDTO', address, addressTitle),
    outOfBand: false,
    settings: (claimed, path) => textSetting(claimed, address, path),
    change: (old, changed) => (old !== null && old[address] === changed[address] ? null : {}),
    request: (state, settings) => {
      const to = String((settings ?? textSetting(state, address, 'data'))[address]);
      const code = String(randomInt(10 ** CODE_DIGITS)).padStart(CODE_DIGITS, '0');
      return { status: '025-in_process', state: { ...state, code }, delivery: { to, code } };
    },
    confirm: (state, data) => state['code'] === data['code'],
  };
}

/** A question on the phone; nothing is typed. */
const push: Method = {
  key: 'push',
  title: 'Question on the phone',
  userSchema: {
    type: 'object',
    title: 'PushUserDTO',
    properties: { device: { type: 'string', title: 'Name of the phone', default: 'phone' } },
  },
  outOfBand: true,
  settings: (claimed, path) =>
    claimed['device'] === undefined ? { device: 'phone' } : textSetting(claimed, 'device', path),
  change: (old, changed) => (old !== null && old['device'] === changed['device'] ? null : {}),
  request: (state) => ({ status: '025-in_process', state: { ...state, approved: false } }),
  confirm: (state) => state['approved'] === true,
};

export const METHODS: readonly Method[] = [
  dummy,
  delivered('email', 'Code by e-mail', 'email', 'E-mail address'),
  delivered('sms', 'Code by text message', 'phone', 'Phone number'),
  push,
];
