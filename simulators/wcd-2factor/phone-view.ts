import { quotePlus } from '../activeconnect/form-encoding.ts';
import { drawMark, type Mark } from '../phone/marks.ts';
import { escapeHtml } from '../phone/page.ts';
import type { PhoneAction, PhoneState } from './phone.ts';

interface Shown {
  readonly tone: 'present' | 'verifying' | 'leaving' | 'quiet';
  readonly mark: Mark;
  readonly title: string;
  readonly sentence: string;
}

const LABELS: Readonly<Record<PhoneAction, string>> = {
  register: 'Set up this phone',
  approve: 'Approve',
  deny: 'Deny',
  close: 'Use up the permit',
};

/** The part of the page that changes: what the phone shows, and the buttons that make sense now. */
export function renderPhoneView(state: PhoneState): string {
  const { tone, mark, title, sentence } = shownOf(state);
  const older = state.codes.slice(state.request === null ? 1 : 0).map(message);
  const actions = state.actions.map((action) => button(state, action)).join('');
  return `<div class="state ${tone}"><div class="picture">${drawMark(mark)}</div><h1>${title}</h1><p class="sentence">${sentence}</p>${older.join('')}</div><div class="actions">${actions}</div>`;
}

export function renderUnknownPerson(): string {
  return `<div class="state leaving"><div class="picture">${drawMark('problem')}</div><h1>Nobody by this address</h1><p class="sentence">Nobody has signed in by this name since the service was started.</p></div><div class="actions"></div>`;
}

function shownOf(state: PhoneState): Shown {
  if (state.request !== null) {
    return {
      tone: 'verifying',
      mark: 'unenrolled',
      title: 'Is this you?',
      sentence: 'A workstation asks whether you may use it now.',
    };
  }
  const [newest] = state.codes;
  if (newest !== undefined) {
    return { tone: 'verifying', mark: 'unenrolled', title: escapeHtml(newest.code), sentence: sentTo(newest.to) };
  }
  if (state.permit !== null) {
    return { tone: 'present', mark: 'present', title: 'Confirmed', sentence: 'A workstation holds your confirmation.' };
  }
  const sentence = state.registered
    ? 'A question or a code appears here by itself.'
    : 'Set up this phone, or set up another method on your workstation.';
  return { tone: 'quiet', mark: state.registered ? 'present' : 'unenrolled', title: 'Nothing to confirm', sentence };
}

function sentTo(address: string): string {
  return `The code that was sent to ${escapeHtml(address)}. Type it on your workstation.`;
}

function message({ to, code }: PhoneState['codes'][number]): string {
  return `<section class="message"><h2>Sent to ${escapeHtml(to)}</h2><p>${escapeHtml(code)}</p></section>`;
}

function button({ userId, request }: PhoneState, action: PhoneAction): string {
  const look =
    action === 'approve'
      ? 'main'
      : action === 'close' || (action === 'register' && request !== null)
        ? 'quiet'
        : 'plain';
  const target = `/phone/${quotePlus(userId)}/${action}`;
  return `<form method="post" action="${escapeHtml(target)}"><button class="btn ${look}" data-action="${action}">${LABELS[action]}</button></form>`;
}
