import { randomBytes } from 'node:crypto';
import { quotePlus } from '../activeconnect/form-encoding.ts';
import { DEFAULT_HOST, SimulatorOptionError } from '../activeconnect/simulator.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { FaultRequest } from './faults.ts';
import { HttpFront, isUserId } from './http-front.ts';
import type { Data } from './methods.ts';
import { operatePhone, type PhoneAction, type PhoneState, phoneState } from './phone.ts';
import { type Person, Service } from './service.ts';

export const DEFAULT_PREFIX = '/api/v1/auth/2factor/';
export const DEFAULT_PERSON = 'person';
/** What the simulator itself serves. */
const OWN_PATHS = /^\/(?:$|phone\/|assets\/|faults\/)/;

export interface TwoFactorSimulatorOptions {
  /** Address to listen on, default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Default 0: any free port. */
  readonly port?: number | undefined;
  /** Where the interface is mounted, default {@link DEFAULT_PREFIX}. */
  readonly prefix?: string | undefined;
  /** Name of the header by which people sign in, default `Authorization`. */
  readonly headerName?: string | undefined;
  /** The header's whole value; default `Token ` and something random. Followed by `:<userId>` it signs that person in. */
  readonly authorization?: string | undefined;
  /** Whose value that is, default `person`. */
  readonly person?: string | undefined;
  /** Send the methods' JSON schemas as `config_user_schema`. The vendor's server does not: default no. */
  readonly schemas?: boolean | undefined;
  readonly clock?: Clock | undefined;
  /** Whether `POST /faults` and `DELETE /faults` exist, default no. */
  readonly allowFaults?: boolean | undefined;
}

/** A phone in a program's hand. Every action throws where the phone's page would refuse it, with the same sentence. */
export type SimulatedPhone = Readonly<Record<PhoneAction, () => PhoneState>> & {
  state(): PhoneState;
  readonly pageUrl: string;
  /** The code that was sent last and is not used. Throws where there is none. */
  code(): string;
  /** A confirmed, active config, as if it had been set up on the host project's own pages. @returns its id */
  setUp(method: string, settings: Data, isDefault?: boolean): number;
};

export interface TwoFactorSimulator {
  /** With the prefix. */
  readonly url: string;
  readonly authorization: string;
  readonly person: string;
  /** The person is made known if need be. */
  phone(userId?: string): SimulatedPhone;
  /** Switches a method on or off for everybody, as an administrator of the host project would. */
  setMethodActive(method: string, isActive: boolean): void;
  injectFault(fault: FaultRequest): void;
  clearFaults(): void;
  /** Ends open connections, hanging ones included. */
  close(): Promise<void>;
}

/** @throws SimulatorOptionError */
export async function startTwoFactorSimulator(options: TwoFactorSimulatorOptions = {}): Promise<TwoFactorSimulator> {
  const host = options.host ?? DEFAULT_HOST;
  const prefix = options.prefix ?? DEFAULT_PREFIX;
  const headerName = options.headerName ?? 'Authorization';
  const authorization = options.authorization ?? `Token ${randomBytes(20).toString('hex')}`;
  const personName = options.person ?? DEFAULT_PERSON;
  checkOptions(prefix, headerName, authorization, personName);
  const service = new Service(options.clock ?? systemClock);
  const front = new HttpFront(service, {
    prefix,
    headerName: headerName.toLowerCase(),
    authorization,
    person: personName,
    withSchemas: options.schemas ?? false,
    allowFaults: options.allowFaults ?? false,
  });
  service.signedIn(personName);
  const port = await front.listen(host, options.port ?? 0);
  const origin = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    url: `${origin}${prefix}`,
    authorization,
    person: personName,
    phone: (userId = personName) => phoneInHand(service, origin, userId),
    setMethodActive: (key, isActive) => {
      methodConfig(service, key).isActive = isActive;
    },
    injectFault: (fault) => front.faults.inject(fault),
    clearFaults: () => front.faults.clear(),
    close: () => front.close(),
  };
}

function checkOptions(prefix: string, headerName: string, authorization: string, person: string): void {
  if (!/^\/(?:[A-Za-z0-9._~-]+\/)*$/.test(prefix) || OWN_PATHS.test(prefix)) {
    throw new SimulatorOptionError(`The prefix must be a path such as ${DEFAULT_PREFIX}, with a slash at both ends.`);
  }
  if (!/^[A-Za-z0-9-]{1,80}$/.test(headerName)) {
    throw new SimulatorOptionError('The header must be 1 to 80 letters, digits or hyphens.');
  }
  if (!/^[!-~](?:[ -~]{0,510}[!-~])?$/.test(authorization)) {
    throw new SimulatorOptionError("The header's value must be 1 to 512 printable ASCII characters.");
  }
  if (!isUserId(person)) throw new SimulatorOptionError('The person must have 1 to 256 printable characters.');
}

function methodConfig(service: Service, key: string) {
  const found = service.methodConfigs.find(({ method }) => method.key === key);
  if (found === undefined) throw new Error(`There is no method "${key}".`);
  return found;
}

function phoneInHand(service: Service, origin: string, userId: string): SimulatedPhone {
  const known = (): Person => {
    const person = service.signedIn(userId);
    if (person === undefined) throw new Error('The simulated service is full.');
    return person;
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
    close: act('close'),
    state: () => phoneState(known()),
    pageUrl: `${origin}/phone/${quotePlus(userId)}`,
    code() {
      const [newest] = phoneState(known()).codes;
      if (newest === undefined) throw new Error('No code was sent that is not used.');
      return newest.code;
    },
    setUp(method, settings, isDefault = true) {
      const wanted = { config: settings, isActive: true, isDefault };
      const { config, confirmation } = service.createConfig(known(), methodConfig(service, method), wanted);
      config.status = '085-confirmed';
      if (confirmation !== null) service.consume(confirmation);
      return config.id;
    },
  };
}
