import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { securityHeaders } from '../../gateway/approver/security-headers.ts';
import { answerWithFile, readStaticFiles, type StaticFiles } from '../../gateway/approver/static-files.ts';
import { siteOf } from '../../gateway/providers/passkey/site.ts';
import {
  APPROVER_CALLS,
  APPROVER_ERRORS,
  APPROVER_LIVE_PATH,
  APPROVER_STATE_PATH,
  type ApproverCall,
  type ApproverErrorCode,
  type ApproverRequest,
} from '../../protocol/approver.ts';
import { type ApproverState, ApproverStateSchema } from '../../protocol/approver-state.ts';
import { PasskeyDouble, Refusal } from './passkey-double.ts';

export const ENROLLMENT_CODE = 'abcdefghijklmnopqrst_-';
export const RECOVERY_CODE = '7KQM-2X9D-0V4T-HB3Z';
const COOKIE = 'session=signed-in';

/**
 * The server half by the letter of protocol/approver.ts: every body passes the strict schemas both ways, and passkeys are really verified
 * (@simplewebauthn/server). What it decides is scripted; the real one is tested on its own.
 */
export class GatewayDouble {
  readonly calls: { readonly call: ApproverCall; readonly request: unknown }[] = [];
  /** The number that the workstation shows. */
  rightNumber = '47';
  codeGood = true;
  /** Which shows the link; null: it is one of a phone. */
  ofWorkstation: string | null = 'DESK-0412';
  signedIn = false;
  /** The passkey was used lately: `fresh-session` calls are taken. */
  fresh = false;
  /** Answers nothing, as a gateway that is down behind its proxy. */
  down = false;
  socketsRefused = false;
  /** Answers as a gateway of another version. */
  garbled = false;
  version: string | null = null;
  stateAsked = 0;
  versionAsked = 0;
  failNext: ApproverErrorCode | null = null;
  #state: ApproverState;
  #page: StaticFiles = new Map();
  readonly #passkey = new PasskeyDouble();
  #pickedNumber = '';
  readonly #sockets = new Set<WebSocket>();
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #webSockets = new WebSocketServer({ noServer: true });
  origin = '';

  constructor(state: ApproverState) {
    this.#state = state;
  }

