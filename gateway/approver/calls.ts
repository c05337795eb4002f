import { APPROVER_CALLS } from '../../protocol/approver.ts';
import type { AssertionOptions, CreationOptions } from '../../protocol/approver-passkey.ts';
import type { ApproverState } from '../../protocol/approver-state.ts';
import { PHONE_LOCK_REASONS } from '../../protocol/lock-reasons.ts';
import { OpenChallenges } from '../providers/passkey/challenges.ts';
import { CHALLENGE_MS, PAUSE_GRANT_MS, REQUEST_MS, SIGN_INS_PER_MINUTE } from '../providers/passkey/limits.ts';
import { randomId } from '../providers/passkey/people.ts';
import type { Phone } from '../providers/passkey/phones.ts';
import type { PasskeyService } from '../providers/passkey/provider.ts';
import { ApproverRefusal } from '../providers/passkey/refusal.ts';
import { type KnownWorkstation, workstationIdOf } from '../providers/passkey/session-book.ts';
import { PASSKEY_ALGORITHMS } from '../providers/passkey/verify.ts';
import { SlidingWindow } from '../rate-limit.ts';
import { type ApproverRoute, forAnybody, forSignedIn } from './call-table.ts';
import type { PushHints } from './push.ts';
import type { SignIn, SignIns } from './sign-ins.ts';
import { stateOf } from './state.ts';

const MINUTE_MS = 60_000;
const MAX_SHOWN_TITLE = 60;

export interface CallPorts {
  readonly service: PasskeyService;
  readonly signIns: SignIns;
  readonly push: PushHints;
  /** Somebody may have been signed out: live connections are looked through. */
  readonly signedOut: () => void;
}

/** Everything a phone's page can ask for, one route for each row of APPROVER_CALLS. */
export function approverRoutes(ports: CallPorts): readonly ApproverRoute[] {
  return [...entranceRoutes(ports), ...requestRoutes(ports), ...workstationRoutes(ports), ...phoneRoutes(ports)];
}

function entranceRoutes({ service, signIns }: CallPorts): ApproverRoute[] {
  const { enrollment, ties, passkeyUse, site, title, clock, host } = service;
  const challenges = new OpenChallenges(clock);
  const begun = new SlidingWindow([{ events: SIGN_INS_PER_MINUTE, windowMs: MINUTE_MS }], clock);
  const shown = (signIn: SignIn) => ({ state: shownTo({ service, signIns }, signIn) });
  return [
    forAnybody(APPROVER_CALLS['enroll.begin'], ({ code }) => {
      const { person, challenge, others, joins } = enrollment.begin(code);
      const name = person.displayName === '' ? title : person.displayName;
      const options: CreationOptions = {
        challenge,
        rp: { id: site.rpId, name: title.slice(0, MAX_SHOWN_TITLE) },
        user: { id: person.handle, name, displayName: name },
        pubKeyCredParams: PASSKEY_ALGORITHMS.map((alg) => ({ alg, type: 'public-key' })),
        timeout: CHALLENGE_MS,
        excludeCredentials: others.map(descriptorOf),
        authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
        attestation: 'none',
      };
      return { options, ...(joins ? { workstation: name } : {}) };
    }),
    forAnybody(APPROVER_CALLS['enroll.finish'], async ({ code, phoneName, passkey }, from) => {
      const { phone, recoveryCode } = await enrollment.finish(code, phoneName, passkey);
      const { state } = shown(from.signIn(phone));
      return { state, ...(recoveryCode === undefined ? {} : { recoveryCode }) };
    }),
    forSignedIn(APPROVER_CALLS['enroll.join'], ({ code }, { session }) => {
      ties.join(code, phoneOf(service, session));
      return shown(session);
    }),
    forAnybody(APPROVER_CALLS.recover, ({ recoveryCode }) => ({ code: enrollment.recover(recoveryCode) })),
    forAnybody(APPROVER_CALLS['sign-in.begin'], (_nothing, { address }) => {
      if (!begun.take(address)) throw new ApproverRefusal('RATE_LIMITED');
      const signInId = randomId();
      const options: AssertionOptions = {
        challenge: challenges.make(signInId),
        rpId: site.rpId,
        timeout: CHALLENGE_MS,
        userVerification: 'required',
        allowCredentials: [],
      };
      return { signInId, options };
    }),
    forAnybody(APPROVER_CALLS['sign-in.finish'], async ({ signInId, passkey }, from) => {
      const challenge = challenges.take(signInId);
      if (challenge === null) throw new ApproverRefusal('PASSKEY_REFUSED');
      const phone = await passkeyUse.check(passkey, challenge);
      const detail = `phone ${phone.phoneId}`;
      host()?.audit.append({ event: 'approver.signed-in', userId: phone.userId, detail });
      return shown(from.signIn(phone));
    }),
    forSignedIn(APPROVER_CALLS['sign-out'], (_nothing, from) => {
      from.signOut();
      return {};
    }),
  ];
}

