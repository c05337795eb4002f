import * as fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';

vi.mock('electron', () => import('../electron/fake-electron.ts'));

import type { TransitionFunction } from '../../main/core/lock-types.ts';
import { transition } from '../../main/core/transition.ts';
import { decodeClientFrame, decodeGatewayFrame } from '../../protocol/codec.ts';
import { ClientFrameSchema, GatewayFrameSchema } from '../../protocol/frames.ts';
import { ok } from '../../protocol/result.ts';
import * as electron from '../electron/fake-electron.ts';
import { clientFrames, gatewayFrames } from './frame-examples.ts';
import { recipes } from './mutation.ts';
import { runTarget, type TargetResult } from './run-target.ts';
import { FUZZ_SHARES, sharesOf } from './shares.ts';
import { anyTarget, type FuzzTarget } from './target.ts';
import { codecTarget } from './targets/codec.ts';
import { ipcTarget } from './targets/ipc.ts';
import { linkTarget } from './targets/link.ts';
import { FUZZ_TARGETS } from './targets.ts';

beforeEach(() => electron.forgetEverything());

const seeds = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);
const run = <I>(target: FuzzTarget<I>, count: number): Promise<TargetResult> =>
  runTarget(anyTarget(target), seeds(count));
const CODEC = { decodeClientFrame, decodeGatewayFrame };

describe('a seed', () => {
  it('makes the same input again, and its neighbour another', () => {
    const inputOf = (seed: number) => JSON.stringify(fc.sample(recipes, { seed, numRuns: 1 }));
    expect(inputOf(17)).toBe(inputOf(17));
    expect(new Set(seeds(50).map(inputOf)).size).toBeGreaterThan(30);
  });

  it('of a broken promise breaks it again by itself', async () => {
    const throwing = codecTarget({ ...CODEC, decodeClientFrame: throwsOnLoneSurrogates });
    const [first] = (await run(throwing, 1_000)).violations;
    expect(first).toBeDefined();
    const again = await runTarget(anyTarget(throwing), [first?.seed ?? 0]);
    expect(again.violations[0]).toMatchObject({ seed: first?.seed, input: first?.input });
  });
});

describe('the examples', () => {
  const ids = { requestId: 'r', sessionId: 's', deviceId: 'd', seq: 1 };
  it.each(clientFrames(ids).map((frame) => [frame.type, frame]))('of a client, %s, are valid', (_type, frame) => {
    expect(decodeClientFrame(JSON.stringify(frame)).ok).toBe(true);
  });
  it('of the gateway are valid, but for the one with a status of the future, and name every type', () => {
    const frames = gatewayFrames(ids);
    const refused = frames.filter((frame) => !decodeGatewayFrame(JSON.stringify(frame)).ok);
    expect(refused).toEqual([expect.objectContaining({ status: 'something-new' })]);
    const named = (schema: typeof ClientFrameSchema | typeof GatewayFrameSchema) =>
      schema.options.map(({ shape }) => shape.type.value).sort();
    expect([...new Set(frames.map(({ type }) => type))].sort()).toEqual(named(GatewayFrameSchema));
    expect([...new Set(clientFrames(ids).map(({ type }) => type))].sort()).toEqual(named(ClientFrameSchema));
  });
});

describe('the shares', () => {
  it('name every target once and use up every input', () => {
    expect(Object.keys(FUZZ_TARGETS).sort()).toEqual(Object.keys(FUZZ_SHARES).sort());
    for (const inputs of [1, 999, 10_000, 1_000_000]) {
      expect(sharesOf(inputs, null).reduce((sum, share) => sum + share.inputs, 0)).toBe(inputs);
    }
  });
});

const throwsOnLoneSurrogates: typeof decodeClientFrame = (text) => {
  if (!text.isWellFormed()) throw new URIError('a decoder that trusts its text');
  return decodeClientFrame(text);
};

/** A decoder that fills what is missing and drops what it does not know. */
const lenient: typeof decodeGatewayFrame = (text) => {
  const strict = decodeGatewayFrame(text);
  if (strict.ok) return strict;
  return text.includes('"session.state"') ? ok({ v: 1, type: 'session.ended', sessionId: 'whatever' }) : strict;
};

const accepting: TransitionFunction = (machine, event, policy) =>
  // An unknown word is taken for a good one.
  transition(
    machine,
    event.type === 'session.status' && event.status !== 'closed'
      ? { ...event, status: 'active', validForMs: 15_000 }
      : event,
    policy,
  );

