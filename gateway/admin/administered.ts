import type { GatewayClock } from '../clock.ts';
import type { KnownWorkstation } from '../device-keys/registry.ts';
import type { UserConfigs } from '../methods/user-configs.ts';
import type { PasskeyService } from '../providers/passkey/provider.ts';

/** The parts of a running gateway that its administrator works on. */
export interface Administered {
  readonly clock: GatewayClock;
  /** The people, phones and codes; `null` where a service elsewhere keeps them. */
  readonly passkeys: PasskeyService | null;
  /** What people set up of our own confirmation methods; `null` where they are not served. */
  readonly methods: UserConfigs | null;
  /** People who have a token in the configuration's `methods.people`. */
  readonly peopleWithToken: ReadonlySet<string>;
  /** Workstations known by their keys; `null` where a token is enough. */
  readonly workstations: AdministeredWorkstations | null;
  /** Sessions of the person at every workstation end now. @returns how many were not over */
  closeSessionsOfUser(userId: string, reason: string): number;
}

export interface AdministeredWorkstations {
  list(): readonly KnownWorkstation[];
  /** Its key counts no more, its connections and sessions end. @returns whether it was known */
  forget(workstation: Pick<KnownWorkstation, 'tokenName' | 'deviceId'>): boolean;
}
