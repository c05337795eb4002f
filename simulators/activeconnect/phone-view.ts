import { assertNever } from '../assert-never.ts';
import { drawCountdown, drawMark } from '../phone/marks.ts';
import { escapeHtml } from '../phone/page.ts';
import { quotePlus } from './form-encoding.ts';
import type { PhoneAction, PhoneState } from './phone-actions.ts';
import type { RegistrationSms } from './service.ts';
import type { EndCause } from './session.ts';

/** How the page was reached: by a registration link that works, by one that no longer does, or without one. */
export type LinkState =
  | { readonly kind: 'none' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'valid'; readonly token: string };

const LABELS: Readonly<Record<PhoneAction, string>> = {
  register: 'Register this phone',
  approve: 'Approve',
  deny: 'Deny',
  ignore: 'Ignore',
  leave: 'Leave',
  return: 'Return',
  close: 'Close session',
};

const METHOD_WORDS: Readonly<Record<string, string>> = {
  acceptance: 'confirm here',
  device: 'unlock this phone',
  facial: 'show your face',
};

function causeWords(cause: EndCause): string {
  switch (cause) {
    case 'denied':
      return 'You denied it';
    case 'unanswered':
      return 'It was not answered in time';
    case 'away-too-long':
      return 'Your phone was away too long';
    case 'time-used-up':
      return 'Its time was used up';
    case 'closed-on-phone':
      return 'You closed it here';
    case 'logged-out':
      return 'The workstation ended it';
    case 'phone-replaced':
      return 'The phone was replaced';
    case 'phone-lost':
      return 'The phone was reported lost';
    case 'user-deleted':
      return 'You were removed';
    default:
      return assertNever(cause);
  }
}

/** Written in UTC for a browser without script; the page's script writes the phone's own time over it. */
function clockTime(iso: string): string {
  return `<time datetime="${iso}">${iso.slice(11, 19)} UTC</time>`;
}

function durationWords(seconds: number): string {
  const [count, unit] =
    seconds >= 3600 ? [seconds / 3600, 'hour'] : seconds >= 60 ? [seconds / 60, 'minute'] : [seconds, 'second'];
  const rounded = Math.round(count * 10) / 10;
  return `${rounded} ${unit}${rounded === 1 ? '' : 's'}`;
}

function row(name: string, html: string): string {
  return `<div><dt>${name}</dt><dd>${html}</dd></div>`;
}

interface Shown {
  readonly tone: 'present' | 'verifying' | 'leaving' | 'quiet';
  readonly picture: string;
  readonly title: string;
  readonly sentence: string;
  readonly rows?: string;
}

function showRequest(state: PhoneState, request: NonNullable<PhoneState['request']>): Shown {
  const how = request.methods.map((method) => METHOD_WORDS[method] ?? method).join(' or ');
  const others = request.waiting - 1;
  return {
    tone: 'verifying',
    picture: drawCountdown(request.askedAt, request.expiresAt),
    title: 'Is this you?',
    sentence: `A workstation asks whether ${escapeHtml(state.displayName ?? 'you')} may use it now.`,
    rows: [
      row('Asked', clockTime(request.askedAt)),
      row('Application', escapeHtml(request.application)),
      row('Valid for', `up to ${durationWords(request.durationSeconds)}`),
      row('How', how === '' ? 'confirm here' : how),
      others > 0 ? row('Waiting behind it', `${others} more`) : '',
    ].join(''),
  };
}

function showSession(session: NonNullable<PhoneState['session']>): Shown {
  const rows = row('Approved', clockTime(session.approvedAt)) + row('Session ends', clockTime(session.endsAt));
  if (session.walkawayAt === null || session.closesAt === null) {
    return {
      tone: 'present',
      picture: drawMark('present'),
      title: 'You’re here',
      sentence: 'This phone is near, and your workstation knows it.',
      rows,
    };
  }
  const isWalkaway = session.status === 'walkaway';
  return {
    tone: 'leaving',
    picture: isWalkaway ? drawCountdown(session.walkawayAt, session.closesAt) : drawMark('leaving'),
    title: isWalkaway ? 'You left' : 'You’re leaving',
    sentence: isWalkaway
      ? `The session closes at ${clockTime(session.closesAt)}, unless you return.`
      : `Not noticed yet. From ${clockTime(session.walkawayAt)} on the service says that you left.`,
    rows,
  };
}