describe('the fuzzer catches', () => {
  it('a decoder that throws', async () => {
    const { violations } = await run(codecTarget({ ...CODEC, decodeClientFrame: throwsOnLoneSurrogates }), 1_000);
    expect(violations[0]?.sentence).toMatch(/^crash: URIError/);
  });

  it('a decoder that accepts what it should refuse', async () => {
    const { violations } = await run(codecTarget({ ...CODEC, decodeGatewayFrame: lenient }), 1_000);
    expect(violations[0]?.sentence).toMatch(/^broken promise/);
  });

  it('a decoder that makes up codes', async () => {
    const refusing = (): never => ({ ok: false, error: { code: 'OOPS', detail: '' } }) as never;
    const { violations } = await run(codecTarget({ ...CODEC, decodeClientFrame: refusing }), 100);
    expect(violations[0]?.sentence).toMatch(/no code of the table/);
  });

  it('a decoder that keeps what it read', async () => {
    const kept: string[] = [];
    const leaking: typeof decodeClientFrame = (text) => {
      kept.push(text + 'x'.repeat(20_000).split('').join('y'));
      return decodeClientFrame(text);
    };
    const { violations, heapGrowthBytes } = await run(codecTarget({ ...CODEC, decodeClientFrame: leaking }), 1_500);
    expect(kept.length).toBe(1_500);
    expect(heapGrowthBytes).toBeGreaterThan(0);
    expect(violations.at(-1)?.sentence).toMatch(/^unbounded/);
  });

  it('a decoder that puts members on the prototype of everything', async () => {
    const polluting: typeof decodeClientFrame = (text) => {
      if (text.includes('"__proto__"')) Reflect.set(Object.prototype, 'polluted', true);
      return decodeClientFrame(text);
    };
    try {
      const { violations } = await run(codecTarget({ ...CODEC, decodeClientFrame: polluting }), 1_000);
      expect(violations[0]?.sentence).toMatch(/a prototype was changed/);
    } finally {
      Reflect.deleteProperty(Object.prototype, 'polluted');
    }
  });

  it('a promise that nobody waits for', async () => {
    const careless: typeof decodeClientFrame = (text) => {
      if (text.startsWith('null')) setImmediate(() => process.emit('unhandledRejection', 'lost', Promise.resolve()));
      return decodeClientFrame(text);
    };
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    try {
      const { violations } = await run(codecTarget({ ...CODEC, decodeClientFrame: careless }), 3_000);
      expect(violations[0]?.sentence).toMatch(/^escaped/);
    } finally {
      for (const listener of others) process.on('unhandledRejection', listener);
    }
  });

  it('rules that take every status for an approval', { timeout: 60_000 }, async () => {
    const { violations } = await run(linkTarget(accepting), 2_000);
    expect(violations[0]?.sentence).toMatch(/it opened after/);
  });

  it('rules that pause whoever is told to, beneath the cover too', { timeout: 60_000 }, async () => {
    const obeying: TransitionFunction = (machine, event, policy) => {
      if (event.type !== 'gateway.pauseCommand' || machine.state.name !== 'verifying')
        return transition(machine, event, policy);
      const { at } = event;
      return { machine: { ...machine, state: { name: 'paused', since: at, until: at + 60_000 } }, effects: [] };
    };
    const { violations } = await run(linkTarget(obeying), 2_000);
    expect(violations.some(({ sentence }) => sentence.includes('paused out of verifying'))).toBe(true);
  });

  it('a main process that lets any window act', { timeout: 60_000 }, async () => {
    const trusting = ipcTarget((windows) => ({ ...windows, pageOf: () => 'enrollment' }));
    const { violations } = await run(trusting, 3_000);
    expect(violations[0]?.sentence).toMatch(/acted for a page that may not ask/);
  });
});

describe('without a mutant', () => {
  it.each([
    ['codec', 2_000],
    ['link', 1_000],
    ['ipc', 1_000],
    ['bus-answers', 300],
  ] as const)('%s keeps its promises', { timeout: 60_000 }, async (name, count) => {
    const { violations, inputs } = await runTarget(FUZZ_TARGETS[name](), seeds(count));
    expect(violations).toEqual([]);
    expect(inputs).toBe(count);
  });
});
