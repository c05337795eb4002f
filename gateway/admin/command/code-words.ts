import { ADMIN_CALLS, type CodeRow } from '../wire/calls.ts';
import { type Columns, counted, type Report, shownTime } from './report.ts';
import type { Word } from './words.ts';

const CODE_COLUMNS: Columns<CodeRow> = {
  KIND: (code) => (code.kind === 'link' ? 'link for a phone' : 'recovery code'),
  USER: (code) => code.userId,
  'GOOD UNTIL': (code) => (code.kind === 'link' ? shownTime(code.expiresAt) : 'it is used'),
  'FAILED TRIES': (code) => (code.kind === 'link' ? String(code.failures) : ''),
};

export const CODE_WORDS: Readonly<Record<string, Word>> = {
  'codes list': {
    operand: null,
    needs: [],
    takes: ['user'],
    summary: 'Links and recovery codes that still work; the codes themselves are not known any more.',
    async run(typed, ask, report) {
      const userId = typed.given('user');
      const { rows, more } = await ask(ADMIN_CALLS['codes.list'], userId === undefined ? {} : { userId });
      report.rows(rows, CODE_COLUMNS, 'No code is open.');
      if (more) report.warning('There are more than these.');
    },
  },
  'codes enroll': {
    operand: null,
    needs: ['user'],
    takes: ['name'],
    summary: 'Prints, once, a link that adds one more phone; 10 minutes. Links before it are void.',
    async run(typed, ask, report) {
      const userId = typed.needed('user');
      const displayName = typed.given('name');
      const made = await ask(ADMIN_CALLS['codes.enroll'], {
        userId,
        ...(displayName === undefined ? {} : { displayName }),
      });
      report.fact(made, [made.link]);
      noteLink(made, report);
    },
  },
  'codes lost': {
    operand: null,
    needs: ['user'],
    takes: [],
    summary: 'The phone is lost: disables all phones, closes their sessions now, prints a link for a new phone.',
    async run(typed, ask, report) {
      const lost = await ask(ADMIN_CALLS['codes.lost'], { userId: typed.needed('user') });
      report.fact(lost, [lost.link]);
      report.note(`${counted(lost.phones, 'phone')} disabled, ${counted(lost.sessions, 'session')} closed.`);
      noteLink(lost, report);
    },
  },
  'codes recovery': {
    operand: null,
    needs: ['user'],
    takes: [],
    summary: 'Prints, once, a new recovery code; the one before it is void.',
    async run(typed, ask, report) {
      const made = await ask(ADMIN_CALLS['codes.recovery'], { userId: typed.needed('user') });
      report.fact(made, [made.recoveryCode]);
      report.note('It is printed this once. Whoever types it disables all phones of the person and adds one.');
    },
  },
  'codes revoke': {
    operand: null,
    needs: ['user'],
    takes: ['only'],
    summary: 'The open link and the recovery code of the person are void.',
    async run(typed, ask, report) {
      const only = typed.given('only');
      const userId = typed.needed('user');
      const revoked = await ask(ADMIN_CALLS['codes.revoke'], { userId, ...(only === undefined ? {} : { only }) });
      const { links, recoveryCodes } = revoked;
      report.fact(revoked, [`${counted(links, 'link')} and ${counted(recoveryCodes, 'recovery code')} revoked.`]);
    },
  },
};

function noteLink({ expiresAt }: { readonly expiresAt: number }, report: Report): void {
  report.note(
    `Good for one phone until ${shownTime(expiresAt)}. Printed this once: whoever opens it first has the key.`,
  );
}