function showNothingOpen(state: PhoneState): Shown {
  const { ended } = state;
  return {
    tone: 'quiet',
    picture: drawMark(state.near ? 'present' : 'leaving'),
    title: 'Nothing to approve',
    sentence: state.near
      ? 'This phone is near its workstation. A request appears here by itself.'
      : 'This phone is away from its workstation. A request appears here all the same.',
    ...(ended === null
      ? {}
      : { rows: row('Last session ended', clockTime(ended.at)) + row('Why', causeWords(ended.cause)) }),
  };
}

function showRegistration(state: PhoneState, link: LinkState): Shown {
  const person = state.displayName === null ? '' : `For ${escapeHtml(state.displayName)}. `;
  if (state.registered) {
    const sentence = `${person}Another phone is registered. This one takes its place, and open sessions end.`;
    return { tone: 'quiet', picture: drawMark('unenrolled'), title: 'Replace your phone?', sentence };
  }
  if (link.kind === 'expired') {
    const sentence = 'It was used or has expired. Ask for a new registration link on your workstation.';
    return { tone: 'leaving', picture: drawMark('problem'), title: 'This link no longer works', sentence };
  }
  return {
    tone: 'quiet',
    picture: drawMark('unenrolled'),
    title: link.kind === 'valid' ? 'Register this phone?' : 'No phone registered',
    sentence: `${person}It then approves for you, and workstations notice when you leave with it.`,
  };
}

function textMessage(sms: RegistrationSms | undefined): string {
  if (sms === undefined) return '';
  const [, words = '', url = ''] = /^(.*) (\S+)$/s.exec(sms.text) ?? [];
  return `<section class="message"><h2>Text message to ${escapeHtml(sms.phoneNumber)}</h2><p>${escapeHtml(words)} <a href="${escapeHtml(url)}">Open the link</a></p></section>`;
}

function button(state: PhoneState, action: PhoneAction, look: 'main' | 'plain' | 'quiet', link: LinkState): string {
  const query = link.kind === 'valid' ? `?registration=${link.token}` : '';
  const target = `/phone/${quotePlus(state.userId)}/${action}${query}`;
  return `<form method="post" action="${escapeHtml(target)}"><button class="btn ${look}" data-action="${action}">${LABELS[action]}</button></form>`;
}

function buttons(state: PhoneState, link: LinkState, isRegistering: boolean): string {
  if (isRegistering) return link.kind === 'expired' ? '' : button(state, 'register', 'main', link);
  const possible = state.actions.filter((action) => action !== 'register');
  // What is most likely wanted lies under the thumb and is the only filled button.
  const main = state.request !== null ? 'approve' : state.near ? undefined : 'return';
  // While a request waits, what does not answer it steps back.
  const besides = (action: PhoneAction) => state.request !== null && ['leave', 'return', 'close'].includes(action);
  const look = (action: PhoneAction) => (action === main ? 'main' : besides(action) ? 'quiet' : 'plain');
  return possible.map((action) => button(state, action, look(action), { kind: 'none' })).join('');
}

/** The part of the page that changes: what the phone shows, and the buttons that make sense now. */
export function renderPhoneView(state: PhoneState, link: LinkState, sms: RegistrationSms | undefined): string {
  const isRegistering = !state.registered || link.kind === 'valid';
  const shown = isRegistering
    ? showRegistration(state, link)
    : state.request !== null
      ? showRequest(state, state.request)
      : state.session !== null
        ? showSession(state.session)
        : showNothingOpen(state);
  return renderShown(
    shown,
    isRegistering && link.kind === 'none' ? textMessage(sms) : '',
    buttons(state, link, isRegistering),
  );
}

export function renderUnknownPerson(): string {
  const sentence = 'The service was started again, or you were removed. Enroll again on your workstation.';
  return renderShown(
    { tone: 'leaving', picture: drawMark('problem'), title: 'Nobody by this address', sentence },
    '',
    '',
  );
}

function renderShown(shown: Shown, message: string, actions: string): string {
  const rows = shown.rows === undefined ? '' : `<dl>${shown.rows}</dl>`;
  return `<div class="state ${shown.tone}"><div class="picture">${shown.picture}</div><h1>${shown.title}</h1><p class="sentence">${shown.sentence}</p>${rows}${message}</div><div class="actions">${actions}</div>`;
}
