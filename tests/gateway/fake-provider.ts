import {
  type Provider,
  type ProviderAnswer,
  ProviderError,
  type StartSessionRequest,
} from '../../gateway/providers/provider.ts';

type Scripted<T> = T | ProviderError | Promise<T>;

/** A provider whose answers a test sets, and which counts how often it was asked. */
export class FakeProvider implements Provider {
  readonly id = 'fake';
  readonly capabilities = {
    title: 'Fake',
    proximity: true,
    push: false,
    prompts: ['phone' as const],
    enrollment: ['link' as const],
    lostDevice: true,
    durations: true,
    methods: ['acceptance'],
    simulated: true,
  };
  readonly starts: StartSessionRequest[] = [];
  polls = 0;
  ends = 0;
  onStart: () => Scripted<ProviderAnswer> = () => ({ status: 'pending', prompt: { kind: 'phone' } });
  onPoll: () => Scripted<ProviderAnswer> = () => ({ status: 'pending', prompt: { kind: 'phone' } });
  onEnd: () => Scripted<undefined> = () => undefined;
  onEnroll: () => Scripted<undefined> = () => undefined;

  async startSession(request: StartSessionRequest) {
    this.starts.push(request);
    const answer = await orThrow(this.onStart());
    return { handle: { providerId: this.id, serialized: `handle-${this.starts.length}` }, answer };
  }

  async pollSession() {
    this.polls += 1;
    return orThrow(this.onPoll());
  }

  async endSession() {
    this.ends += 1;
    await orThrow(this.onEnd());
  }

  readonly enrollment = {
    begin: async () => {
      await orThrow(this.onEnroll());
      return { link: 'https://phone.example/register', registered: false };
    },
    sendSms: async () => {
      await orThrow(this.onEnroll());
    },
    check: async () => {
      await orThrow(this.onEnroll());
      return { registered: true };
    },
    lostDevice: async () => {
      await orThrow(this.onEnroll());
      return { link: 'https://phone.example/register' };
    },
    remove: async () => {
      await orThrow(this.onEnroll());
    },
  };
}

async function orThrow<T>(scripted: Scripted<T>): Promise<T> {
  const value = await scripted;
  if (value instanceof ProviderError) throw value;
  return value;
}
