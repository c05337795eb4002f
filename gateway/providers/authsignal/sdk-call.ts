import { Authsignal } from '@authsignal/node';
import { z } from 'zod';
import { ProviderError } from '../provider.ts';
import { parseServiceAddress } from '../service-address.ts';
import type { ServiceAnswer, ServiceRequest } from '../service-http.ts';
import type { AuthsignalAccount } from './account.ts';

/** The request as the SDK composed it (axios' configuration, the part of it that says what is sent). */
const ComposedRequestSchema = z.object({
  method: z.enum(['get', 'post', 'patch', 'delete']),
  url: z.string(),
  data: z.string().optional(),
  headers: z.looseObject({}),
});

/**
 * Says to the SDK that its request did not succeed; who asked looks at the answer itself. It has no `config`, so it is not repeated either where
 * somebody else in this process has switched repetitions on for all of axios, which every SDK with `retries` above 0 does.
 */
class NotDone extends Error {
  override readonly name = 'NotDone';
}

/**
 * One call of the vendor's SDK. What is asked — path, version header, body — is the SDK's; how it travels is ours (gateway/providers/service-http.ts),
 * through axios' own `adapter`: the SDK alone has no time limit, no cancellation and no bound on answers, follows redirects and
 * proxies of the environment with the key, repeats a POST by itself (which could make a phone buzz twice), and keeps neither a status
 * without a body nor `Retry-After`. docs/adr/0020.
 *
 * @returns the answer, whatever its status
 * @throws ProviderError when there is none; never with the SDK's error as its cause, which holds the key
 */
export async function callSdk(
  account: AuthsignalAccount,
  repeat: ServiceRequest['repeat'],
  ask: (sdk: Authsignal) => Promise<unknown>,
  signal: AbortSignal,
): Promise<ServiceAnswer> {
  let outcome: ServiceAnswer | ProviderError | null = null;
  const adapter = async (claimedRequest: unknown) => {
    const answer = await send(account, repeat, claimedRequest, signal).catch((fault: unknown) => {
      if (fault instanceof ProviderError) return fault;
      throw fault;
    });
    outcome = answer;
    if (answer instanceof ProviderError || answer.status < 200 || answer.status > 299) throw new NotDone('not done');
    return { data: answer.json ?? {}, status: answer.status, statusText: '', headers: {}, config: claimedRequest };
  };
  const sdk = sdkThrough(account, adapter);
  const fault: unknown = await ask(sdk).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return settled(outcome, fault);
}

/** Separate from `callSdk`, for there the compiler believes that nothing has been assigned. */
function settled(outcome: ServiceAnswer | ProviderError | null, fault: unknown): ServiceAnswer {
  if (outcome instanceof ProviderError) throw outcome;
  if (outcome !== null) return outcome;
  const why = fault instanceof Error ? fault.name : 'no request';
  throw new ProviderError('PROVIDER_BAD_ANSWER', `The SDK did not send its request the agreed way (${why}).`);
}

/** An SDK whose requests go through `adapter`. @throws TypeError when a later version of it composes requests in another way */
function sdkThrough(account: AuthsignalAccount, adapter: (claimedRequest: unknown) => Promise<unknown>): Authsignal {
  const sdk = new Authsignal({ apiSecretKey: account.secret, apiUrl: account.apiUrl, retries: 0 });
  const own: unknown = Reflect.get(sdk, 'getRequestConfig');
  if (typeof own !== 'function') throw new TypeError('the SDK has no getRequestConfig any more');
  Object.defineProperty(sdk, 'getRequestConfig', {
    value: () => {
      const config: unknown = Reflect.apply(own, sdk, []);
      return { ...(typeof config === 'object' ? config : {}), adapter };
    },
  });
  return sdk;
}

function send(
  account: AuthsignalAccount,
  repeat: ServiceRequest['repeat'],
  claimedRequest: unknown,
  signal: AbortSignal,
): Promise<ServiceAnswer> {
  const request = ComposedRequestSchema.parse(claimedRequest);
  const address = parseServiceAddress(request.url);
  // Ids are encoded before they get into a path, so this is a bug or a changed SDK; the key must not go where it leads.
  if (!address.ok || !address.value.text.startsWith(`${account.apiUrl}/`)) {
    throw new RangeError('the call does not form an address of the service');
  }
  const composed: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) if (typeof value === 'string') composed[name] = value;
  const basic = Buffer.from(`${account.secret}:`, 'utf8').toString('base64');
  const headers = () => ({ ...composed, Authorization: `Basic ${basic}` });
  const method = METHODS[request.method];
  return account.http.send({ method, address: address.value, headers, body: request.data ?? null, repeat }, signal);
}

const METHODS = { get: 'GET', post: 'POST', patch: 'PATCH', delete: 'DELETE' } as const;
