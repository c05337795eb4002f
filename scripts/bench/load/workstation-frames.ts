import { encodeFrame } from '../../../protocol/codec.ts';
import { PROTOCOL_VERSION } from '../../../protocol/frames.ts';

/** Opens nothing but a gateway that lives as long as the bench, on loopback. */
export const LOAD_TOKEN = 'token-of-the-bench-on-loopback';

/** What a workstation says, each to its own server, byte for byte the same to the gateway and to the bare one. */
export const workstationFrames = {
  hello: (index: number): string =>
    encodeFrame({
      v: PROTOCOL_VERSION,
      type: 'hello',
      token: LOAD_TOKEN,
      deviceId: `device-${index}-0123456789abcdef0123456789abcdef`,
      appVersion: '0.1.0',
      platform: 'linux',
    }),
  start: (index: number): string =>
    encodeFrame({
      v: PROTOCOL_VERSION,
      type: 'session.start',
      requestId: `request-${index}`,
      userId: `user-${index}-0123456789abcdef`,
      reason: 'unlock',
      durationSeconds: 3_600,
    }),
  poll: (sessionId: string, seq: number): string =>
    encodeFrame({ v: PROTOCOL_VERSION, type: 'session.poll', sessionId, seq }),
};
