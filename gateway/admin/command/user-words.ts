import { ADMIN_CALLS, type AdminAnswer } from '../wire/calls.ts';
import { PHONE_COLUMNS } from './device-words.ts';
import { type Columns, counted, type Report, shownTime, yesOrNo } from './report.ts';
import type { Word } from './words.ts';

type User = AdminAnswer<'users.show'>['user'];
type Place = AdminAnswer<'users.show'>['places'][number];
type Member = AdminAnswer<'users.show'>['members'][number];
type Method = AdminAnswer<'users.show'>['methods'][number];

const USER_COLUMNS: Columns<User> = {
  USER: (user) => user.userId,
  NAME: (user) => user.displayName,
  PHONES: (user) => String(user.phones),
  'IN NOW': (user) => counted(user.sessions, 'session'),
  'RECOVERY CODE': (user) => yesOrNo(user.hasRecoveryCode),
  'OPEN LINK': (user) => yesOrNo(user.hasOpenLink),
  METHODS: (user) => String(user.methods),
};
const PLACE_COLUMNS: Columns<Place> = {
  WORKSTATION: (place) => place.name,
  TOKEN: (place) => place.tokenName,
  CONNECTED: (place) => yesOrNo(place.connected),
  'IN UNTIL': (place) => (place.inUntil === null ? 'not in' : shownTime(place.inUntil)),
  'LAST USED': (place) => shownTime(place.lastUsedAt),
};
const MEMBER_COLUMNS: Columns<Member> = {
  'ASKS AS': (member) => member.userId,
  AT: (member) => member.workstations.join(', '),
};
const METHOD_COLUMNS: Columns<Method> = {
  METHOD: (method) => method.method,
  CONFIRMED: (method) => yesOrNo(method.confirmed),
  ACTIVE: (method) => yesOrNo(method.active),
};
const NOBODY = 'Nobody is enrolled.';

export const USER_WORDS: Readonly<Record<string, Word>> = {
  'users list': {
    operand: null,
    needs: [],
    takes: [],
    summary: 'Everybody this gateway knows: phones, sessions, codes, methods.',
    async run(_typed, ask, report) {
      const { rows, more } = await ask(ADMIN_CALLS['users.list'], {});
      report.rows(rows, USER_COLUMNS, NOBODY);
      if (more) report.warning('There are more than these.');
    },
  },
  'users show': {
    operand: 'USER',
    needs: [],
    takes: [],
    summary: 'One person: phones, where they are in, the user ids their workstations ask under, methods.',
    async run({ operand: userId }, ask, report) {
      show(await ask(ADMIN_CALLS['users.show'], { userId }), report);
    },
  },
  'users remove': {
    operand: 'USER',
    needs: [],
    takes: [],
    summary: 'Removes the person: phones, workstations, codes and methods are gone, sessions end now.',
    async run({ operand: userId }, ask, report) {
      const removed = await ask(ADMIN_CALLS['users.remove'], { userId });
      const { phones, sessions, methods, tokenRemains } = removed;
      const gone = [counted(phones, 'phone'), counted(methods, 'confirmation method')].join(' and ');
      report.fact(removed, [`Removed, with ${gone}. ${counted(sessions, 'session')} closed.`]);
      if (tokenRemains) {
        report.warning('A token of this person is still in methods.people: take it out and start the gateway again.');
      }
      report.note('A workstation with a token may enroll them again: to keep them out, revoke the workstation too.');
    },
  },
};

function show(shown: AdminAnswer<'users.show'>, report: Report): void {
  const { user, phones, places, members, methods } = shown;
  report.either({ user, phones, places, members, methods }, () => {
    report.rows([user], USER_COLUMNS, NOBODY);
    report.rows(phones, PHONE_COLUMNS, 'No phone.');
    report.rows(places, PLACE_COLUMNS, 'No workstation.');
    if (members.length > 0) report.rows(members, MEMBER_COLUMNS, '');
    report.rows(methods, METHOD_COLUMNS, 'No confirmation method.');
  });
}
