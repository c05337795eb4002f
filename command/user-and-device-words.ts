import { ManagementAPI, type Service } from '../library/activeconnect.ts';
import { ACCOUNT_OPTIONS, openAccount } from './account.ts';
import { type OptionName, UsageError } from './asked-options.ts';
import type { Call, Word } from './service-words.ts';

/** A word that needs the account for a moment. */
function withAccount(
  users: Word['users'],
  more: readonly OptionName[],
  run: (call: Call, management: ManagementAPI, users: readonly string[]) => Promise<'done' | 'no'>,
): Pick<Word, 'users' | 'options' | 'run'> {
  return {
    users,
    options: [...ACCOUNT_OPTIONS, ...more],
    async run(call) {
      const service: Service = await openAccount(call.asked, call.surroundings);
      try {
        return await run(call, new ManagementAPI(service), call.asked.users);
      } finally {
        service.close();
      }
    },
  };
}

/** As a browser would write it: what the service sent could hold characters that a terminal obeys. */
const shown = (link: string): string => new URL(link).href;

export const USER_AND_DEVICE_WORDS: Readonly<Record<string, Word>> = {
  'users add': {
    summary: 'makes people known to the service',
    ...withAccount('some', [], async ({ report, signal }, management, users) => {
      const { existing } = await management.addUsers(users, signal);
      const known = users.filter((user) => existing.includes(user));
      const created = users.filter((user) => !existing.includes(user));
      const lines = [...created.map((user) => `${user} was added.`), ...known.map((user) => `${user} exists already.`)];
      report.fact({ created, existing: known }, lines.join('\n'));
      return 'done';
    }),
  },
  'users delete': {
    summary: 'deletes people and their phones at the service',
    ...withAccount('some', [], async ({ report, signal }, management, users) => {
      await management.deleteUsers(users, signal);
      report.fact({ deleted: users }, users.map((user) => `${user} was deleted.`).join('\n'));
      return 'done';
    }),
  },
  'devices link': {
    summary: 'prints the link that registers a phone',
    ...withAccount('one', ['display-name'], async ({ asked, report, signal }, management, [user = '']) => {
      const link = shown(await management.getRegistrationLink(user, asked.text('display-name'), signal));
      report.fact({ user, link }, link);
      return 'done';
    }),
  },
  'devices sms': {
    summary: 'sends that link to a phone',
    ...withAccount(
      'one',
      ['phone', 'display-name', 'message'],
      async ({ asked, report, signal }, management, [user = '']) => {
        const phoneNumber = asked.text('phone');
        if (phoneNumber === undefined) throw new UsageError('Say which phone: --phone NUMBER.');
        const [displayName, message] = [asked.text('display-name'), asked.text('message')];
        await management.sendRegistrationSms(user, { phoneNumber, displayName, message }, signal);
        report.fact({ user, sent: true }, 'The link was sent.');
        return 'done';
      },
    ),
  },
  'devices status': {
    summary: 'whether a phone is registered',
    ...withAccount('one', [], async ({ report, signal }, management, [user = '']) => {
      const registered = await management.hasRegisteredMobileDevice(user, signal);
      report.fact({ user, registered }, registered ? 'A phone is registered.' : 'No phone is registered.');
      return registered ? 'done' : 'no';
    }),
  },
  'devices lost': {
    summary: 'disables the phone and prints the link for a new one',
    ...withAccount('one', [], async ({ report, signal }, management, [user = '']) => {
      const link = shown(await management.lostUserMobileDevice(user, signal));
      report.fact({ user, link }, link);
      report.note('The phone is disabled. The link above registers a new one.');
      return 'done';
    }),
  },
};
