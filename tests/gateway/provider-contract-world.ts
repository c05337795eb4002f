import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import {
  type Provider,
  type ProviderAnswer,
  ProviderError,
  type SessionHandle,
} from '../../gateway/providers/provider.ts';
import type { Prompt, SessionStatus } from '../../protocol/frames.ts';
import type { ContractPhone, ContractSubject, ContractTime } from './provider-contract-subject.ts';
import type { Observations } from './provider-observations.ts';
import type { SpoiltWire } from './spoilt-wire.ts';

/** Nothing in a test of the contract may take longer. */
const TEST_PATIENCE_MS = 25_000;
/** An answer is seen within so many questions, or not at all: the simulated services are as fast as they are asked. */
const MAX_POLLS = 3;
export const OVER: readonly SessionStatus[] = ['timeout', 'closed', 'failed', 'cancelled'];
export const IN_PROGRESS: readonly SessionStatus[] = ['pending', 'identifying'];
export const DURATION_SECONDS = 600;

export interface EnrolledPerson {
  readonly userId: string;
  readonly phone: ContractPhone;
}

/** A service, a provider of it, and the people of one test. */
export class ContractWorld {
  readonly subject: ContractSubject;
  readonly provider: Provider;
  readonly signal = AbortSignal.timeout(TEST_PATIENCE_MS);
  readonly observed: Observations;

  constructor(subject: ContractSubject, observed: Observations) {
    this.subject = subject;
    this.provider = subject.open();
    this.observed = observed;
    observed.noteProvider(this.provider);
  }

  /** The same service with another provider of the same account. */
  restarted(): ContractWorld {
    return new ContractWorld(this.subject, this.observed);
  }

  /** Not for a column that is `inside`. */
  get wire(): SpoiltWire {
    if (this.subject.wire === null) throw new Error('there is no wire to this service');
    return this.subject.wire;
  }

  /** Questions to the service so far. */
  get asked(): number {
    return this.subject.wire?.requests ?? this.subject.asked?.() ?? Number.NaN;
  }

  get time(): ContractTime {
    return this.subject.time;
  }

  newUser(userId = `user-${randomBytes(8).toString('hex')}`) {
    return { userId, displayName: 'Ada Löw & Co' };
  }

  request(userId: string, overrides: { readonly idempotencyKey?: string; readonly methods?: readonly string[] } = {}) {
    return {
      idempotencyKey: randomBytes(16).toString('hex'),
      userId,
      deviceId: 'device-1',
      reason: 'unlock' as const,
      methods: [],
      durationSeconds: DURATION_SECONDS,
      ...overrides,
    };
  }

  /** Known to the service, with nothing to approve with. */
  async introduced(userId?: string): Promise<EnrolledPerson> {
    const user = this.newUser(userId);
    await this.provider.enrollment.begin(user, this.signal);
    return { userId: user.userId, phone: this.subject.phone(user.userId) };
  }

  async enrolled(userId?: string): Promise<EnrolledPerson> {
    const person = await this.introduced(userId);
    await person.phone.register();
    return person;
  }

  async started(userId?: string) {
    const person = await this.enrolled(userId);
    const { handle, answer } = await this.provider.startSession(this.request(person.userId), this.signal);
    return { ...person, handle, answer };
  }

  async approved(userId?: string) {
    const session = await this.started(userId);
    await this.approve(session);
    return session;
  }

  /** The person says yes, as the prompt asks for it. */
  async approve(session: EnrolledPerson & { readonly handle: SessionHandle; readonly answer: ProviderAnswer }) {
    const { handle, phone, answer } = session;
    if (answer.prompt?.kind === 'code') await this.answer(handle, codeOn(phone));
    else await pressed(phone, 'approve');
    expect(await this.poll(handle)).toMatchObject({ status: 'active' });
  }

  async answer(handle: SessionHandle, data: string): Promise<ProviderAnswer> {
    const { provider } = this;
    if (provider.answerSession === undefined) throw new Error('the provider asks for a code and takes none');
    return provider.answerSession(handle, data, this.signal);
  }

  poll(handle: SessionHandle, provider = this.provider): Promise<ProviderAnswer> {
    return provider.pollSession(handle, this.signal);
  }

  async reaches(handle: SessionHandle, expected: readonly SessionStatus[]): Promise<SessionStatus> {
    const seen: SessionStatus[] = [];
    while (seen.length < MAX_POLLS) {
      const { status } = await this.poll(handle);
      if (expected.includes(status)) return status;
      seen.push(status);
    }
    throw new Error(`${seen.join(', ')}; never ${expected.join(' or ')}`);
  }

  /** Fails where the call succeeds, fails in another way, or tells a secret. */
  async failureOf(call: Promise<unknown>): Promise<ProviderError> {
    return this.asFailure(
      await call.then(
        () => new Error('it succeeded'),
        (thrown: unknown) => thrown,
      ),
    );
  }

  asFailure(fault: unknown): ProviderError {
    if (!(fault instanceof ProviderError)) throw new Error(`not a ProviderError: ${String(fault)}`, { cause: fault });
    const told = everythingIn(fault);
    for (const secret of this.subject.secrets) expect(told).not.toContain(secret);
    return fault;
  }

  async codeOf(call: Promise<unknown>): Promise<ProviderError['code']> {
    return (await this.failureOf(call)).code;
  }
}

export async function pressed(phone: ContractPhone, button: 'approve' | 'deny' | 'leave' | 'return'): Promise<void> {
  const press = phone[button];
  if (press === undefined) throw new Error(`this phone has nothing to ${button} with`);
  await press();
}

export function codeOn(phone: ContractPhone): string {
  if (phone.code === undefined) throw new Error('a code is asked for and none was sent');
  return phone.code();
}

export function wrongCodeFor(code: string): string {
  return code === '000000' ? '000001' : '000000';
}

export function wordsOf(prompt: Prompt | undefined): string {
  switch (prompt?.kind) {
    case 'phone':
      return 'the phone shows it';
    case 'link':
      return 'a link (QR code)';
    case 'number':
      return 'a number to pick on the phone';
    case 'code':
      return 'a code to type';
    default:
      throw new Error('nobody could answer this');
  }
}

/** Everything an error could tell somebody who prints it whole. */
function everythingIn(fault: unknown): string {
  const told: string[] = [];
  for (let each = fault; each instanceof Error; each = each.cause) {
    told.push(each.message, String(each.stack), JSON.stringify({ ...each }));
  }
  return told.join('\n');
}
