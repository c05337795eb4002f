import type { IncomingMessage } from 'node:http';
import { type Address, isFromElsewhere } from '../http/exchange.ts';
import { asAnswer, refused, type WireAnswer } from '../http/reply.ts';
import { renderPhonePage } from '../phone/page.ts';
import { quotePlus, unquotePlus } from './form-encoding.ts';
import { isPhoneAction, operatePhone, phoneState } from './phone-actions.ts';
import { type LinkState, renderPhoneView, renderUnknownPerson } from './phone-view.ts';
import type { Service, User } from './service.ts';

const HTML = 'text/html; charset=utf-8';

function linkState(service: Service, user: User, address: Address): LinkState {
  const token = address.query.get('registration');
  if (token === null) return { kind: 'none' };
  return service.acceptsRegistrationToken(user, token) ? { kind: 'valid', token } : { kind: 'expired' };
}

function phoneView(service: Service, user: User | undefined, address: Address): string {
  if (user === undefined) return renderUnknownPerson();
  return renderPhoneView(phoneState(service, user), linkState(service, user, address), user.lastSms);
}

/**
 * The simulated phone: `/phone/<userId>` is its page, `…/view` the part of it that changes, `…/state` the same as
 * JSON, and a POST to `…/<action>` operates it. Nobody signs here: whoever knows the user id holds the phone, as
 * whoever holds a real phone does. That is also why nothing lists the user ids.
 */
export function answerPhone(service: Service, request: IncomingMessage, address: Address): WireAnswer {
  const [, encodedUser = '', what] = address.path;
  if (address.path.length > 3) return asAnswer(refused(404, 'NOT_FOUND'));
  const userId = unquotePlus(encodedUser);
  const user = userId === undefined ? undefined : service.user(userId);

  if (what === undefined || what === 'view' || what === 'state') {
    if (request.method !== 'GET') return asAnswer(refused(405, 'METHOD_NOT_ALLOWED', { Allow: 'GET' }));
    if (what !== 'state') return phoneHtml(service, user, address, what === undefined);
    return asAnswer(
      user === undefined ? refused(404, 'UNKNOWN_USER') : { status: 200, body: { ...phoneState(service, user) } },
    );
  }

  if (!isPhoneAction(what)) return asAnswer(refused(404, 'NOT_FOUND'));
  if (request.method !== 'POST') return asAnswer(refused(405, 'METHOD_NOT_ALLOWED', { Allow: 'POST' }));
  if (isFromElsewhere(request, address.host)) return asAnswer(refused(403, 'CROSS_SITE'));
  if (user === undefined) return asAnswer(refused(404, 'UNKNOWN_USER'));

  const answer = operatePhone(service, user, what, address.query.get('registration') ?? undefined);
  // A form sent by a browser without script: back to the page, which shows what became of it.
  if (request.headers.accept?.includes('text/html') === true) {
    const headers = { Location: `/phone/${quotePlus(user.userId)}` };
    return { kind: 'text', status: 303, contentType: HTML, text: '', headers };
  }
  if (answer.ok) return asAnswer({ status: 200, body: { ...answer.state } });
  return asAnswer({ status: 409, body: { status: false, reason: answer.objection, state: answer.state } });
}

function phoneHtml(service: Service, user: User | undefined, address: Address, isPage: boolean): WireAnswer {
  const view = phoneView(service, user, address);
  const headers = { 'X-Service-Time': String(Date.parse(service.shownTime(service.nowMs()))) };
  const who = user?.displayName ?? user?.userId ?? '';
  const viewUrl = user === undefined ? null : `/phone/${quotePlus(user.userId)}/view`;
  const text = isPage ? renderPhonePage({ view, who, viewUrl }) : view;
  return { kind: 'text', status: user === undefined ? 404 : 200, contentType: HTML, text, headers };
}
