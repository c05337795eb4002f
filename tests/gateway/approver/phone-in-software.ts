import type { OutgoingHttpHeaders } from 'node:http';
import {
  APPROVER_CALLS,
  APPROVER_STATE_PATH,
  type ApproverAnswer,
  type ApproverCall,
  ApproverFailureSchema,
  type ApproverRequest,
} from '../../../protocol/approver.ts';
import type { AssertionOptions } from '../../../protocol/approver-passkey.ts';
import { type ApprovalRequest, type ApproverState, ApproverStateSchema } from '../../../protocol/approver-state.ts';
import { type Answered, type ApproverUnderTest, exchange, ORIGIN } from './approver-under-test.ts';
import { type Falsified, SoftwareAuthenticator } from './software-authenticator.ts';

/** Where a phone comes to. `ca`: whose certificates it takes at an `https:` address. */
export type PhonesGateway = Pick<ApproverUnderTest, 'url'> & { readonly ca?: string };

/** A phone's browser with the approver's page, as far as the gateway can tell. */
export class PhoneInSoftware {
  readonly authenticator: SoftwareAuthenticator;
  readonly #approver: PhonesGateway;
  readonly #origin: string;
  cookie: string | null = null;
  recoveryCode: string | null = null;
  /** Added to every call, or in place of the browser's own. */
  headers: OutgoingHttpHeaders = {};

  constructor(approver: PhonesGateway, origin = ORIGIN) {
    this.#approver = approver;
    this.#origin = origin;
    this.authenticator = new SoftwareAuthenticator(origin);
  }

  get #trust(): { readonly ca?: string } {
    return this.#approver.ca === undefined ? {} : { ca: this.#approver.ca };
  }

  /** Posts; what comes back is not judged. */
  async post(call: ApproverCall, request: unknown): Promise<Answered> {
    const answered = await exchange(this.#approver.url, {
      ...this.#trust,
      method: 'POST',
      path: APPROVER_CALLS[call].path,
      headers: {
        'Content-Type': 'application/json',
        Origin: this.#origin,
        'Sec-Fetch-Site': 'same-origin',
        ...(this.cookie === null ? {} : { Cookie: this.cookie }),
        ...this.headers,
      },
      body: typeof request === 'string' ? request : JSON.stringify(request),
    });
    const [set] = answered.headers['set-cookie'] ?? [];
    if (set !== undefined) this.cookie = set.split(';', 1)[0] ?? null;
    return answered;
  }

  /** Posts, and expects the agreed answer. */
  async call<C extends ApproverCall>(call: C, request: ApproverRequest<C>): Promise<ApproverAnswer<C>> {
    const { status, text } = await this.post(call, request);
    if (status !== 200) throw new Error(`${call} was answered ${status} ${text}`);
    return APPROVER_CALLS[call].answer.parse(JSON.parse(text)) as ApproverAnswer<C>;
  }

  /** Posts, and expects a refusal. */
  async refusal(call: ApproverCall, request: unknown): Promise<string> {
    const { status, text } = await this.post(call, request);
    if (status === 200) throw new Error(`${call} was not refused`);
    return ApproverFailureSchema.parse(JSON.parse(text)).code;
  }

  /** With the link that a workstation shows. */
  async enroll(link: string, phoneName = 'Phone', falsified: Falsified = {}): Promise<ApproverState> {
    const code = codeOf(link);
    const { options } = await this.call('enroll.begin', { code });
    const passkey = this.authenticator.create(options, falsified);
    const { state, recoveryCode } = await this.call('enroll.finish', { code, phoneName, passkey });
    this.recoveryCode = recoveryCode ?? null;
    return state;
  }

  async signIn(falsified: Falsified = {}): Promise<ApproverState> {
    const { signInId, options } = await this.call('sign-in.begin', {});
    const passkey = this.authenticator.assert(options, falsified);
    return (await this.call('sign-in.finish', { signInId, passkey })).state;
  }

  async state(): Promise<ApproverState> {
    const { status, text } = await exchange(this.#approver.url, {
      ...this.#trust,
      method: 'GET',
      path: APPROVER_STATE_PATH,
      headers: this.cookie === null ? {} : { Cookie: this.cookie },
    });
    if (status !== 200) throw new Error(`the state was answered ${status} ${text}`);
    return ApproverStateSchema.parse(JSON.parse(text));
  }

  /** The one request that waits. */
  async asked(): Promise<ApprovalRequest> {
    const { requests } = await this.state();
    const [only] = requests;
    if (only === undefined || requests.length > 1) throw new Error(`${requests.length} requests wait`);
    return only;
  }

  async optionsFor(request: ApprovalRequest, number: string): Promise<AssertionOptions> {
    return (await this.call('request.begin', { requestId: request.requestId, number })).options;
  }

  /** Picks the number and uses the passkey. */
  async approve(request: ApprovalRequest, number: string): Promise<ApproverState> {
    const passkey = this.authenticator.assert(await this.optionsFor(request, number));
    return (await this.call('request.approve', { requestId: request.requestId, passkey })).state;
  }
}

/** The code in a link, which a browser keeps to itself. */
export function codeOf(link: string): string {
  return new URL(link).hash.replace(/^#enroll=/, '');
}

/** Another number than the one shown. */
export function wrongNumber(request: ApprovalRequest, right: string): string {
  const other = request.numbers.find((number) => number !== right);
  if (other === undefined) throw new Error('there is no choice of numbers');
  return other;
}
