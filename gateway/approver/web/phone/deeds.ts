import type { ApproverAnswer, ApproverCall, ApproverRequest } from '../../../../protocol/approver.ts';
import type { ApproverState } from '../../../../protocol/approver-state.ts';
import { type Asked, ask, type FailureCode } from '../gateway/ask.ts';
import type { GatewayLink } from '../gateway/link.ts';
import type { Words } from '../words/en.ts';
import { assertPasskey, type PasskeyTrouble } from './passkey.ts';

/** Why something was not done: the gateway said so, or the phone's passkey was not used. */
export type Trouble =
  | { readonly from: 'gateway'; readonly code: FailureCode }
  | { readonly from: 'passkey'; readonly trouble: PasskeyTrouble };
export type Done<T> = { readonly ok: true; readonly answer: T } | { readonly ok: false; readonly trouble: Trouble };

export function sentenceOf(trouble: Trouble, words: Words): string {
  return trouble.from === 'gateway' ? words.errors[trouble.code] : words.passkey[trouble.trouble];
}

const said = <T>(asked: Asked<T>): Done<T> =>
  asked.ok ? asked : { ok: false, trouble: { from: 'gateway', code: asked.code } };
const unused = (trouble: PasskeyTrouble): Done<never> => ({ ok: false, trouble: { from: 'passkey', trouble } });

export function isGateway(trouble: Trouble, ...codes: readonly FailureCode[]): boolean {
  return trouble.from === 'gateway' && codes.includes(trouble.code);
}

/** What the person does, as the gateway takes it. New states go to the link before an answer is given back. */
export class Deeds {
  readonly #link: GatewayLink;

  constructor(link: GatewayLink) {
    this.#link = link;
  }

  async signIn(): Promise<Done<null>> {
    const begun = await ask('sign-in.begin', {});
    if (!begun.ok) return said(begun);
    const used = await assertPasskey(begun.answer.options);
    if (!used.ok) return unused(used.trouble);
    const finished = await ask('sign-in.finish', { signInId: begun.answer.signInId, passkey: used.passkey });
    if (!finished.ok) return said(finished);
    this.#link.take(finished.answer.state);
    return { ok: true, answer: null };
  }

  /** A call for which a session is enough. */
  async do<C extends ApproverCall>(call: C, request: ApproverRequest<C>): Promise<Done<ApproverAnswer<C>>> {
    const asked = await ask(call, request);
    if (asked.ok) this.#take(asked.answer);
    else if (asked.code === 'SIGN_IN_NEEDED') this.#link.signedOut();
    else if (asked.code === 'OUTDATED') this.#link.outdated();
    // A refusal brings no state, and what is on the screen is old by now.
    else void this.#link.look();
    return said(asked);
  }

  /** A call that wants the passkey used lately: asks for it when the gateway says so, and then does it. */
  async doFreshly<C extends ApproverCall>(call: C, request: ApproverRequest<C>): Promise<Done<ApproverAnswer<C>>> {
    const first = await this.do(call, request);
    if (first.ok || !isGateway(first.trouble, 'FRESH_SIGN_IN_NEEDED')) return first;
    const signedIn = await this.signIn();
    return signedIn.ok ? this.do(call, request) : signedIn;
  }

  /** The passkey signs a challenge that is bound to this request and this number. */
  async approve(requestId: string, number: string): Promise<Done<null>> {
    const begun = await this.do('request.begin', { requestId, number });
    if (!begun.ok) return begun;
    const used = await assertPasskey(begun.answer.options);
    if (!used.ok) return unused(used.trouble);
    const approved = await this.do('request.approve', { requestId, passkey: used.passkey });
    return approved.ok ? { ok: true, answer: null } : approved;
  }

  /** The passkey signs a challenge that is bound to the session there and to these minutes. */
  async pause(workstationId: string, minutes: number): Promise<Done<null>> {
    const begun = await this.do('workstation.pause.begin', { workstationId, minutes });
    if (!begun.ok) return begun;
    const used = await assertPasskey(begun.answer.options);
    if (!used.ok) return unused(used.trouble);
    const paused = await this.do('workstation.pause', { workstationId, minutes, passkey: used.passkey });
    return paused.ok ? { ok: true, answer: null } : paused;
  }

  #take(answer: { readonly state?: ApproverState | undefined } | object): void {
    if ('state' in answer && answer.state !== undefined) this.#link.take(answer.state);
  }
}
