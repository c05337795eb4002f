import { drawCountdown, drawMark } from '../phone/marks.ts';
import { escapeHtml } from '../phone/page.ts';
import type { PhoneAction, PhoneState } from './phone-actions.ts';

/** How the page was reached: by a link for adding authenticators that works, by one that no longer does, or otherwise. */
export type LinkState =
  | { readonly kind: 'none' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'valid'; readonly token: string };

const LABELS: Readonly<Record<PhoneAction, string>> = {
  register: 'Register this phone’s app',
  'register-passkey': 'Register a passkey',
  approve: 'Approve',
  deny: 'Deny',
  ignore: 'Ignore',
  block: 'Block, as the administrator',
};

interface Shown {
  readonly tone: 'present' | 'verifying' | 'leaving' | 'quiet';
  readonly picture: string;
  readonly title: string;
  readonly sentence: string;
  readonly rows?: string;
}

/** Written in UTC for a browser without script; the page's script writes the phone's own time over it. */
function clockTime(at: string): string {
  return `<time datetime="${at}">${at.slice(11, 19)} UTC</time>`;
}

function row(name: string, html: string): string {
  return `<div><dt>${name}</dt><dd>${html}</dd></div>`;
}

function showRegistration(state: PhoneState, link: LinkState): Shown {
  const person = state.displayName === null ? '' : `For ${escapeHtml(state.displayName)}. `;
  if (link.kind === 'expired') {
    const sentence = 'Ask for a new link on your workstation.';
    return { tone: 'leaving', picture: drawMark('problem'), title: 'This link no longer works', sentence };
  }
  const sentence = `${person}The app shows requests by itself; a passkey answers them through a link.`;
  const title = link.kind === 'valid' ? 'What do you approve with?' : 'Nothing registered';
  return { tone: 'quiet', picture: drawMark('unenrolled'), title, sentence };
}

function showState(state: PhoneState): Shown {
  const { request, allowed, refused } = state;
  if (request !== null) {
    const others = request.waiting - 1;
    return {
      tone: 'verifying',
      picture: drawCountdown(request.at, request.expiresAt),
      title: 'Is this you?',
      sentence: `A workstation asks whether ${escapeHtml(state.displayName ?? 'you')} may use it now.`,
      rows: [
        row('Asked', clockTime(request.at)),
        row('Action', escapeHtml(request.action)),
        others > 0 ? row('Waiting behind it', `${others} more`) : '',
      ].join(''),
    };
  }
  if (allowed !== null) {
    return {
      tone: 'present',
      picture: drawMark('present'),
      title: 'Allowed',
      sentence: 'The newest request of a workstation was allowed. This service does not notice when you leave.',
      rows: row('Action', escapeHtml(allowed.action)) + row('Since', clockTime(allowed.at)),
    };
  }
  return {
    tone: 'quiet',
    picture: drawMark('unenrolled'),
    title: 'Nothing to approve',
    sentence: 'A request appears here by itself.',
    ...(refused === null ? {} : { rows: row('Last one', `${refused.state} ${clockTime(refused.at)}`) }),
  };
}

function codes(state: PhoneState): string {
  return state.messages
    .toReversed()
    .map(
      ({ to, code, at }) =>
        `<section class="message"><h2>Code to ${escapeHtml(to)}</h2><p><strong>${escapeHtml(code)}</strong> ${clockTime(at)}</p></section>`,
    )
    .join('');
}

function button(state: PhoneState, action: PhoneAction, look: 'main' | 'plain' | 'quiet', link: LinkState): string {
  const query = link.kind === 'valid' ? `?settings=${encodeURIComponent(link.token)}` : '';
  const target = `/phone/${encodeURIComponent(state.userId)}/${action}${query}`;
  return `<form method="post" action="${escapeHtml(target)}"><button class="btn ${look}" data-action="${action}">${LABELS[action]}</button></form>`;
}

function buttons(state: PhoneState, link: LinkState, isRegistering: boolean): string {
  if (isRegistering) {
    if (link.kind === 'expired') return '';
    return button(state, 'register', 'main', link) + button(state, 'register-passkey', 'plain', link);
  }
  const look = (action: PhoneAction) => (action === 'approve' ? 'main' : action === 'block' ? 'quiet' : 'plain');
  return state.actions.map((action) => button(state, action, look(action), { kind: 'none' })).join('');
}

/** The part of the page that changes: what the phone shows, and the buttons that make sense now. */
export function renderPhoneView(state: PhoneState, link: LinkState): string {
  const isRegistering = !state.registered || link.kind !== 'none';
  const shown = isRegistering ? showRegistration(state, link) : showState(state);
  return renderShown(shown, codes(state), buttons(state, link, isRegistering));
}

export function renderUnknownPerson(): string {
  const sentence = 'The service was started again, or you were removed. Enroll again on your workstation.';
  const shown: Shown = { tone: 'leaving', picture: drawMark('problem'), title: 'Nobody by this address', sentence };
  return renderShown(shown, '', '');
}

function renderShown(shown: Shown, messages: string, actions: string): string {
  const rows = shown.rows === undefined ? '' : `<dl>${shown.rows}</dl>`;
  return `<div class="state ${shown.tone}"><div class="picture">${shown.picture}</div><h1>${shown.title}</h1><p class="sentence">${shown.sentence}</p>${rows}${messages}</div><div class="actions">${actions}</div>`;
}