function requestRoutes(ports: CallPorts): ApproverRoute[] {
  const { service } = ports;
  const { approvals, site } = service;
  return [
    forSignedIn(APPROVER_CALLS['request.begin'], ({ requestId, number }, { session }) => {
      const phone = phoneOf(service, session);
      const options: AssertionOptions = {
        challenge: approvals.begin(phone, requestId, number),
        rpId: site.rpId,
        timeout: REQUEST_MS,
        userVerification: 'required',
        allowCredentials: [descriptorOf(phone)],
      };
      return { options };
    }),
    forSignedIn(APPROVER_CALLS['request.approve'], async ({ requestId, passkey }, { session }) => {
      await approvals.approve(phoneOf(service, session), requestId, passkey);
      return { state: shownTo(ports, session) };
    }),
    forSignedIn(APPROVER_CALLS['request.deny'], ({ requestId }, { session }) => {
      approvals.deny(phoneOf(service, session), requestId);
      return { state: shownTo(ports, session) };
    }),
    forSignedIn(APPROVER_CALLS['request.not-me'], ({ requestId }, { session }) => {
      approvals.reportNotMe(phoneOf(service, session), requestId);
      return { state: shownTo(ports, session) };
    }),
  ];
}

function workstationRoutes(ports: CallPorts): ApproverRoute[] {
  const { service } = ports;
  const { book, blocks, sessions, pauses, people, ties, site, host, clock } = service;

  function end(session: SignIn, workstation: KnownWorkstation, kind: 'locked-from-phone' | 'ended-from-phone'): void {
    const { workstationId, name } = workstation;
    const reason = kind === 'locked-from-phone' ? 'locked from the phone' : 'ended from the phone';
    pauses.noteOver(workstationId);
    sessions.finishAll(session.userId, (theirs) => theirs.workstationId === workstationId, reason);
    const phone = phoneOf(service, session).name;
    people.note(session.userId, Math.floor(clock.wallMs()), kind, { workstation: name, phone });
  }

  function othersAreIn(workstation: KnownWorkstation): boolean {
    const others = book.usersAt(workstation).filter((userId) => userId !== workstation.userId);
    return others.some((userId) => {
      const here = workstationIdOf(userId, workstation);
      return sessions.active(userId).some(({ session }) => session.workstationId === here);
    });
  }

  return [
    forSignedIn(APPROVER_CALLS['workstation.lock'], ({ workstationId }, { session }) => {
      const workstation = workstationOf(service, session, workstationId);
      // Somebody who used it once must not lock out whoever is in now.
      if (othersAreIn(workstation)) throw new ApproverRefusal('UNKNOWN');
      // First, and whatever the database does.
      const told = host()?.lockWorkstation(workstation, PHONE_LOCK_REASONS.lockedFromPhone) ?? false;
      end(session, workstation, 'locked-from-phone');
      if (!told) throw new ApproverRefusal('WORKSTATION_AWAY');
      return { state: shownTo(ports, session) };
    }),
    forSignedIn(APPROVER_CALLS['workstation.end'], ({ workstationId }, { session }) => {
      end(session, workstationOf(service, session, workstationId), 'ended-from-phone');
      return { state: shownTo(ports, session) };
    }),
    forSignedIn(APPROVER_CALLS['workstation.pause.begin'], ({ workstationId, minutes }, { session }) => {
      const phone = phoneOf(service, session);
      const options: AssertionOptions = {
        challenge: pauses.begin(phone, workstationOf(service, session, workstationId), minutes),
        rpId: site.rpId,
        timeout: PAUSE_GRANT_MS,
        userVerification: 'required',
        allowCredentials: [descriptorOf(phone)],
      };
      return { options };
    }),
    forSignedIn(APPROVER_CALLS['workstation.pause'], async ({ workstationId, minutes, passkey }, { session }) => {
      const workstation = workstationOf(service, session, workstationId);
      await pauses.grant(phoneOf(service, session), workstation, minutes, passkey);
      return { state: shownTo(ports, session) };
    }),
    forSignedIn(APPROVER_CALLS['workstation.unblock'], ({ workstationId }, { session }) => {
      const { tokenName, deviceId } = workstationOf(service, session, workstationId);
      blocks.unblock(workstationId);
      const detail = `block taken back by phone ${session.phoneId}`;
      host()?.audit.append({ event: 'approver.answered', userId: session.userId, tokenName, deviceId, detail });
      return { state: shownTo(ports, session) };
    }),
    forSignedIn(APPROVER_CALLS['workstation.remove'], ({ workstationId }, { session }) => {
      ties.removeFromPhone(phoneOf(service, session), workstationOf(service, session, workstationId));
      return { state: shownTo(ports, session) };
    }),
  ];
}

