import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LockEvent } from '../../../main/core/lock-types.ts';
import { createGatewayLink } from '../../../main/link/gateway-link.ts';
import type { PresenceGatewayLink } from '../../../main/link/presence-gateway-link.ts';
import { createGuard, type Guard } from '../../../main/runtime/guard.ts';
import { DEFAULT_POLICY, type Policy } from '../../../protocol/policy.ts';
import { recordingPorts } from '../../fakes/effect-ports.ts';
import { TOKEN } from '../gateway-under-test.ts';
import { type ApproverUnderTest, eventually, startApprover } from './approver-under-test.ts';
import { Desk, PERSON } from './desk-in-software.ts';
import type { PhoneInSoftware } from './phone-in-software.ts';

/** Phone, gateway, socket, link and rules, all real; only the curtain, the OS lock and the clocks are not. */
let approver: ApproverUnderTest;
let phone: PhoneInSoftware;
let guard: Guard;
let link: PresenceGatewayLink;
let policy: Policy;
let done: readonly string[];
const waitFor = (name: string) => eventually(() => guard.current().state.name === name, `the state ${name}`);
const tell = (event: LockEvent extends infer E ? (E extends { at: number } ? Omit<E, 'at'> : never) : never) =>
  guard.dispatch({ ...event, at: performance.now() });

function startWorkstation(): void {
  const { ports, calls } = recordingPorts();
  const clock = { monotonicNow: () => performance.now(), wallNow: () => Date.now() };
  const made: { link: PresenceGatewayLink | null } = { link: null };
  guard = createGuard({
    runId: 'run',
    policy: () => policy,
    onFault: (error) => {
      throw error;
    },
    ports: (dispatch) => {
      made.link = createGatewayLink({
        connect: { url: `${approver.url}/v1`, token: TOKEN },
        deviceId: 'device-7',
        appVersion: '0.1.0',
        platform: 'linux',
        workstation: () => ({ name: 'Ada’s desk', network: 'Office 3rd floor' }),
        clock,
        dispatch,
        logger: { info: () => undefined, warn: () => undefined },
      });
      return { ...ports, clock, link: made.link };
    },
  });
  if (made.link === null) throw new Error('no link was made');
  link = made.link;
  done = calls;
}

/** Approves whatever this workstation asks. */
async function approve(): Promise<void> {
  let number = '';
  await eventually(() => {
    const { state } = guard.current();
    const prompt = state.name === 'verifying' ? state.session?.prompt : undefined;
    if (prompt?.kind === 'number') number = prompt.number;
    return number !== '';
  }, 'a number to be shown');
  await phone.approve(await phone.asked(), number);
  await waitFor('present');
}

const shown = async () => (await phone.state()).workstations.find(({ name }) => name === 'Ada’s desk');

async function pauseFor(minutes: number): Promise<void> {
  const workstationId = (await shown())?.workstationId ?? '';
  const { options } = await phone.call('workstation.pause.begin', { workstationId, minutes });
  const passkey = phone.authenticator.assert(options);
  await phone.call('workstation.pause', { workstationId, minutes, passkey });
}

beforeEach(async () => {
  policy = DEFAULT_POLICY;
  approver = await startApprover();
  phone = await (await Desk.at(approver)).enrolledPhone(approver);
  startWorkstation();
  tell({ type: 'os.unlocked', evidence: 'test' });
  tell({ type: 'enrollment.changed', enrollment: { userId: PERSON, deviceId: 'device-7' } });
});
afterEach(async () => {
  await link.close();
  await approver.close();
});

describe('a workstation at which somebody is in', () => {
  test('pauses when the phone grants it, tells the phone, and locks from there all the same', async () => {
    await eventually(() => approver.service.approvals.pendingOf(PERSON).length === 1, 'the request');
    expect(await phone.asked()).toMatchObject({ workstation: 'Ada’s desk', network: 'Office 3rd floor' });
    await approve();
    const lowered = done.filter((call) => call === 'lower').length;
    await pauseFor(15);
    await waitFor('paused');
    await eventually(() => approver.service.sessions.active(PERSON).length === 0, 'the session to end');
    const workstation = await shown();
    expect(workstation?.pausedUntil).toBeGreaterThan(0);
    expect(workstation?.session).toBeUndefined();
    expect(done).toContain('notify paused');
    expect(
      done.filter((call) => call === 'lower'),
      'nothing was opened for it',
    ).toHaveLength(lowered);
    await phone.call('workstation.lock', { workstationId: workstation?.workstationId ?? '' });
    await waitFor('locking');
    expect((await shown())?.pausedUntil).toBeUndefined();
  });

  test('that forbids pausing goes on guarding, and the phone does not say otherwise', async () => {
    policy = { ...DEFAULT_POLICY, maxPauseMinutes: 0 };
    await approve();
    const heard: string[] = [];
    guard.subscribe(({ event }) => heard.push(event.type));
    await pauseFor(15);
    await eventually(() => heard.includes('gateway.pauseCommand'), 'the command');
    expect(guard.current().state.name).toBe('present');
    const workstation = await shown();
    expect(workstation?.session).toBeDefined();
    expect(workstation?.pausedUntil).toBeUndefined();
  });
});

test('a workstation that is covered, or about to lock, is not paused by a gateway that tells it to', async () => {
  await approve();
  const { state } = guard.current();
  const sessionId =
    state.name === 'present' && state.presence.kind === 'session' ? state.presence.session.sessionId : '';
  tell({ type: 'user.lockNow', from: 'tray' });
  await waitFor('locking');
  tell({ type: 'gateway.pauseCommand', sessionId, minutes: 15 });
  expect(guard.current().state.name).toBe('locking');
  tell({ type: 'os.locked', evidence: 'test' });
  tell({ type: 'os.unlocked', evidence: 'test' });
  tell({ type: 'gateway.pauseCommand', sessionId, minutes: 15 });
  expect(guard.current().state.name).toBe('verifying');
});
