import { assertNever } from '../assert-never.ts';
import {
  type Confirmation,
  isConfigAvailable,
  isConfirmationAvailable,
  type Person,
  type Service,
  type ShownDelivery,
} from './service.ts';

export const PHONE_ACTIONS = ['register', 'approve', 'deny', 'close'] as const;
export type PhoneAction = (typeof PHONE_ACTIONS)[number];

export function isPhoneAction(text: string): text is PhoneAction {
  return PHONE_ACTIONS.some((action) => action === text);
}

/** What the phone shows. Times are ISO 8601 in UTC. */
export interface PhoneState {
  readonly userId: string;
  /** An active, confirmed default config: what an approval asks. */
  readonly registered: boolean;
  /** The newest question that this phone can answer. */
  readonly request: { readonly confirmationId: string; readonly askedAt: string } | null;
  /** Codes that were sent and not used, newest first. */
  readonly codes: readonly { readonly to: string; readonly code: string; readonly at: string }[];
  /** The newest permit that nobody has used up. */
  readonly permit: { readonly confirmationId: string } | null;
  readonly actions: readonly PhoneAction[];
}

const time = (wallMs: number): string => new Date(wallMs).toISOString();

const newestQuestion = (person: Person): Confirmation | undefined =>
  person.confirmations.findLast(
    ({ methodConfig, status, state }) =>
      methodConfig.method.outOfBand && status !== '085-confirmed' && state['approved'] !== true,
  );

const newestPermit = (person: Person): Confirmation | undefined =>
  person.confirmations.findLast((confirmation) => isConfirmationAvailable(confirmation));

const defaultConfig = (person: Person) => person.configs.find((each) => each.isDefault && isConfigAvailable(each));

/** @returns why the action makes no sense now, in words for a person, or undefined where it does. */
function objection(person: Person, action: PhoneAction): string | undefined {
  switch (action) {
    case 'register':
      return defaultConfig(person)?.methodConfig.method.outOfBand === true
        ? 'This phone is set up already.'
        : undefined;
    case 'approve':
    case 'deny':
      return newestQuestion(person) === undefined ? 'Nothing waits for an answer.' : undefined;
    case 'close':
      return newestPermit(person) === undefined ? 'There is no permit to use up.' : undefined;
    default:
      return assertNever(action);
  }
}

function carryOut(service: Service, person: Person, action: PhoneAction): void {
  const question = newestQuestion(person);
  const permit = newestPermit(person);
  switch (action) {
    case 'register':
      registerPhone(service, person);
      return;
    case 'approve':
      if (question === undefined) return;
      question.state = { ...question.state, approved: true };
      // The question about a config that is not confirmed yet is confirmed by whoever sets it up, with `user-config/own/confirm/`.
      if (question.userConfig === null || isConfigAvailable(question.userConfig)) question.status = '085-confirmed';
      return;
    case 'deny':
      if (question !== undefined) service.consume(question);
      return;
    case 'close':
      if (permit !== undefined) service.consume(permit);
      return;
    default:
      assertNever(action);
  }
}

/** As if the person had set this phone up on the host project's own pages: confirmed, active, and the default. */
function registerPhone(service: Service, person: Person): void {
  const methodConfig = service.activeMethods().find(({ method }) => method.outOfBand);
  if (methodConfig === undefined) return;
  const known = person.configs.find((each) => each.methodConfig === methodConfig);
  const wanted = { config: { device: 'phone' }, isActive: true, isDefault: true };
  const { config, confirmation } =
    known === undefined ? service.createConfig(person, methodConfig, wanted) : service.updateConfig(known, wanted);
  config.status = '085-confirmed';
  if (confirmation !== null) service.consume(confirmation);
}

export type PhoneAnswer =
  | { readonly ok: true; readonly state: PhoneState }
  | { readonly ok: false; readonly objection: string; readonly state: PhoneState };

export function operatePhone(service: Service, person: Person, action: PhoneAction): PhoneAnswer {
  const refusal = objection(person, action);
  if (refusal !== undefined) return { ok: false, objection: refusal, state: phoneState(person) };
  carryOut(service, person, action);
  return { ok: true, state: phoneState(person) };
}

export function phoneState(person: Person): PhoneState {
  const question = newestQuestion(person);
  const permit = newestPermit(person);
  const isOpen = ({ confirmationId }: ShownDelivery) =>
    person.confirmations.some(({ id, status }) => id === confirmationId && status !== '085-confirmed');
  return {
    userId: person.userId,
    registered: defaultConfig(person) !== undefined,
    request: question === undefined ? null : { confirmationId: question.id, askedAt: time(question.requestedAtMs) },
    codes: person.deliveries.filter(isOpen).map(({ to, code, atMs }) => ({ to, code, at: time(atMs) })),
    permit: permit === undefined ? null : { confirmationId: permit.id },
    actions: PHONE_ACTIONS.filter((action) => objection(person, action) === undefined),
  };
}
