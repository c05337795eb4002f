import { isDeepStrictEqual } from 'node:util';
import { decodeClientFrame, decodeGatewayFrame, encodeFrame, type FrameRefusal } from '../../../protocol/codec.ts';
import { isErrorCode } from '../../../protocol/error-codes.ts';
import { type ClientFrame, type GatewayFrame, MAX_FRAME_BYTES } from '../../../protocol/frames.ts';
import type { Result } from '../../../protocol/result.ts';
import { clientFrames, gatewayFrames } from '../frame-examples.ts';
import { mutatedText, type Recipe, recipes } from '../mutation.ts';
import { type FuzzTarget, FuzzViolation } from '../target.ts';

export interface Codec {
  decodeClientFrame(text: string): Result<ClientFrame, FrameRefusal>;
  decodeGatewayFrame(text: string): Result<GatewayFrame, FrameRefusal>;
}

const IDS = { requestId: 'request-1', sessionId: 'session-1', deviceId: 'device-1', seq: 7 };
const CLIENT_FRAMES = clientFrames(IDS);
const GATEWAY_FRAMES = gatewayFrames(IDS);
const EXAMPLES = [...CLIENT_FRAMES, ...GATEWAY_FRAMES];
const TYPES = {
  client: new Set(CLIENT_FRAMES.map(({ type }) => type)),
  gateway: new Set(GATEWAY_FRAMES.map(({ type }) => type)),
} as const;

/** Every text is offered to both decoders: what one side says must not pass for the other's word. */
export function codecTarget(codec: Codec = { decodeClientFrame, decodeGatewayFrame }): FuzzTarget<Recipe> {
  return {
    name: 'codec',
    inputs: recipes,
    async open() {
      return {
        feed(recipe) {
          const text = mutatedText(recipe, EXAMPLES);
          const words = [
            outcomeOf(text, codec.decodeClientFrame(text), TYPES.client),
            outcomeOf(text, codec.decodeGatewayFrame(text), TYPES.gateway),
          ];
          if (Reflect.get({}, 'polluted') !== undefined) throw new FuzzViolation('a prototype was changed');
          return words.includes('accepted') ? 'accepted' : (words[0] ?? '');
        },
        async close() {
          // nothing was opened
        },
      };
    },
  };
}

function outcomeOf(
  text: string,
  decoded: Result<ClientFrame | GatewayFrame, FrameRefusal>,
  types: ReadonlySet<string>,
): string {
  if (!decoded.ok) {
    if (!isErrorCode(decoded.error.code)) throw new FuzzViolation(`no code of the table: ${decoded.error.code}`);
    return decoded.error.code;
  }
  // What may be believed, said a second time and in another way than the codec's.
  const claimed = saidIn(text);
  const believable =
    Buffer.byteLength(text) <= MAX_FRAME_BYTES &&
    typeof claimed === 'object' &&
    claimed !== null &&
    Reflect.get(claimed, 'v') === 1 &&
    types.has(String(Reflect.get(claimed, 'type')));
  if (!believable) throw new FuzzViolation(`accepted what is no frame: ${text.slice(0, 200)}`);
  if (!isDeepStrictEqual(claimed, decoded.value)) throw new FuzzViolation('decoded into something else than was said');
  const again = JSON.parse(encodeFrame(decoded.value));
  if (!isDeepStrictEqual(again, decoded.value)) throw new FuzzViolation('does not survive being written again');
  return 'accepted';
}

/** `undefined` for what is no JSON. */
function saidIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
