import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WorkstationDescription } from '../../protocol/frames.ts';
import { CAPABILITIES, type HandWrittenGateway, startHandWrittenGateway } from './hand-written-gateway.ts';
import { type LinkUnderTest, linkUnderTest, TOKEN } from './link-under-test.ts';

const WORKSTATION = { name: 'Ada’s desk' };
let now: WorkstationDescription = WORKSTATION;
let gateway: HandWrittenGateway;
let tested: LinkUnderTest;
beforeEach(async () => {
  now = WORKSTATION;
  gateway = await startHandWrittenGateway({ greet: false });
  tested = linkUnderTest({ url: gateway.url, token: TOKEN }, { workstation: () => now });
  await gateway.hear('hello');
});
afterEach(async () => {
  await tested.link.close();
  await gateway.stop();
});

const start = (requestId: string) =>
  tested.link.startSession({
    type: 'startSession',
    requestId,
    userId: 'user-1',
    reason: 'unlock',
    durationSeconds: 600,
  });

describe('the name of the workstation', () => {
  it('is told with a start where a phone shows it, also with one that waited for the gateway', async () => {
    await start('r.1');
    gateway.sayReady({ capabilities: { ...CAPABILITIES, showsWorkstation: true } });
    expect(await gateway.hear('session.start')).toMatchObject({ requestId: 'r.1', workstation: WORKSTATION });
    await start('r.2');
    expect(await gateway.hear('session.start', 2)).toMatchObject({ requestId: 'r.2', workstation: WORKSTATION });
  });

  it('goes with the network as it is when the start is sent, not when the app was started', async () => {
    gateway.sayReady({ capabilities: { ...CAPABILITIES, showsWorkstation: true } });
    now = { ...WORKSTATION, network: 'Office 3rd floor' };
    await start('r.1');
    expect(await gateway.hear('session.start')).toMatchObject({ workstation: now });
    now = WORKSTATION;
    await start('r.2');
    expect((await gateway.hear('session.start', 2))['workstation']).toEqual(WORKSTATION);
  });

  it('is told to no other gateway', async () => {
    await start('r.1');
    gateway.sayReady();
    expect(await gateway.hear('session.start')).not.toHaveProperty('workstation');
    await start('r.2');
    expect(await gateway.hear('session.start', 2)).not.toHaveProperty('workstation');
  });
});
