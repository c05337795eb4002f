import { z } from 'zod';
import type { Prompt } from '../../../protocol/frames.ts';
import { configured } from '../configured.ts';
import {
  type Provider,
  type ProviderAnswer,
  ProviderError,
  type SessionHandle,
  type StartSessionRequest,
} from '../provider.ts';
import { readableWord } from '../readable-word.ts';
import { type CallOptions, TwoFactorClient, type TwoFactorClientOptions } from './client.ts';
import { codeLabel, codeWrong, isDefaultAndReady, isReady, methodsAt, titleOf, typedData } from './methods.ts';
import { PermitBook } from './permit-book.ts';
import { TwoFactorRefusal } from './refusal.ts';
import { type CheckedConfirmation, ConfirmationIdSchema, STATUSES, type UserConfig } from './wire.ts';

export const PROVIDER_ID = 'wcd-2factor';

export interface TwoFactorProviderOptions extends TwoFactorClientOptions {
  /** Keys of methods whose confirmation comes from elsewhere (a push to a phone): polled, nothing is typed. Default none. */
  readonly outOfBandMethods?: readonly string[] | undefined;
  /**
   * The only person the token speaks for; anybody else is USER_UNKNOWN. Default: whoever is asked for is the token's owner, or, with
   * `{userId}` in the header's template, the person named there (docs/adr/0021).
   */
  readonly userId?: string | undefined;
  readonly simulated: boolean;
}

/** What goes on with a session: whose, which confirmation, and how it is confirmed. */
const HandleSchema = z.strictObject({
  v: z.literal(1),
  userId: z.string().max(128),
  confirmationId: ConfirmationIdSchema,
  /** Label of the code to type, or null: out of band. */
  codeLabel: z.string().max(80).nullable(),
});
type Handle = z.infer<typeof HandleSchema>;

/** WebCase 2factor (PROVIDERS §3): a confirmation of the person's default config is the session. @throws ConfigurationError */
export function createTwoFactorProvider(options: TwoFactorProviderOptions): Provider & { close(): void } {
  const client = configured(() => new TwoFactorClient(options));
  const outOfBand = new Set(options.outOfBandMethods);
  const permits = new PermitBook();

  function callsFor(userId: string, signal: AbortSignal): CallOptions {
    if (options.userId !== undefined && options.userId !== userId) {
      throw new ProviderError('USER_UNKNOWN', 'The account of the service belongs to another person.');
    }
    return { userId, signal };
  }

  async function startSession(request: StartSessionRequest, signal: AbortSignal) {
    const call = callsFor(request.userId, signal);
    const config = chosenConfig(await client.listOwnConfigs(call), request.methods);
    const requested = await client
      .requestConfirmation({ user_config_id: config.id, data: {} }, call)
      .catch(startRefused);
    // One permit, one session: an id that was given before proves nothing about now (S1).
    if (!permits.take(requested.id)) {
      throw new ProviderError('PROVIDER_BAD_ANSWER', 'The service answered with a confirmation of an earlier session.');
    }
    const typed = !outOfBand.has(config.method_config.method);
    const handle: Handle = {
      v: 1,
      userId: request.userId,
      confirmationId: requested.id,
      codeLabel: typed ? codeLabel(titleOf(config)) : null,
    };
    return {
      handle: { providerId: PROVIDER_ID, serialized: JSON.stringify(handle) },
      answer: answerOf(requested, handle),
    };
  }

  async function pollSession(stored: SessionHandle, signal: AbortSignal): Promise<ProviderAnswer> {
    const handle = handleOf(stored);
    if (permits.isEnded(handle.confirmationId)) return { status: 'closed', reason: 'ended' };
    try {
      return answerOf(await client.checkConfirmation(handle.confirmationId, callsFor(handle.userId, signal)), handle);
    } catch (fault) {
      return saidAboutSession(fault);
    }
  }

  return {
    id: PROVIDER_ID,
    capabilities: {
      title: 'WebCase 2factor',
      proximity: false,
      push: false,
      prompts: ['code', 'phone'],
      enrollment: ['methods'],
      lostDevice: false,
      durations: false,
      methods: [],
      simulated: options.simulated,
    },
    startSession,
    pollSession,
    async answerSession(stored, data, signal) {
      const handle = handleOf(stored);
      if (permits.isEnded(handle.confirmationId)) return { status: 'closed', reason: 'ended' };
      const request = { id: handle.confirmationId, data: typedData(data) };
      try {
        return answerOf(await client.confirmConfirmation(request, callsFor(handle.userId, signal)), handle);
      } catch (fault) {
        if (!(fault instanceof TwoFactorRefusal)) return saidAboutSession(fault);
        if (!fault.fields.includes('id')) throw codeWrong(fault);
        // The confirmation itself was refused: confirmed already (a lost answer to the first try), no longer available, or gone.
        return pollSession(stored, signal);
      }
    },
    /** The interface has no call for it: the permit is not used again here, and what is unconfirmed stays so at the service. */
    async endSession(stored) {
      permits.end(handleOf(stored).confirmationId);
    },
    enrollment: {
      begin: async ({ userId }, signal) => ({ registered: await isRegistered(callsFor(userId, signal)) }),
      check: async (userId, signal) => ({ registered: await isRegistered(callsFor(userId, signal)) }),
      methods: methodsAt(client, callsFor),
      /** The person belongs to the host project and signs in there with the same methods: they are not ours to delete (docs/adr/0021). */
      async remove(userId, signal) {
        callsFor(userId, signal);
      },
    },
    close: () => client.close(),
  };

  async function isRegistered(call: CallOptions): Promise<boolean> {
    return (await client.listOwnConfigs(call)).some(isDefaultAndReady);
  }
}

