import * as fc from 'fast-check';
import type { SessionStatus } from '../../../protocol/frames.ts';
import { clientFrames } from '../frame-examples.ts';
import { mutatedText, type Recipe, recipes } from '../mutation.ts';
import { type FrameShape, frameBytes, TEXT_FRAME } from '../raw-web-socket.ts';

type Step =
  | { readonly kind: 'plain'; readonly example: number }
  | { readonly kind: 'frame'; readonly recipe: Recipe }
  | { readonly kind: 'shaped'; readonly recipe: Recipe; readonly shape: FrameShape }
  | { readonly kind: 'bytes'; readonly hex: string }
  | { readonly kind: 'flood'; readonly frames: number };

export interface Story {
  /** Whether the gateway knows workstations by their keys (docs/adr/0025), or by their tokens alone. */
  readonly keyed: boolean;
  readonly hello: 'valid' | 'none' | 'wrong-token';
  /** What answers a challenge. */
  readonly proof: 'valid' | 'of-another' | 'none';
  readonly device: number;
  readonly steps: readonly Step[];
  /** What the service says about sessions meanwhile. */
  readonly service: SessionStatus;
  /** Seconds that pass for the gateway after it. */
  readonly seconds: number;
}

const shape: fc.Arbitrary<FrameShape> = fc.record({
  opcode: fc.oneof(fc.constantFrom(0, 1, 2, 8, 9, 10), fc.nat({ max: 16 })),
  fin: fc.boolean(),
  masked: fc.integer({ min: 0, max: 9 }).map((roll) => roll > 0),
  reserved: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(64, 32, 16) }),
  lengthOff: fc.oneof(
    { weight: 8, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: fc.constantFrom(-1, 1, 5, 16_385, 70_000, 2 ** 40) },
  ),
  lengthForm: fc.constantFrom('shortest', 'shortest', 'shortest', 'two-bytes', 'eight-bytes'),
});

/** Highest number of a workstation. */
export const MAX_DEVICE = 50;
/** The first is what every valid story begins with. */
const LAST_EXAMPLE = clientFrames({ requestId: '', sessionId: '', deviceId: '' }).length - 1;

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 14,
    arbitrary: fc.record({ kind: fc.constant('plain' as const), example: fc.integer({ min: 1, max: LAST_EXAMPLE }) }),
  },
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('frame' as const), recipe: recipes }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('shaped' as const), recipe: recipes, shape }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('bytes' as const),
      hex: fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes).toString('hex')),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('flood' as const), frames: fc.integer({ min: 30, max: 90 }) }),
  },
);

/** What one connection does. */
export const stories: fc.Arbitrary<Story> = fc.record({
  keyed: fc.boolean(),
  proof: fc.oneof(
    { weight: 8, arbitrary: fc.constant('valid' as const) },
    { weight: 1, arbitrary: fc.constantFrom('none', 'of-another') },
  ),
  hello: fc.oneof(
    { weight: 8, arbitrary: fc.constant('valid' as const) },
    { weight: 1, arbitrary: fc.constantFrom('none', 'wrong-token') },
  ),
  device: fc.nat({ max: MAX_DEVICE }),
  steps: fc.array(step, { minLength: 1, maxLength: 5 }),
  service: fc.constantFrom('pending', 'active', 'closed', 'failed', 'walkaway'),
  seconds: fc.oneof(
    { weight: 9, arbitrary: fc.nat({ max: 3 }) },
    { weight: 1, arbitrary: fc.integer({ min: 5, max: 40 }) },
  ),
});

const FLOOD = Buffer.from(JSON.stringify({ v: 1, type: 'session.poll', sessionId: 'x', seq: 0 }));

export function bytesOf(step: Step, frames: readonly unknown[]): Buffer {
  switch (step.kind) {
    case 'plain':
      return frameBytes(Buffer.from(JSON.stringify(frames[step.example])), TEXT_FRAME);
    case 'frame':
      return frameBytes(Buffer.from(mutatedText(step.recipe, frames)), TEXT_FRAME);
    case 'shaped':
      return frameBytes(Buffer.from(mutatedText(step.recipe, frames)), step.shape);
    case 'bytes':
      return Buffer.from(step.hex, 'hex');
    case 'flood':
      return Buffer.concat(Array.from({ length: step.frames }, () => frameBytes(FLOOD, TEXT_FRAME)));
  }
}
