import type { PasskeyAssertion } from '../../../protocol/approver-passkey.ts';
import type { GatewayClock } from '../../clock.ts';
import type { GatewayHost } from '../provider.ts';
import { pauseChallengeOf } from './challenges.ts';
import { PAUSE_GRANT_MS } from './limits.ts';
import type { PasskeyUse } from './passkey-use.ts';
import type { Phone } from './phones.ts';
import { ApproverRefusal } from './refusal.ts';
import type { BookedSession, KnownWorkstation } from './session-book.ts';
import { type ApprovedSessions, handleOf } from './sessions.ts';

const MINUTE_MS = 60_000;
/** How a workstation says that a session ended because it paused (main/core). */
const PAUSED = 'paused';

export interface PausesPorts {
  readonly clock: GatewayClock;
  readonly sessions: ApprovedSessions;
  readonly passkeyUse: PasskeyUse;
  readonly host: () => GatewayHost | null;
}

/** A challenge a phone may answer once, and what its signature would consent to. */
interface OpenGrant {
  readonly challenge: string;
  readonly workstationId: string;
  readonly sessionId: string;
  readonly minutes: number;
  /** Elapsed time of the gateway's clock. */
  readonly deadline: number;
}

interface Granted {
  readonly sessionId: string;
  readonly minutes: number;
  /** Elapsed time; `null` until the workstation has said that it paused. */
  until: number | null;
}

/**
 * Pauses granted from the phone. A grant puts off the next question to the phone, so it takes the passkey each time, like the answer to one;
 * and it opens nothing: it goes to the workstation where the person is in now, which heeds it only while that very session proves presence.
 * Kept in memory: after a restart of the gateway an open grant is void, and phones no longer know of a pause that goes on.
 */
export class Pauses {
  readonly #ports: PausesPorts;
  /** By phone: the newest only. */
  readonly #open = new Map<string, OpenGrant>();
  /** By workstation of a person. */
  readonly #granted = new Map<string, Granted>();

  constructor(ports: PausesPorts) {
    this.#ports = ports;
  }

  /** The challenge; one that this phone had before is void. @throws ApproverRefusal */
  begin(phone: Phone, workstation: KnownWorkstation, minutes: number): string {
    const { clock } = this.#ports;
    const { sessionId } = this.#sessionToPause(phone, workstation, minutes);
    const { tokenName, deviceId, workstationId } = workstation;
    const expiresAt = Math.floor(clock.wallMs()) + PAUSE_GRANT_MS;
    const terms = { userId: phone.userId, workstation: { tokenName, deviceId }, sessionId, minutes, expiresAt };
    const challenge = pauseChallengeOf(terms);
    this.#forgetOld();
    this.#open.set(phone.phoneId, {
      challenge,
      workstationId,
      sessionId,
      minutes,
      deadline: clock.elapsedMs() + PAUSE_GRANT_MS,
    });
    return challenge;
  }

  /** @throws ApproverRefusal; nobody is told to pause then */
  async grant(phone: Phone, workstation: KnownWorkstation, minutes: number, passkey: PasskeyAssertion): Promise<void> {
    const { clock, passkeyUse, host } = this.#ports;
    const { workstationId, tokenName, deviceId } = workstation;
    const open = this.#open.get(phone.phoneId);
    // Taken out before it is checked: whatever comes of it, it is not answered again.
    this.#open.delete(phone.phoneId);
    if (open === undefined || clock.elapsedMs() >= open.deadline) throw new ApproverRefusal('PASSKEY_REFUSED');
    if (open.workstationId !== workstationId || open.minutes !== minutes) throw new ApproverRefusal('PASSKEY_REFUSED');
    if (passkey.id !== phone.credentialId) throw new ApproverRefusal('PASSKEY_UNKNOWN');
    await passkeyUse.check(passkey, open.challenge);
    // Locked, ended or started anew while the phone was asked: what was signed was another session.
    const { sessionId } = this.#sessionToPause(phone, workstation, minutes);
    if (sessionId !== open.sessionId) throw new ApproverRefusal('NOBODY_IN');
    // Before it is told: the workstation may answer at once.
    this.#granted.set(workstationId, { sessionId, minutes, until: null });
    const { providerId, serialized } = handleOf(sessionId);
    const told = host()?.pauseSession(
      (handle) => handle.providerId === providerId && handle.serialized === serialized,
      minutes,
    );
    if (told !== true) {
      this.#granted.delete(workstationId);
      throw new ApproverRefusal('WORKSTATION_AWAY');
    }
    const detail = `pause of ${minutes} minutes granted by phone ${phone.phoneId}`;
    host()?.audit.append({ event: 'approver.answered', userId: phone.userId, tokenName, deviceId, detail });
  }

  /** The workstation ended a session. @returns whether it did so to pause, as a phone had granted */
  noteEnded({ workstationId, sessionId }: BookedSession, reason: string | undefined): boolean {
    const granted = this.#granted.get(workstationId);
    if (reason !== PAUSED || granted?.sessionId !== sessionId || granted.until !== null) return false;
    granted.until = this.#ports.clock.elapsedMs() + granted.minutes * MINUTE_MS;
    return true;
  }

  /** It asks again, or was told to lock. */
  noteOver(workstationId: string): void {
    this.#granted.delete(workstationId);
  }

  /** @returns until when at the latest (Unix milliseconds), or null */
  pausedUntil(workstationId: string): number | null {
    const { clock } = this.#ports;
    const until = this.#granted.get(workstationId)?.until ?? null;
    const leftMs = until === null ? 0 : until - clock.elapsedMs();
    return leftMs <= 0 ? null : Math.floor(clock.wallMs() + leftMs);
  }

  /** The session the person is in with there, and nobody else's. @throws ApproverRefusal */
  #sessionToPause({ userId }: Phone, workstation: KnownWorkstation, minutes: number): BookedSession {
    const { sessions, host } = this.#ports;
    if (minutes > (host()?.maxPauseMinutes ?? 0)) throw new ApproverRefusal('PAUSE_TOO_LONG');
    const { workstationId } = workstation;
    const here = sessions.active(userId).findLast(({ session }) => session.workstationId === workstationId);
    if (here === undefined) throw new ApproverRefusal('NOBODY_IN');
    if (host()?.isConnected(workstation) !== true) throw new ApproverRefusal('WORKSTATION_AWAY');
    return here.session;
  }

  #forgetOld(): void {
    const now = this.#ports.clock.elapsedMs();
    for (const [phoneId, { deadline }] of this.#open) if (now >= deadline) this.#open.delete(phoneId);
    for (const [workstationId, { until }] of this.#granted)
      if (until !== null && now >= until) this.#granted.delete(workstationId);
  }
}
