import { ADMIN_CALLS, type AdminAnswer, type PhoneRow } from '../wire/calls.ts';
import { type Columns, counted, shownTime, yesOrNo } from './report.ts';
import type { Word } from './words.ts';

type Device = AdminAnswer<'devices.list'>['rows'][number];

export const PHONE_COLUMNS: Columns<PhoneRow> = {
  ID: (phone) => phone.id,
  NAME: (phone) => phone.name,
  ADDED: (phone) => shownTime(phone.addedAt),
  'LAST USED': (phone) => shownTime(phone.lastUsedAt),
  SYNCHRONISED: (phone) => yesOrNo(phone.backedUp),
};
const DEVICE_COLUMNS: Columns<Device> = {
  ID: (device) => device.id,
  'USER OR TOKEN': (device) => (device.kind === 'phone' ? device.userId : device.tokenName),
  NAME: (device) => (device.kind === 'phone' ? device.name : device.deviceId),
  ADDED: (device) => shownTime(device.addedAt),
  'LAST SEEN': (device) => shownTime(device.kind === 'phone' ? device.lastUsedAt : device.lastSeenAt),
};

export const DEVICE_WORDS: Readonly<Record<string, Word>> = {
  'devices list': {
    operand: null,
    needs: [],
    takes: ['user'],
    summary: 'Phones of people, and workstations known by their keys.',
    async run(typed, ask, report) {
      const userId = typed.given('user');
      const { rows, more, keepsPhones, keepsWorkstations } = await ask(
        ADMIN_CALLS['devices.list'],
        userId === undefined ? {} : { userId },
      );
      report.rows(rows, DEVICE_COLUMNS, 'No device.');
      if (more) report.warning('There are more than these.');
      if (!keepsPhones) report.note('Phones are kept by the service this gateway asks: manage them there.');
      if (!keepsWorkstations)
        report.note('Workstations are known by their tokens alone: they stand in the configuration.');
    },
  },
  'devices revoke': {
    operand: 'ID',
    needs: [],
    takes: [],
    summary:
      'A phone opens nothing any more and what it opened is closed; a workstation is cut off and must be introduced anew.',
    async run({ operand: id }, ask, report) {
      const revoked = await ask(ADMIN_CALLS['devices.revoke'], { id });
      const closed =
        revoked.sessions === null ? 'Its sessions are closed.' : `${counted(revoked.sessions, 'session')} closed.`;
      report.fact(revoked, [`Revoked: ${revoked.name}. ${closed}`]);
      if (revoked.userId === null) {
        report.note(
          `Whoever has the token “${revoked.name}” can bring in one in its place: take it out of the configuration.`,
        );
      }
    },
  },
};
