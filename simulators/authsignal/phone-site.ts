import type { IncomingMessage } from 'node:http';
import { type Address, isFromElsewhere } from '../http/exchange.ts';
import type { WireAnswer } from '../http/reply.ts';
import { renderPhonePage } from '../phone/page.ts';
import { notFound, onTheWire, refused } from './answer.ts';
import { isPhoneAction, operatePhone, phoneState } from './phone-actions.ts';
import { type LinkState, renderPhoneView, renderUnknownPerson } from './phone-view.ts';
import type { Tenant, User } from './tenant.ts';

const HTML = 'text/html; charset=utf-8';

function linkState(tenant: Tenant, user: User, address: Address): LinkState {
  const settings = address.query.get('settings');
  const token = settings ?? address.query.get('token');
  if (token === null) return { kind: 'none' };
  const action = tenant.actionOfToken(token);
  if (action?.userId !== user.userId) return { kind: 'expired' };
  return settings !== null && action.toSettings ? { kind: 'valid', token } : { kind: 'none' };
}

/**
 * The simulated phone: `/phone/<userId>` is its page, `…/view` the part of it that changes, `…/state` the same as JSON, and a POST to
 * `…/<action>` operates it. Nobody signs here: whoever knows the user id holds the phone, which is why nothing lists the user ids.
 */
export async function answerPhone(
  tenant: Tenant,
  request: IncomingMessage,
  address: Address,
  path: readonly string[],
): Promise<WireAnswer> {
  const [, userId = '', what] = path;
  if (path.length > 3) return onTheWire(notFound('page'));
  const user = tenant.user(userId);
  if (what === undefined || what === 'view' || what === 'state') {
    if (request.method !== 'GET') return methodNotAllowed('GET');
    if (what !== 'state') return phoneHtml(tenant, user, address, what === undefined);
    return onTheWire(user === undefined ? notFound('user') : { status: 200, body: phoneState(tenant, user) });
  }
  if (!isPhoneAction(what)) return onTheWire(notFound('page'));
  if (request.method !== 'POST') return methodNotAllowed('POST');
  if (isFromElsewhere(request, address.host)) return onTheWire(refused(403, 'cross_site', 'Not from another page.'));
  if (user === undefined) return onTheWire(notFound('user'));
  const answer = await operatePhone(tenant, user, what, address.query.get('settings') ?? undefined);
  // A form sent by a browser without script: back to the page, which shows what became of it.
  if (request.headers.accept?.includes('text/html') === true) {
    const headers = { Location: `/phone/${encodeURIComponent(userId)}` };
    return { kind: 'text', status: 303, contentType: HTML, text: '', headers };
  }
  if (answer.ok) return onTheWire({ status: 200, body: answer.state });
  return onTheWire({ status: 409, body: { status: false, reason: answer.objection, state: answer.state } });
}

function methodNotAllowed(allowed: string): WireAnswer {
  return onTheWire(refused(405, 'method_not_allowed', `Only ${allowed}.`, { Allow: allowed }));
}

function phoneHtml(tenant: Tenant, user: User | undefined, address: Address, isPage: boolean): WireAnswer {
  const view =
    user === undefined
      ? renderUnknownPerson()
      : renderPhoneView(phoneState(tenant, user), linkState(tenant, user, address));
  const headers = { 'X-Service-Time': String(tenant.nowMs()) };
  const who = user?.attributes.displayName ?? user?.userId ?? '';
  const viewUrl = user === undefined ? null : `/phone/${encodeURIComponent(user.userId)}/view`;
  const text = isPage ? renderPhonePage({ view, who, viewUrl }) : view;
  return { kind: 'text', status: user === undefined ? 404 : 200, contentType: HTML, text, headers };
}