function chosenConfig(configs: readonly UserConfig[], methods: readonly string[]): UserConfig {
  const chosen =
    methods.length === 0
      ? configs.find(isDefaultAndReady)
      : configs.find((config) => isReady(config) && methods.includes(config.method_config.method));
  if (chosen !== undefined) return chosen;
  throw new ProviderError('NO_MOBILE_DEVICE', 'The person has no active, confirmed default method.');
}

/** `085-confirmed` and `is_available` is the only way to `active`; a word this version does not know is `failed`. */
function answerOf(claimed: CheckedConfirmation, handle: Handle): ProviderAnswer {
  switch (claimed.status) {
    case null:
      return { status: 'closed', reason: 'the confirmation was used or withdrawn' };
    case STATUSES.confirmed:
      return claimed.is_available && claimed.id !== null
        ? { status: 'active' }
        : { status: 'closed', reason: 'the method is no longer available' };
    case STATUSES.new:
    case STATUSES.inProcess:
      return { status: 'pending', prompt: promptOf(handle) };
    default:
      return { status: 'failed', reason: `unknown status: ${readableWord(claimed.status)}` };
  }
}

function promptOf({ codeLabel: label }: Handle): Prompt {
  return label === null ? { kind: 'phone' } : { kind: 'code', label };
}

/** What the service says about the session itself is an answer, not an outage: neither may leave a workstation open. */
function saidAboutSession(fault: unknown): ProviderAnswer {
  if (fault instanceof ProviderError && fault.code === 'USER_UNKNOWN')
    return { status: 'closed', reason: 'SESSION_UNKNOWN' };
  if (fault instanceof ProviderError && fault.code === 'PROVIDER_UNAUTHORIZED') {
    return { status: 'failed', reason: 'PROVIDER_UNAUTHORIZED' };
  }
  throw fault;
}

function startRefused(fault: unknown): never {
  if (!(fault instanceof TwoFactorRefusal)) throw fault;
  throw new ProviderError('START_REFUSED', 'The service did not start the approval.', { cause: fault });
}

function handleOf({ providerId, serialized }: SessionHandle): Handle {
  if (providerId !== PROVIDER_ID) {
    throw new ProviderError('PROVIDER_BAD_ANSWER', 'The session was started at another service.');
  }
  const parsed = HandleSchema.safeParse(jsonOf(serialized));
  if (parsed.success) return parsed.data;
  throw new ProviderError('PROVIDER_BAD_ANSWER', 'The stored session cannot be read.');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message would quote the handle.
    return undefined;
  }
}