function phoneRoutes(ports: CallPorts): ApproverRoute[] {
  const { service, signIns, push, signedOut } = ports;
  const { phones, people, enrollment, clock } = service;
  return [
    forSignedIn(APPROVER_CALLS['phone.add'], (_nothing, { session }) => enrollment.makeLink(session.userId)),
    forSignedIn(APPROVER_CALLS['phone.rename'], ({ phoneId, name }, { session }) => {
      phones.rename(ownPhone(service, session, phoneId).phoneId, name);
      people.note(session.userId, Math.floor(clock.wallMs()), 'phone-renamed', { phone: name });
      return { state: shownTo(ports, session) };
    }),
    forSignedIn(APPROVER_CALLS['phone.revoke'], ({ phoneId }, { session, signOut }) => {
      enrollment.revoke(ownPhone(service, session, phoneId), 'the phone was revoked');
      signIns.closeAll((signIn) => signIn.phoneId === phoneId);
      signedOut();
      if (phoneId !== session.phoneId) return { state: shownTo(ports, session) };
      signOut();
      return {};
    }),
    forSignedIn(APPROVER_CALLS['recovery.renew'], (_nothing, { session }) => ({
      recoveryCode: enrollment.renewRecovery(session.userId),
    })),
    forSignedIn(APPROVER_CALLS['push.subscribe'], async (subscription, { session }) => {
      if (!(await push.accepts(subscription.endpoint))) throw new ApproverRefusal('PUSH_REFUSED');
      phones.subscribe(phoneOf(service, session).phoneId, subscription);
      return { state: shownTo(ports, session) };
    }),
    forSignedIn(APPROVER_CALLS['push.unsubscribe'], (_nothing, { session }) => {
      phones.unsubscribe(session.phoneId);
      return { state: shownTo(ports, session) };
    }),
  ];
}

/** A sign-in can outlive its phone for the length of a call. @throws ApproverRefusal SIGN_IN_NEEDED */
function phoneOf({ phones }: PasskeyService, { phoneId }: SignIn): Phone {
  const phone = phones.find(phoneId);
  if (phone === null) throw new ApproverRefusal('SIGN_IN_NEEDED');
  return phone;
}

function ownPhone({ phones }: PasskeyService, { userId }: SignIn, phoneId: string): Phone {
  const phone = phones.find(phoneId);
  if (phone === null || phone.userId !== userId) throw new ApproverRefusal('UNKNOWN');
  return phone;
}

function workstationOf({ book }: PasskeyService, { userId }: SignIn, workstationId: string): KnownWorkstation {
  const workstation = book.workstation(workstationId);
  if (workstation === null || workstation.userId !== userId) throw new ApproverRefusal('UNKNOWN');
  return workstation;
}

function shownTo({ service, signIns }: Pick<CallPorts, 'service' | 'signIns'>, signIn: SignIn): ApproverState {
  const state = stateOf(service, signIns, signIn);
  if (state === null) throw new ApproverRefusal('SIGN_IN_NEEDED');
  return state;
}

function descriptorOf({ credentialId, transports }: Phone) {
  const type = 'public-key' as const;
  return { id: credentialId, type, ...(transports.length === 0 ? {} : { transports: [...transports] }) };
}
