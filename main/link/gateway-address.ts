import { Agent, type AgentOptions } from 'node:http';
import { createConnection } from 'node:net';
import { isLoopbackHostname } from '../../protocol/loopback.ts';
import { err, ok, type Result } from '../../protocol/result.ts';
import type { DeviceSigner } from '../core/ports.ts';

/** How this workstation proves itself. A token is sent in `hello`, never in a URL or header, which proxies log. */
export type Introduction =
  | { readonly token: string }
  /** A shared gateway: by its key; the token, `null` once it has done its work, only makes the key known. */
  | { readonly token: string | null; readonly device: DeviceSigner };

/** Where the gateway is and how this workstation proves itself to it. */
export type GatewayTarget = Introduction &
  (
    | { readonly url: string; readonly ca?: string }
    /** Unix socket, or `\\.\pipe\…` on Windows. */
    | { readonly socketPath: string }
  );

/** What `ws` needs to get there. */
export interface GatewayAddress {
  readonly url: string;
  readonly agent: Agent | null;
  /** A certificate authority of the organisation, PEM, besides the public ones; null: the usual ones. */
  readonly ca: string | null;
  /** Stable name of the place, without the token: tells whether two targets are the same gateway. */
  readonly place: string;
}

/**
 * An agent rather than a `ws+unix:` URL: that form splits at a colon and percent-encodes spaces, and macOS's user data folder
 * has a space in it.
 */
class LocalSocketAgent extends Agent {
  readonly #socketPath: string;
  constructor(socketPath: string, options?: AgentOptions) {
    super(options);
    this.#socketPath = socketPath;
  }
  override createConnection() {
    return createConnection(this.#socketPath);
  }
}

/**
 * @returns the address, or a sentence why it is not acceptable: the token and the verdict "this person is here" go over this
 * connection, so outside this computer it must be TLS.
 */
export function gatewayAddress(target: GatewayTarget): Result<GatewayAddress, string> {
  if ('socketPath' in target) {
    const agent = new LocalSocketAgent(target.socketPath);
    return ok({ url: 'ws://localhost/', agent, ca: null, place: `local:${target.socketPath}` });
  }
  if (!URL.canParse(target.url)) return err('The gateway’s address is not a web address.');
  const url = new URL(target.url);
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    return err('The gateway’s address must hold no user name, password or fragment.');
  }
  if (url.protocol === 'wss:' || (url.protocol === 'ws:' && isLoopbackHostname(url.hostname))) {
    return ok({ url: url.href, agent: null, ca: target.ca ?? null, place: url.href });
  }
  return err('The gateway’s address must begin with wss:// unless the gateway runs on this computer.');
}
