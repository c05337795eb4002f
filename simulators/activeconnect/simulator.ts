import { randomBytes } from 'node:crypto';
import { type Clock, systemClock } from '../clock.ts';
import type { FaultRequest } from './faults.ts';
import { HttpFront } from './http-front.ts';
import { phoneUrl } from './management-calls.ts';
import { operatePhone, type PhoneAction, type PhoneState, phoneState } from './phone-actions.ts';
import { isUserId, type RegistrationSms, Service, type User } from './service.ts';

export const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_WALKAWAY_MS = 10_000;
/** Five minutes, as PROVIDERS §1 says of the real service. */
export const DEFAULT_CLOSE_MS = 300_000;
export const DEFAULT_PENDING_MS = 60_000;

/** A person the service knows from the start; what a caller keeps of a former run to go on where it ended. */
export interface KnownUser {
  readonly userId: string;
  readonly displayName?: string | undefined;
  readonly registered: boolean;
}

export interface ActiveconnectSimulatorOptions {
  /** Address to listen on, default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Default 0: any free port. */
  readonly port?: number | undefined;
  /** Letters, digits and `._~-`; default random. */
  readonly appId?: string | undefined;
  /** Printable ASCII without spaces; default random. */
  readonly appSecret?: string | undefined;
  /** Milliseconds away until `walkaway`, default 10 000. */
  readonly walkawayMs?: number | undefined;
  /** Milliseconds away until `closed`, default 300 000. */
  readonly closeMs?: number | undefined;
  /** Milliseconds a request waits on the phone until `timeout`, default 60 000. */
  readonly pendingMs?: number | undefined;
  readonly clock?: Clock | undefined;
  /** Default nobody. */
  readonly users?: readonly KnownUser[] | undefined;
  /** Whether `POST /faults` and `DELETE /faults` exist, default no. */
  readonly allowFaults?: boolean | undefined;
}

/** A phone in a program's hand. Every action throws where the phone's page would refuse it, with the same sentence. */
export type SimulatedPhone = Readonly<Record<PhoneAction, () => PhoneState>> & {
  state(): PhoneState;
  readonly pageUrl: string;
  /** The last registration SMS this person was sent. */
  lastSms(): RegistrationSms | undefined;
};

export interface ActiveconnectSimulator {
  readonly url: string;
  readonly appId: string;
  readonly appSecret: string;
  /** Throws where nobody has this user id (also later, in every function of the phone, when the person was deleted). */
  phone(userId: string): SimulatedPhone;
  /** Everybody the service knows, in the form `users` takes. */
  knownUsers(): readonly KnownUser[];
  /** Spoils the next matching calls; throws a ZodError where the fault itself is malformed. */
  injectFault(fault: FaultRequest): void;
  clearFaults(): void;
  /** Ends open connections, hanging ones included. */
  close(): Promise<void>;
}

/** Says which option is wrong, for whoever typed it. */
export class SimulatorOptionError extends Error {
  override readonly name = 'SimulatorOptionError';
}

function checkOptions(appId: string, appSecret: string, limits: Readonly<Record<string, number>>): void {
  if (!/^[A-Za-z0-9._~-]{1,64}$/.test(appId)) {
    throw new SimulatorOptionError('The application id must be 1 to 64 letters, digits or any of . _ ~ -');
  }
  if (!/^[\x21-\x7e]{1,256}$/.test(appSecret)) {
    throw new SimulatorOptionError(
      'The application secret must be 1 to 256 printable ASCII characters without spaces.',
    );
  }
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new SimulatorOptionError(`${name} must be a whole number of milliseconds, at least 1.`);
  }
}

export async function startActiveconnectSimulator(
  options: ActiveconnectSimulatorOptions = {},
): Promise<ActiveconnectSimulator> {
  const host = options.host ?? DEFAULT_HOST;
  const appId = options.appId ?? randomBytes(8).toString('hex');
  const appSecret = options.appSecret ?? randomBytes(24).toString('base64url');
  const limits = {
    walkawayMs: options.walkawayMs ?? DEFAULT_WALKAWAY_MS,
    closeMs: options.closeMs ?? DEFAULT_CLOSE_MS,
    pendingMs: options.pendingMs ?? DEFAULT_PENDING_MS,
  };
  checkOptions(appId, appSecret, limits);
  if (limits.closeMs <= limits.walkawayMs) {
    throw new SimulatorOptionError(
      `closeMs (${limits.closeMs}) must be greater than walkawayMs (${limits.walkawayMs}).`,
    );
  }

  const service = new Service({ appId, appSecret, limits, clock: options.clock ?? systemClock });
  restoreUsers(service, options.users ?? []);
  const front = new HttpFront(service, options.allowFaults ?? false);
  const port = await front.listen(host, options.port ?? 0);
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    url,
    appId,
    appSecret,
    phone: (userId) => phoneInHand(service, url, userId),
    knownUsers: () =>
      service
        .users()
        .map((user) => ({ userId: user.userId, displayName: user.displayName, registered: user.phone !== undefined })),
    injectFault: (fault) => front.faults.inject(fault),
    clearFaults: () => front.faults.clear(),
    close: () => front.close(),
  };
}

function restoreUsers(service: Service, users: readonly KnownUser[]): void {
  for (const { userId, displayName, registered } of users) {
    if (!isUserId(userId))
      throw new SimulatorOptionError('A known user has an empty, overlong or unprintable user id.');
    const user = service.addUser(userId);
    user.displayName = displayName;
    if (registered) service.registerPhone(user);
  }
}

function phoneInHand(service: Service, url: string, userId: string): SimulatedPhone {
  const known = (): User => {
    const user = service.user(userId);
    if (user === undefined) throw new Error('The simulated service knows nobody by this user id.');
    return user;
  };
  const act = (action: PhoneAction) => (): PhoneState => {
    const answer = operatePhone(service, known(), action);
    if (!answer.ok) throw new Error(answer.objection);
    return answer.state;
  };
  return {
    register: act('register'),
    approve: act('approve'),
    deny: act('deny'),
    ignore: act('ignore'),
    leave: act('leave'),
    return: act('return'),
    close: act('close'),
    state: () => phoneState(service, known()),
    pageUrl: phoneUrl(url, known()),
    lastSms: () => known().lastSms,
  };
}
