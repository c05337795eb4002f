import {
  createServer as createPlainServer,
  type IncomingMessage,
  type Server as PlainServer,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer, type ServerOptions, type Server as TlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { MAX_FRAME_BYTES } from '../protocol/frames.ts';
import type { CertificatePair } from './certificate-files.ts';
import { GatewayWebSocket } from './gateway-web-socket.ts';
import { type HttpDoor, refuseUpgrade } from './http-door.ts';
import {
  HTTP_HEADERS_TIMEOUT_MS,
  HTTP_REQUEST_TIMEOUT_MS,
  HTTP_TIMEOUTS_LOOK_INTERVAL_MS,
  MAX_HTTP_HEADER_BYTES,
} from './limits.ts';
import type { ListenAddress, ServedCertificate } from './listen-address.ts';
import type { GatewayLogger } from './logger.ts';
import { addressOf } from './peer-address.ts';
import type { WebhookDoor } from './webhook-door.ts';

/** Paths on which a workstation may open its WebSocket. `/v1` is the stable name; `/` is for addresses typed by hand. */
export const WEB_SOCKET_PATHS: readonly string[] = ['/', '/v1'];

export type GatewayServer = PlainServer | TlsServer;

export interface ServerPorts {
  readonly logger: GatewayLogger;
  /** Browser origins that may connect. Default none: a workstation sends no Origin, a web page always does. */
  readonly allowedOrigins: readonly string[];
  readonly hasRoom: () => boolean;
  readonly health: () => { readonly healthy: boolean; readonly body: Record<string, unknown> };
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** Everything comes through one proxy, which appends to `X-Forwarded-For` whom it heard from. */
  readonly behindProxy: boolean;
  /** @param peerAddress whom limits count (peer-address.ts) */
  readonly onSocket: (socket: GatewayWebSocket, peerAddress: string) => void;
  /** Where the service may call; `null` where it never does. */
  readonly webhook: WebhookDoor | null;
  /** Parts that answer for themselves: the phones' door, our own confirmation methods. */
  readonly doors: readonly HttpDoor[];
}

/** The HTTP side: health, metrics, the service's webhook, the doors, and the upgrade to a WebSocket. Everything else is 404. */
export function createGatewayServer(address: ListenAddress, ports: ServerPorts): GatewayServer {
  const webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // ws' defaults (100 MiB, compression negotiable) are an invitation to fill the memory.
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    WebSocket: GatewayWebSocket,
  });
  const options = {
    headersTimeout: HTTP_HEADERS_TIMEOUT_MS,
    requestTimeout: HTTP_REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: HTTP_TIMEOUTS_LOOK_INTERVAL_MS,
    maxHeaderSize: MAX_HTTP_HEADER_BYTES,
  };
  const onRequest: RequestListener = (request, response) => {
    answer(request, response, ports).catch((fault: unknown) => {
      // Whoever breaks off in the middle of a body must not be able to fill the log with errors.
      const level = request.complete ? 'error' : 'info';
      ports.logger[level]({ fault: fault instanceof Error ? fault.message : 'unknown' }, 'an HTTP request failed');
      response.destroy();
    });
  };
  const tls = address.kind === 'tcp' ? address.tls : null;
  const server =
    tls === null
      ? createPlainServer(options, onRequest)
      : createRenewedTlsServer(tls, { ...options, handshakeTimeout: HTTP_REQUEST_TIMEOUT_MS }, onRequest);
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', (fault: Error) =>
      ports.logger.info({ fault: fault.message }, 'a connection broke before it opened'),
    );
    const door = ports.doors.find((each) => each.owns(pathOf(request)));
    if (door !== undefined) {
      door.upgrade(request, socket, head);
      return;
    }
    const refusal = refusalOfUpgrade(request, ports);
    if (refusal !== null) {
      ports.logger.warn({ refusal }, 'a WebSocket was refused');
      refuseUpgrade(socket, refusal);
      return;
    }
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      answerInOnePacket(socket);
      ports.onSocket(webSocket, addressOf(request, ports.behindProxy));
    });
  });
  return server;
}

/** New connections get the certificate that is served then; those that are open keep theirs. */
function createRenewedTlsServer(
  certificate: ServedCertificate,
  options: ServerOptions,
  onRequest: RequestListener,
): TlsServer {
  const secured = ({ cert, key }: CertificatePair) => ({ cert, key, minVersion: 'TLSv1.2' }) as const;
  const server = createTlsServer({ ...options, ...secured(certificate) }, onRequest);
  const unsubscribe = certificate.subscribe?.((pair) => server.setSecureContext(secured(pair)));
  server.on('close', () => unsubscribe?.());
  return server;
}

/** All answers to what arrived together, a pong and a state as a rule, leave with one call to the system: it costs more than making them. */
function answerInOnePacket(socket: Duplex): void {
  // Before ws' own listener, which answers.
  socket.prependListener('data', () => {
    socket.cork();
    process.nextTick(() => socket.uncork());
  });
}

function refusalOfUpgrade(request: IncomingMessage, ports: ServerPorts): string | null {
  if (!WEB_SOCKET_PATHS.includes(pathOf(request))) return '404 Not Found';
  // A page open in the person's browser can reach loopback and the local network; it must not be able to talk to the gateway.
  const { origin } = request.headers;
  if (origin !== undefined && !ports.allowedOrigins.includes(origin)) return '403 Forbidden';
  return ports.hasRoom() ? null : '503 Service Unavailable';
}

async function answer(request: IncomingMessage, response: ServerResponse, ports: ServerPorts): Promise<void> {
  const path = pathOf(request);
  const door = ports.doors.find((each) => each.owns(path));
  if (path === ports.webhook?.path) {
    await ports.webhook.answer(request, response);
  } else if (door !== undefined) {
    await door.answer(request, response);
  } else if (path !== '/healthz' && path !== '/metrics') {
    end(response, 404, 'text/plain', 'Not found.\n');
  } else if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    end(response, 405, 'text/plain', 'Only GET.\n');
  } else if (path === '/healthz') {
    const { healthy, body } = ports.health();
    end(response, healthy ? 200 : 503, 'application/json', `${JSON.stringify(body)}\n`);
  } else {
    const { contentType, text } = await ports.metrics();
    end(response, 200, contentType, text);
  }
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}

function end(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, {
    'Content-Type': contentType,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(body);
}
