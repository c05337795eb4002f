import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MethodsCall } from '../../main/link/methods-calls.ts';
import { type HandWrittenGateway, startHandWrittenGateway } from './hand-written-gateway.ts';
import { type LinkUnderTest, linkUnderTest, TOKEN } from './link-under-test.ts';

let gateway: HandWrittenGateway;
let tested: LinkUnderTest;
beforeEach(async () => {
  gateway = await startHandWrittenGateway();
  tested = linkUnderTest({ url: gateway.url, token: TOKEN }, { limits: { requestTimeoutMs: 200 } });
  await tested.event('gateway.up');
});
afterEach(async () => {
  await tested.link.close();
  await gateway.stop();
});

const CALLS: readonly MethodsCall[] = [
  { type: 'methods.list', userId: 'u' },
  { type: 'methods.create', userId: 'u', methodId: '1', settings: { code: 'x' }, isDefault: true },
  { type: 'methods.confirm', userId: 'u', configId: '7', confirmationId: 'c', data: '123456' },
  { type: 'methods.update', userId: 'u', configId: '7', isActive: true, isDefault: true },
  { type: 'methods.delete', userId: 'u', configId: '7' },
];
const CONFIG = {
  id: '7',
  methodId: '1',
  title: 'Mine',
  status: 'in-process',
  isActive: true,
  isDefault: true,
  isAvailable: false,
};

describe('calls about confirmation methods', () => {
  it.each(CALLS)('$type is sent as it was asked, and answered once', async (call) => {
    const answer = tested.link.methods(call);
    const { requestId, v, ...asked } = await gateway.hear(call.type);
    expect({ v, ...asked }).toEqual({ v: 1, ...call });
    const state = { methods: [], configs: [CONFIG], toConfirm: { configId: '7', confirmationId: 'c', label: 'Code' } };
    gateway.say({ v: 1, type: 'methods.state', requestId, ...state });
    expect(await answer).toEqual({ ok: true, value: state });
    gateway.say({ v: 1, type: 'methods.state', requestId, ...state });
    await expect.poll(() => tested.link.counters().staleFrames).toBe(1);
  });

  it('fail with the code, our words for it, and whether to try again', async () => {
    const answer = tested.link.methods({ type: 'methods.list', userId: 'u' });
    const { requestId } = await gateway.hear('methods.list');
    gateway.say({ v: 1, type: 'error', requestId, code: 'CODE_WRONG', message: 'tricky words', retryable: false });
    expect(await answer).toMatchObject({
      ok: false,
      error: { code: 'CODE_WRONG', text: 'That code is wrong.', retryable: false },
    });
  });

  it('fail when nobody answers in time, and are not sent again', async () => {
    const answer = await tested.link.methods({ type: 'methods.list', userId: 'u' });
    expect(answer.ok).toBe(false);
    expect(gateway.heard.filter(({ type }) => type === 'methods.list')).toHaveLength(1);
  });

  it('fail at once without a connection', async () => {
    await tested.link.close();
    expect((await tested.link.methods({ type: 'methods.list', userId: 'u' })).ok).toBe(false);
  });
});
