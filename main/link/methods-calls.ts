import { type ClientFrameOf, type GatewayFrameOf, PROTOCOL_VERSION } from '../../protocol/frames.ts';
import type { Result } from '../../protocol/result.ts';
import type { LinkFailure } from './down-reason.ts';
import type { RequestsUnderWay } from './requests-under-way.ts';

type MethodsType = 'methods.list' | 'methods.create' | 'methods.confirm' | 'methods.update' | 'methods.delete';
type MethodsFrame = ClientFrameOf<MethodsType>;
type Asked<T> = T extends unknown ? Omit<T, 'v' | 'requestId'> : never;

/** A question about the person's confirmation methods; the request id is added here. */
export type MethodsCall = Asked<MethodsFrame>;
/** How things are now. `setUpLink` holds a secret. */
export type MethodsState = Omit<GatewayFrameOf<'methods.state'>, 'v' | 'type' | 'requestId'>;
export type MethodsAnswer = Result<MethodsState, LinkFailure>;

/** None is sent twice by itself: a second one might send a second code. Never rejects. @param send false when there is no connection. */
export function askMethods(
  requests: RequestsUnderWay<MethodsState>,
  call: MethodsCall,
  send: (frame: MethodsFrame) => boolean,
): Promise<MethodsAnswer> {
  return requests.ask((requestId) => send({ v: PROTOCOL_VERSION, requestId, ...call }));
}

/** @returns false when nobody waits for it (any more). */
export function settleMethods(
  requests: RequestsUnderWay<MethodsState>,
  frame: GatewayFrameOf<'methods.state'>,
): boolean {
  const { v: _v, type: _type, requestId, ...state } = frame;
  return requests.settle(requestId, state);
}
