import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AuditLog } from '../audit-log.ts';
import { HTTP_HEADERS_TIMEOUT_MS, HTTP_REQUEST_TIMEOUT_MS, MAX_HTTP_HEADER_BYTES } from '../limits.ts';
import { describeFault, type GatewayLogger } from '../logger.ts';
import { bodyOf } from '../request-body.ts';
import type { Administered } from './administered.ts';
import { codeRoutes } from './code-calls.ts';
import { deviceRoutes } from './device-calls.ts';
import { AdminRefusal } from './refusal.ts';
import type { About, AdminRoute, AdminRoutes } from './route.ts';
import { userRoutes } from './user-calls.ts';
import {
  ADMIN_ERRORS,
  ADMIN_ROOT,
  type AdminErrorCode,
  MAX_ADMIN_ANSWER_BYTES,
  MAX_ADMIN_REQUEST_BYTES,
} from './wire/calls.ts';

/** Administrators are few, and each call is one connection. */
const MAX_ADMIN_CONNECTIONS = 8;
const JSON_BODY = /^application\/json(?:\s*;|$)/i;

export interface AdminDoorPorts {
  readonly administered: Administered;
  readonly audit: AuditLog;
  readonly logger: GatewayLogger;
}

/** The HTTP server behind the administrator's socket, not yet listening. Whoever reaches the socket is the administrator: its mode decides. */
export function createAdminServer({ administered, audit, logger }: AdminDoorPorts): Server {
  const all: AdminRoutes = {
    ...userRoutes(administered),
    ...deviceRoutes(administered),
    ...codeRoutes(administered),
  };
  const routes = new Map<string, AdminRoute>(Object.entries(all));

  /** Every call is in the audit log, refused ones too, with its outcome; never with what was answered. */
  function note(call: string, { userId, id }: About, outcome: 'done' | AdminErrorCode): void {
    const detail = [call, ...(id === undefined ? [] : [id]), 'by the administrator:', outcome].join(' ');
    audit.append({ event: 'administrator.called', ...(userId === undefined ? {} : { userId }), detail });
  }

  /** @throws AdminRefusal */
  async function ran(request: IncomingMessage): Promise<unknown> {
    const path = request.url ?? '';
    const call = path.slice(ADMIN_ROOT.length);
    const route = request.method === 'POST' && path.startsWith(ADMIN_ROOT) ? routes.get(call) : undefined;
    if (route === undefined) throw new AdminRefusal('UNKNOWN_CALL');
    if (!JSON_BODY.test(request.headers['content-type'] ?? '')) throw new AdminRefusal('BAD_REQUEST');
    const body = await bodyOf(request, MAX_ADMIN_REQUEST_BYTES);
    if (body === 'too-large') throw new AdminRefusal('TOO_LARGE');
    const accepted = route.accept(jsonOf(body));
    if (accepted === null) throw new AdminRefusal('BAD_REQUEST');
    try {
      const answer = accepted.run();
      note(call, accepted.about, 'done');
      return answer;
    } catch (fault) {
      note(call, accepted.about, fault instanceof AdminRefusal ? fault.code : 'INTERNAL');
      throw fault;
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      answerJson(response, 200, await ran(request));
    } catch (fault) {
      if (!(fault instanceof AdminRefusal)) {
        // Whoever breaks off in the middle of a body is no defect.
        logger[request.complete ? 'error' : 'info'](
          { fault: describeFault(fault) },
          'a call of the administrator failed',
        );
      }
      refuse(response, fault instanceof AdminRefusal ? fault.code : 'INTERNAL');
    }
  }

  const server = createServer(
    {
      headersTimeout: HTTP_HEADERS_TIMEOUT_MS,
      requestTimeout: HTTP_REQUEST_TIMEOUT_MS,
      maxHeaderSize: MAX_HTTP_HEADER_BYTES,
    },
    (request, response) => {
      answer(request, response).catch((fault: unknown) => {
        logger.error({ fault: describeFault(fault) }, 'an answer to the administrator failed');
        response.destroy();
      });
    },
  );
  server.maxConnections = MAX_ADMIN_CONNECTIONS;
  return server;
}

function refuse(response: ServerResponse, code: AdminErrorCode): void {
  const { status, text } = ADMIN_ERRORS[code];
  answerJson(response, status, { code, message: text });
}

/** One call for each connection: a body that was not read to its end is never taken for the next one. */
function answerJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  if (Buffer.byteLength(text) > MAX_ADMIN_ANSWER_BYTES) throw new RangeError('an answer is too large');
  response.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close' }).end(text);
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // Whatever the parser says quotes the body.
    throw new AdminRefusal('BAD_REQUEST');
  }
}