  static async start(folder: string, state: ApproverState): Promise<GatewayDouble> {
    const double = new GatewayDouble(state);
    await new Promise<void>((resolve) => double.#server.listen(0, '127.0.0.1', resolve));
    const address = double.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The gateway double has no port.');
    double.origin = `http://localhost:${address.port}`;
    double.#passkey.origin = double.origin;
    double.#page = await readStaticFiles(folder);
    double.#server.on('upgrade', (request, socket, head) => {
      const allowed = request.url === APPROVER_LIVE_PATH && request.headers.origin === double.origin;
      if (!allowed || double.down || double.socketsRefused || !double.#hasSession(request)) {
        socket.destroy();
        return;
      }
      double.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        double.#sockets.add(webSocket);
        webSocket.on('close', () => double.#sockets.delete(webSocket));
        double.#tell(webSocket, { v: 1, type: 'state', state: double.state });
      });
    });
    return double;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get state(): ApproverState {
    return { ...this.#state, serverTime: Date.now() };
  }

  get openSockets(): number {
    return this.#sockets.size;
  }

  /** Changes what is true, and says so over the WebSocket. */
  become(over: Partial<ApproverState>, { quietly = false } = {}): void {
    this.#state = { ...this.#state, ...over };
    if (!quietly) for (const socket of this.#sockets) this.#tell(socket, { v: 1, type: 'state', state: this.state });
  }

  goDown(): void {
    this.down = true;
    this.dropSockets();
  }

  dropSockets(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  signOut(): void {
    this.signedIn = false;
    for (const socket of this.#sockets) {
      this.#tell(socket, { v: 1, type: 'signed-out' });
      socket.close();
    }
  }

  forgetPasskey(): void {
    this.#passkey.forget();
  }

  called(call: ApproverCall): readonly unknown[] {
    return this.calls.filter((entry) => entry.call === call).map(({ request }) => request);
  }

  #tell(socket: WebSocket, frame: unknown): void {
    socket.send(JSON.stringify(frame));
  }

  #hasSession(request: IncomingMessage): boolean {
    return this.signedIn && (request.headers.cookie ?? '').includes(COOKIE);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.down) {
      response.destroy();
      return;
    }
    const { pathname } = new URL(request.url ?? '/', this.origin);
    if (!pathname.startsWith('/approver/api/')) {
      this.#file(pathname, request, response);
      return;
    }
    try {
      const { answer, cookie } = await this.#answer(pathname, request);
      const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
      response.writeHead(
        200,
        cookie ? { ...headers, 'set-cookie': `${COOKIE}; HttpOnly; SameSite=Strict; Path=/approver/` } : headers,
      );
      response.end(JSON.stringify(answer));
    } catch (error) {
      const code = error instanceof Refusal ? error.code : 'INTERNAL';
      if (code === 'INTERNAL') console.error(error);
      response.writeHead(APPROVER_ERRORS[code].status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ code, message: APPROVER_ERRORS[code].text }));
    }
  }

  #file(path: string, request: IncomingMessage, response: ServerResponse): void {
    if (path === '/approver/version.json') this.versionAsked += 1;
    if (path === '/approver/version.json' && this.version !== null) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ version: this.version }));
      return;
    }
    const headers = securityHeaders(siteOf(this.origin));
    if (!answerWithFile(this.#page, path, request, response, headers)) response.writeHead(404).end();
  }

  async #answer(
    path: string,
    request: IncomingMessage,
  ): Promise<{ readonly answer: unknown; readonly cookie?: boolean }> {
    if (path === APPROVER_STATE_PATH) {
      this.stateAsked += 1;
      if (!this.#hasSession(request)) throw new Refusal('SIGN_IN_NEEDED');
      return { answer: this.garbled ? { from: 'another version' } : ApproverStateSchema.parse(this.state) };
    }
    const call = callOf(path);
    if (call === null) throw new Refusal('UNKNOWN');
    if (request.headers.origin !== this.origin) throw new Refusal('WRONG_ORIGIN');
    const parsed = APPROVER_CALLS[call].request.safeParse(await bodyOf(request));
    if (!parsed.success) throw new Refusal('BAD_REQUEST');
    this.calls.push({ call, request: parsed.data });
    const { needs } = APPROVER_CALLS[call];
    if (needs !== 'nobody' && !this.#hasSession(request)) throw new Refusal('SIGN_IN_NEEDED');
    if (needs === 'fresh-session' && !this.fresh) throw new Refusal('FRESH_SIGN_IN_NEEDED');
    if (this.failNext !== null) {
      const code = this.failNext;
      this.failNext = null;
      throw new Refusal(code);
    }
    const answer = APPROVER_CALLS[call].answer.parse(await this.#do(call, parsed.data));
    return { answer, cookie: call === 'enroll.finish' || call === 'sign-in.finish' };
  }

  async #do(call: ApproverCall, request: unknown): Promise<unknown> {
    switch (call) {
      case 'enroll.begin':
        this.#checkCode(APPROVER_CALLS['enroll.begin'].request.parse(request).code);
        return {
          options: await this.#passkey.creationOptions(),
          ...(this.ofWorkstation === null ? {} : { workstation: this.ofWorkstation }),
        };
      case 'enroll.finish':
        await this.#register(APPROVER_CALLS['enroll.finish'].request.parse(request));
        return { state: this.state, recoveryCode: RECOVERY_CODE };
      case 'enroll.join':
        this.#checkCode(APPROVER_CALLS['enroll.join'].request.parse(request).code);
        this.codeGood = false;
        return { state: this.state };
      case 'recover':
        if (APPROVER_CALLS['recover'].request.parse(request).recoveryCode !== RECOVERY_CODE)
          throw new Refusal('RECOVERY_REFUSED');
        return { code: ENROLLMENT_CODE };
      case 'sign-in.begin':
        return { signInId: 'sign-in-000000000001', options: await this.#passkey.assertionOptions() };
      case 'sign-in.finish':
        await this.#passkey.verify(APPROVER_CALLS['sign-in.finish'].request.parse(request).passkey);
        this.signedIn = true;
        this.fresh = true;
        return { state: this.state };
      case 'sign-out':
        this.signedIn = false;
        return {};
      case 'request.begin':
        this.#pickedNumber = APPROVER_CALLS['request.begin'].request.parse(request).number;
        return { options: await this.#passkey.assertionOptions() };
      case 'request.approve':
        await this.#passkey.verify(APPROVER_CALLS['request.approve'].request.parse(request).passkey);
        this.#end(APPROVER_CALLS['request.approve'].request.parse(request).requestId);
        if (this.#pickedNumber !== this.rightNumber) throw new Refusal('WRONG_NUMBER');
        return { state: this.state };
      case 'request.deny':
        this.#end(APPROVER_CALLS['request.deny'].request.parse(request).requestId);
        return { state: this.state };
      case 'request.not-me':
        this.#end(APPROVER_CALLS['request.not-me'].request.parse(request).requestId);
        return { state: this.state };
      case 'phone.add':
        return { link: `${this.origin}/approver/#enroll=${ENROLLMENT_CODE}`, expiresAt: Date.now() + 600_000 };
      case 'phone.revoke':
        return this.#revoke(APPROVER_CALLS['phone.revoke'].request.parse(request).phoneId);
      case 'phone.rename':
        this.#rename(APPROVER_CALLS['phone.rename'].request.parse(request));
        return { state: this.state };
      case 'recovery.renew':
        return { recoveryCode: RECOVERY_CODE };
      case 'workstation.pause.begin':
        return { options: await this.#passkey.assertionOptions() };
      case 'workstation.pause':
        await this.#passkey.verify(APPROVER_CALLS['workstation.pause'].request.parse(request).passkey);
        return { state: this.state };
      case 'workstation.remove':
        this.#removeWorkstation(APPROVER_CALLS['workstation.remove'].request.parse(request).workstationId);
        return { state: this.state };
      case 'workstation.lock':
      case 'workstation.end':
      case 'workstation.unblock':
      case 'push.subscribe':
      case 'push.unsubscribe':
        return { state: this.state };
    }
  }

  #checkCode(code: string): void {
    if (code !== ENROLLMENT_CODE || !this.codeGood) throw new Refusal('CODE_REFUSED');
  }

  async #register({ code, passkey }: ApproverRequest<'enroll.finish'>): Promise<void> {
    this.#checkCode(code);
    await this.#passkey.register(passkey);
    this.codeGood = false;
    this.signedIn = true;
    this.fresh = true;
  }

  #end(requestId: string): void {
    const open = this.#state.requests.filter((pending) => pending.requestId !== requestId);
    if (open.length === this.#state.requests.length) throw new Refusal('REQUEST_GONE');
    this.become({ requests: open });
  }

  #revoke(phoneId: string): unknown {
    const phone = this.#state.phones.find((entry) => entry.phoneId === phoneId);
    if (phone === undefined) throw new Refusal('UNKNOWN');
    this.become({ phones: this.#state.phones.filter((entry) => entry !== phone) });
    if (!phone.thisPhone) return { state: this.state };
    this.signOut();
    return {};
  }

  #removeWorkstation(workstationId: string): void {
    this.become({ workstations: this.#state.workstations.filter((each) => each.workstationId !== workstationId) });
  }

  #rename({ phoneId, name }: ApproverRequest<'phone.rename'>): void {
    this.become({
      phones: this.#state.phones.map((phone) => (phone.phoneId === phoneId ? { ...phone, name } : phone)),
    });
  }
}

function callOf(path: string): ApproverCall | null {
  const entries = Object.entries(APPROVER_CALLS).filter(([, { path: own }]) => own === path);
  const name = entries[0]?.[0];
  return name !== undefined && isCall(name) ? name : null;
}

function isCall(name: string): name is ApproverCall {
  return Object.hasOwn(APPROVER_CALLS, name);
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}
