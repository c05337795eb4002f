import { createHash, createHmac, randomBytes } from 'node:crypto';
import { request } from 'node:http';

/**
 * A client of PROVIDERS §1 written from its text alone. It shares no code with the simulator, and it can be told to
 * send any single thing wrong.
 */
const CALL_TIMEOUT_MS = 5000;

export interface Signed {
  readonly nonce: string;
  readonly timestamp: string;
  readonly headers: Record<string, string>;
}

export interface Deviations {
  readonly nonce?: string;
  readonly timestamp?: string;
  readonly version?: string;
  readonly target?: string;
  readonly prefixes?: readonly string[];
  readonly host?: string;
  readonly headers?: (signed: Record<string, string>) => Record<string, string>;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
  readonly json: unknown;
}

export interface Credentials {
  readonly clientId: string;
  readonly secret: string;
}

export function signatureOf(nonce: string, secret: string, target: string, timestamp: string): string {
  const token = createHash('sha256').update(nonce, 'ascii').update(secret, 'ascii').digest().subarray(0, 16);
  const mac = createHmac('sha256', token).update(nonce).update(target).update(timestamp);
  return mac.digest().subarray(0, 16).toString('base64');
}

function sign(
  url: string,
  { clientId, secret }: Credentials,
  nowMs: number,
  deviations: Deviations,
): Record<string, string> {
  const nonce = deviations.nonce ?? randomBytes(8).readBigUInt64BE().toString(10);
  const timestamp = deviations.timestamp ?? String(Math.floor(nowMs / 1000));
  const target = deviations.target ?? url.slice(url.indexOf('://') + 3);
  const headers: Record<string, string> = {
    Authentication: `hmac ${clientId}:${nonce}:${signatureOf(nonce, secret, target, timestamp)}`,
  };
  for (const prefix of deviations.prefixes ?? ['X-Sonikpass-Authentication', 'X-IAMPASS-Authentiaction']) {
    headers[`${prefix}-Timestamp`] = timestamp;
    headers[`${prefix}-Version`] = deviations.version ?? '1';
  }
  return deviations.headers?.(headers) ?? headers;
}

function asJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (error) {
    return { notJson: String(error) };
  }
}

export function send(method: string, url: string, headers: Record<string, string>, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method, headers, agent: false, timeout: CALL_TIMEOUT_MS }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: asJson(text) });
      });
    });
    call.on('timeout', () => call.destroy(new Error('no answer in time')));
    call.on('error', reject);
    call.end(body);
  });
}

/** Python's quote_plus, spelt out. */
export function quotePlus(text: string): string {
  let quoted = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const sign = String.fromCharCode(byte);
    if (/[A-Za-z0-9_.~-]/.test(sign)) quoted += sign;
    else quoted += sign === ' ' ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return quoted;
}

export interface StartedSession extends Credentials {
  readonly statusUrl: string;
  readonly logoutUrl: string;
}

export class VendorClient {
  readonly base: string;
  readonly application: Credentials;
  readonly #nowMs: () => number;

  constructor(base: string, appId: string, appSecret: string, nowMs: () => number = Date.now) {
    this.base = base;
    this.application = { clientId: appId, secret: appSecret };
    this.#nowMs = nowMs;
  }

  call(method: string, url: string, credentials: Credentials, deviations: Deviations = {}): Promise<Answer> {
    const headers = sign(url, credentials, this.#nowMs(), deviations);
    if (deviations.host !== undefined) headers['Host'] = deviations.host;
    return send(method, url, headers, deviations.body);
  }

  post(path: string, body: unknown, deviations: Deviations = {}): Promise<Answer> {
    const text = deviations.body ?? JSON.stringify(body);
    return this.call('POST', this.base + path, this.application, { ...deviations, body: text });
  }

  get(path: string, deviations: Deviations = {}): Promise<Answer> {
    return this.call('GET', this.base + path, this.application, deviations);
  }

  addUsers(...users: string[]): Promise<Answer> {
    return this.post(`/management/add_users/${this.application.clientId}`, { users });
  }

  of(call: string, user: string, query = ''): string {
    return `/management/${call}/${this.application.clientId}/${quotePlus(user)}${query}`;
  }

  authenticate(user: string, query = ''): Promise<Answer> {
    return this.post(`/authentication/authenticate_user/${this.application.clientId}/${quotePlus(user)}${query}`, {});
  }

  async startSession(user: string, query = ''): Promise<StartedSession> {
    const { authentication_status: started } = record((await this.authenticate(user, query)).json);
    const fields = record(started);
    const text = (name: string): string => {
      const value = fields[name];
      if (typeof value !== 'string') throw new Error(`the answer has no ${name}: ${JSON.stringify(fields)}`);
      return value;
    };
    return {
      statusUrl: text('status_url'),
      logoutUrl: text('logout_url'),
      clientId: text('session_token'),
      secret: text('session_secret'),
    };
  }

  /** As the vendor's client does it: announced as JSON, with an empty body. */
  status(session: StartedSession): Promise<Answer> {
    const headers = (signed: Record<string, string>) => ({ ...signed, 'Content-Type': 'application/json' });
    return this.call('GET', session.statusUrl, session, { headers });
  }

  logout(session: StartedSession): Promise<Answer> {
    const headers = (signed: Record<string, string>) => ({
      ...signed,
      'Content-Type': 'application/json',
      'Content-Length': '0',
    });
    return this.call('POST', session.logoutUrl, session, { headers });
  }

  async statusOf(session: StartedSession): Promise<unknown> {
    const { authentication_status: fields } = record((await this.status(session)).json);
    return record(fields)['session_status'];
  }
}

export function record(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new Error(`not an object: ${JSON.stringify(value)}`);
  return { ...value };
}
