import type { Provider } from '../../gateway/providers/provider.ts';
import { type ContractWorld, codeOn } from './provider-contract-world.ts';
import type { Spoiler } from './spoilt-wire.ts';

/** One thing that can be asked of a service. */
export interface Question {
  readonly name: string;
  /** Whether the service's word about a session is what is asked for: its refusal is an answer then (docs/protocol.md, Lease). */
  readonly aboutSession: boolean;
  /** Whether the answer says more than its status. */
  readonly readsBody: boolean;
  /** Prepares everything, so that only the question itself meets the wire. `null`: nothing of this kind can be asked here. */
  readonly prepared: (world: ContractWorld) => Promise<((provider: Provider) => Promise<unknown>) | null>;
}

const SMS_TO = '+491701234567';

export const START: Question = {
  name: 'a start',
  aboutSession: false,
  readsBody: true,
  prepared: async (world) => {
    const { userId } = await world.enrolled();
    return (provider) => provider.startSession(world.request(userId), world.signal);
  },
};

export const POLL_WAITING: Question = {
  name: 'a poll of a session that waits',
  aboutSession: true,
  readsBody: true,
  prepared: async (world) => {
    const { handle } = await world.started();
    return (provider) => provider.pollSession(handle, world.signal);
  },
};

export const POLL_APPROVED: Question = {
  name: 'a poll of an approved session',
  aboutSession: true,
  readsBody: true,
  prepared: async (world) => {
    const { handle } = await world.approved();
    return (provider) => provider.pollSession(handle, world.signal);
  },
};

export const QUESTIONS: readonly Question[] = [
  START,
  POLL_WAITING,
  POLL_APPROVED,
  {
    name: 'a code',
    aboutSession: true,
    readsBody: true,
    prepared: async (world) => {
      const { handle, answer, phone } = await world.started();
      if (answer.prompt?.kind !== 'code') return null;
      const code = codeOn(phone);
      return async (provider) => provider.answerSession?.(handle, code, world.signal);
    },
  },
  {
    name: 'an end',
    aboutSession: false,
    readsBody: true,
    prepared: async (world) => {
      const { handle } = await world.started();
      return (provider) => provider.endSession(handle, world.signal);
    },
  },
  {
    name: 'the beginning of an enrollment',
    aboutSession: false,
    readsBody: true,
    prepared: async (world) => {
      const { userId } = await world.enrolled();
      return (provider) => provider.enrollment.begin(world.newUser(userId), world.signal);
    },
  },
  {
    name: 'the question whether somebody is ready',
    aboutSession: false,
    readsBody: true,
    prepared: async (world) => {
      const { userId } = await world.enrolled();
      return (provider) => provider.enrollment.check(userId, world.signal);
    },
  },
  {
    name: 'an SMS',
    aboutSession: false,
    readsBody: true,
    prepared: async (world) => {
      if (world.provider.enrollment.sendSms === undefined) return null;
      const sms = { ...world.newUser(), phoneNumber: SMS_TO };
      return async (provider) => provider.enrollment.sendSms?.(sms, world.signal);
    },
  },
  {
    name: 'a known number',
    aboutSession: false,
    readsBody: true,
    prepared: async (world) => {
      if (world.provider.enrollment.addContact === undefined) return null;
      const contact = { kind: 'phone', phoneNumber: SMS_TO } as const;
      return async (provider) => provider.enrollment.addContact?.({ ...world.newUser(), contact }, world.signal);
    },
  },
  {
    name: 'the report of a lost phone',
    aboutSession: false,
    readsBody: true,
    prepared: async (world) => {
      if (world.provider.enrollment.lostDevice === undefined) return null;
      const { userId } = await world.enrolled();
      return async (provider) => provider.enrollment.lostDevice?.(userId, world.signal);
    },
  },
  {
    name: 'the list of methods',
    aboutSession: false,
    readsBody: true,
    prepared: async (world) => {
      if (world.provider.enrollment.methods === undefined) return null;
      const { userId } = await world.enrolled();
      return async (provider) => provider.enrollment.methods?.list(userId, world.signal);
    },
  },
  {
    name: 'a removal',
    aboutSession: false,
    readsBody: false,
    prepared: async (world) => {
      const { userId } = await world.enrolled();
      return (provider) => provider.enrollment.remove(userId, world.signal);
    },
  },
];

/** How often one question meets the wire: every one of its requests is spoilt in turn. */
export async function requestsOf(question: Question, world: ContractWorld): Promise<number> {
  const ask = await question.prepared(world);
  const before = world.wire.requests;
  await ask?.(world.provider);
  return world.wire.requests - before;
}

export async function spoilt(
  question: Question,
  world: ContractWorld,
  how: Spoiler,
  at: number,
  provider = world.provider,
) {
  const ask = await question.prepared(world);
  if (ask === null) throw new Error('it could be asked a moment ago');
  world.wire.spoil(how, at);
  const before = world.wire.requests;
  const outcome = await ask(provider).then(
    (value) => ({ ok: true as const, value }),
    (fault: unknown) => ({ ok: false as const, fault }),
  );
  world.wire.heal();
  return { outcome, requests: world.wire.requests - before };
}
