import { chmod, lstat, mkdir, rm } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { dirname } from 'node:path';
import type { CertificatePair } from './certificate-files.ts';
import { ConfigurationError } from './configuration-error.ts';

/** What is served now; read when it is needed, since it may be renewed. */
export interface ServedCertificate extends CertificatePair {
  /** Hands over each new pair until the returned function is called. Absent: this pair for good. */
  subscribe?(serve: (pair: CertificatePair) => void): () => void;
  /** Looks for a new pair at once. */
  reload?(): Promise<void>;
}

/** Where the gateway listens. */
export type ListenAddress =
  | {
      readonly kind: 'tcp';
      readonly host: string;
      /** 0: any free port. */
      readonly port: number;
      /** `null`: plain `ws://`. */
      readonly tls: ServedCertificate | null;
    }
  | {
      readonly kind: 'socket';
      /** Unix socket path, or `\\.\pipe\…` on Windows. */
      readonly path: string;
    };

/** A listener that accepts nothing within this is not alive. */
const STALE_PROBE_MS = 1_000;
const SOCKET_KEY = 'listen.socketPath';

/** Listens and resolves with the URL to connect to. @throws Error from the system, or ConfigurationError for a socket path that is not ours to take */
export async function listenAt(server: Server, address: ListenAddress): Promise<string> {
  if (address.kind === 'tcp') {
    const { host, port } = address;
    await listening(server, () => server.listen({ host, port })).catch((fault: NodeJS.ErrnoException) => {
      throw explained(fault, port);
    });
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new Error('a TCP listener has no port');
    const urlHost = host.includes(':') ? `[${host}]` : host;
    return `${address.tls === null ? 'ws' : 'wss'}://${urlHost}:${bound.port}`;
  }
  const { path } = address;
  if (isWindowsPipe(path)) {
    await listening(server, () => server.listen({ path, readableAll: false, writableAll: false }));
    return `ws+unix:${path}`;
  }
  await prepareSocketFolder(dirname(path));
  await listenOnPrivateSocket(server, path, SOCKET_KEY);
  return `ws+unix:${path}`;
}

/**
 * A Unix socket that only this user may connect to, in a folder that the caller has made sure of.
 *
 * @param key names the setting in what is thrown
 * @throws Error from the system, or ConfigurationError for a path that is not ours to take
 */
export async function listenOnPrivateSocket(server: Server, path: string, key: string): Promise<void> {
  await removeStaleSocket(path, key);
  // Created closed: between bind and a later chmod anybody could connect. Binding happens inside `listen`, synchronously.
  const umask = process.umask(0o177);
  const listens = listening(server, () => server.listen({ path }));
  process.umask(umask);
  await listens;
  await chmod(path, 0o600);
}

/** The system's words for why it would not listen name a call; these name the key. A taken port is no mistake in the file. */
function explained(fault: NodeJS.ErrnoException, port: number): Error {
  switch (fault.code) {
    case 'EADDRINUSE':
      return new Error(`listen.port: ${port} is in use by another program.`, { cause: fault });
    case 'EACCES':
      return new ConfigurationError('listen.port', 'a port that this user may listen on, such as one above 1023');
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ConfigurationError('listen.host', 'an address of this machine');
    default:
      return fault;
  }
}

export function isWindowsPipe(path: string): boolean {
  return /^\\\\[.?]\\pipe\\/.test(path);
}

function listening(server: Server, start: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      resolve();
    });
    start();
  });
}

/** Made 0700 when it is missing. One that others may write to would let them replace the socket by their own. */
async function prepareSocketFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const found = await lstat(folder);
  const ours = found.isDirectory() && found.uid === process.geteuid?.();
  if (!ours) throw new ConfigurationError(SOCKET_KEY, 'a folder of this user');
  if ((found.mode & 0o077) !== 0)
    throw new ConfigurationError(SOCKET_KEY, 'a folder that only this user may enter (mode 0700)');
}

/** A socket nobody listens on is left over from a killed run; a live one, or anything else, is not ours to delete. */
async function removeStaleSocket(path: string, key: string): Promise<void> {
  const found = await lstat(path).catch((fault: NodeJS.ErrnoException) => {
    if (fault.code === 'ENOENT') return null;
    throw fault;
  });
  if (found === null) return;
  if (!found.isSocket()) throw new ConfigurationError(key, 'a path that is free or an old socket');
  if (await acceptsConnections(path)) {
    throw new ConfigurationError(key, 'a socket on which no other gateway listens');
  }
  await rm(path);
}

function acceptsConnections(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ path, timeout: STALE_PROBE_MS });
    const done = (alive: boolean) => {
      probe.destroy();
      resolve(alive);
    };
    probe.once('connect', () => done(true));
    probe.once('timeout', () => done(true));
    probe.once('error', () => done(false));
  });
}
