import { PROTOCOL_VERSION } from '../protocol/frames.ts';
import type { AuditLog } from './audit-log.ts';
import type { Connection } from './connection.ts';
import type { GatewayHost, HostedWorkstation } from './providers/provider.ts';
import { speakable } from './session-frames.ts';

/** The workstations that are connected now, for a provider that lives in the gateway. */
export class Workstations {
  readonly #audit: AuditLog;
  readonly #connections = new Map<string, readonly Connection[]>();
  readonly #listeners: ((workstation: HostedWorkstation) => void)[] = [];

  constructor(audit: AuditLog) {
    this.#audit = audit;
  }

  hostFor(sessions: Pick<GatewayHost, 'serviceSaid' | 'pauseSession' | 'maxPauseMinutes'>): GatewayHost {
    return {
      ...sessions,
      audit: this.#audit,
      lockWorkstation: (workstation, reason) => this.#lock(workstation, reason),
      isConnected: (workstation) => this.#of(workstation).length > 0,
      onConnections: (listener) => this.#listeners.push(listener),
    };
  }

  noteIntroduced(connection: Connection): void {
    const { workstation } = connection;
    if (workstation === null) return;
    this.#connections.set(keyOf(workstation), [...this.#of(workstation), connection]);
    this.#tell(workstation);
  }

  /** One that never introduced itself was never noted. */
  noteGone(connection: Connection): void {
    const { workstation } = connection;
    if (workstation === null) return;
    const others = this.#of(workstation).filter((other) => other !== connection);
    if (others.length === 0) this.#connections.delete(keyOf(workstation));
    else this.#connections.set(keyOf(workstation), others);
    this.#tell(workstation);
  }

  connectionsOf(workstation: HostedWorkstation): readonly Connection[] {
    return this.#of(workstation);
  }

  #tell(workstation: HostedWorkstation): void {
    for (const listener of this.#listeners) listener(workstation);
  }

  #lock({ tokenName, deviceId }: HostedWorkstation, reason: string): boolean {
    const told = this.#of({ tokenName, deviceId });
    this.#audit.append({
      event: 'workstation.told-to-lock',
      tokenName,
      deviceId,
      detail: told.length === 0 ? `not connected: ${reason}` : reason,
    });
    for (const connection of told) {
      connection.send({ v: PROTOCOL_VERSION, type: 'command.lock', reason: speakable(reason) ?? '' });
    }
    return told.length > 0;
  }

  #of(workstation: HostedWorkstation): readonly Connection[] {
    return this.#connections.get(keyOf(workstation)) ?? [];
  }
}

const keyOf = ({ tokenName, deviceId }: HostedWorkstation): string => JSON.stringify([tokenName, deviceId]);
