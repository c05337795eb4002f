import type { z } from 'zod';
import type { ErrorCode } from './error-codes.ts';
import {
  type ClientFrame,
  ClientFrameSchema,
  type GatewayFrame,
  GatewayFrameSchema,
  MAX_FRAME_BYTES,
  PROTOCOL_VERSION,
} from './frames.ts';
import { err, ok, type Result } from './result.ts';

/** Why a claimed frame was refused. `detail` names the field and what was expected, never the value that came in. */
export interface FrameRefusal {
  readonly code: Extract<ErrorCode, 'FRAME_TOO_LARGE' | 'FRAME_NOT_JSON' | 'FRAME_INVALID' | 'VERSION_UNSUPPORTED'>;
  readonly detail: string;
}

/** UTF-8 length without a Buffer or TextEncoder: this file runs in every process. */
function utf8Length(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit >= 0xd800 && unit < 0xdc00 && i + 1 < text.length) {
      bytes += 4;
      i += 1;
    } else bytes += 3;
  }
  return bytes;
}

function versionOf(json: unknown): unknown {
  return typeof json === 'object' && json !== null && 'v' in json ? json.v : undefined;
}

function decode<T>(schema: z.ZodType<T>, text: string): Result<T, FrameRefusal> {
  // Size before parse: a hostile peer must not make us build a large object first.
  if (text.length > MAX_FRAME_BYTES || utf8Length(text) > MAX_FRAME_BYTES) {
    return err({ code: 'FRAME_TOO_LARGE', detail: `more than ${MAX_FRAME_BYTES} bytes` });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return err({ code: 'FRAME_NOT_JSON', detail: 'not JSON' });
  }
  const claimedVersion = versionOf(json);
  if (typeof claimedVersion === 'number' && claimedVersion !== PROTOCOL_VERSION) {
    return err({ code: 'VERSION_UNSUPPORTED', detail: `this side speaks version ${PROTOCOL_VERSION}` });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return ok(parsed.data);
  const issue = parsed.error.issues[0];
  const path = issue === undefined ? '' : issue.path.map(String).join('.');
  return err({ code: 'FRAME_INVALID', detail: `${path === '' ? 'frame' : path}: ${issue?.code ?? 'invalid'}` });
}

/** Decodes a text frame that claims to come from a workstation. */
export const decodeClientFrame = (text: string): Result<ClientFrame, FrameRefusal> => decode(ClientFrameSchema, text);

/** Decodes a text frame that claims to come from the gateway. */
export const decodeGatewayFrame = (text: string): Result<GatewayFrame, FrameRefusal> =>
  decode(GatewayFrameSchema, text);

/**
 * Encodes a frame for sending.
 * @throws RangeError when it would exceed MAX_FRAME_BYTES: a frame of ours that large is a bug, and the peer would close on it.
 */
export function encodeFrame(frame: ClientFrame | GatewayFrame): string {
  const text = JSON.stringify(frame);
  const bytes = utf8Length(text);
  if (bytes > MAX_FRAME_BYTES) throw new RangeError(`frame ${frame.type} of ${bytes} bytes exceeds ${MAX_FRAME_BYTES}`);
  return text;
}
