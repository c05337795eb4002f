import { describe, expect, test } from 'vitest';
import { AccountSchema, IPC } from '../../protocol/ipc.ts';
import { PolicySchema } from '../../protocol/policy.ts';
import { asSent, asTyped } from '../../renderer/curtain/code-entry.tsx';
import { ACTIONS_AT_MOST, curtainActions } from '../../renderer/curtain/curtain-actions.tsx';
import { displayRoleOf } from '../../renderer/curtain/display-role.ts';
import { type FieldName, readAccountForm } from '../../renderer/enrollment/account-form.ts';
import { e164From } from '../../renderer/enrollment/phone-number.ts';
import { SETTING_GROUPS, settingsIn } from '../../renderer/enrollment/setting-groups.ts';
import { pauseChoices } from '../../renderer/shared/pause-choices.ts';
import { qrModules, qrPath } from '../../renderer/shared/qr-code.tsx';
import { saidOnce } from '../../renderer/shared/said-once.ts';
import { withCountdown } from '../../renderer/shared/sentence.tsx';
import { remainingOf } from '../../renderer/shared/use-countdown.ts';
import { words } from '../../renderer/shared/words.ts';
import { exampleSettings } from './example-settings.ts';
import { APPROVAL_LINK, exampleViews } from './example-views.ts';
import { modulesOfPath } from './qr-of-page.ts';

const views = exampleViews(Date.UTC(2025, 2, 14, 9, 14));

describe('a countdown', () => {
  const countdown = { endsInMs: 48_000, totalMs: 60_000 };

  test('counts from the moment its view arrived', () => {
    expect(remainingOf(countdown, 1_000, 1_000)).toEqual({ ms: 48_000, share: 0.8 });
    expect(remainingOf(countdown, 1_000, 19_000)).toEqual({ ms: 30_000, share: 0.5 });
  });

  test('stops at nothing left', () => {
    expect(remainingOf(countdown, 0, 90_000)).toEqual({ ms: 0, share: 0 });
  });

  test('never shows more than the whole ring, whatever main says', () => {
    expect(remainingOf({ endsInMs: 70_000, totalMs: 60_000 }, 0, 0).share).toBe(1);
    expect(remainingOf({ endsInMs: 5, totalMs: 0 }, 0, 0).share).toBe(0);
  });

  test('is put into the sentence, and leaves a sentence without one alone', () => {
    expect(withCountdown('Locks in {countdown}.', 48_000)).toBe('Locks in 48 seconds.');
    expect(withCountdown('Locks in {countdown}.', null)).toBe('Locks in a moment.');
    expect(withCountdown('Locked.', 48_000)).toBe('Locked.');
  });
});

describe('a problem', () => {
  test('that headline and detail tell already is told once', () => {
    const { headline, problem } = views.unreachable;
    const detail = `This workstation locks itself in {countdown}. ${problem.detail}`;
    expect(saidOnce(headline, detail, problem)).toEqual({
      detail: 'This workstation locks itself in {countdown}.',
      problem: { title: null, detail: problem.detail },
    });
    expect(saidOnce(views.alarm.headline, views.alarm.detail, views.alarm.problem).problem).toBeNull();
  });

  test('beside the state keeps its own title', () => {
    const { headline, detail, problem } = views.presentProblem;
    expect(saidOnce(headline, detail, problem)).toEqual({
      detail,
      problem: { title: problem.title, detail: problem.detail },
    });
  });
});

describe('what the curtain offers', () => {
  test('is never more than three things, in any state', () => {
    for (const view of Object.values(views)) {
      for (const trial of [true, false]) {
        const everything = {
          ...view,
          trial,
          actions: { ...view.actions, lockNow: true, askAgain: true, recoveryCode: true },
        };
        expect(curtainActions(everything, false).length).toBeLessThanOrEqual(ACTIONS_AT_MOST);
        expect(curtainActions(everything, false)).toContain('lockNow');
      }
    }
  });

  test('puts the phone of a trial first and drops asking again for a recovery code', () => {
    const view = { ...views.unreachable, trial: true };
    expect(curtainActions(view, false)).toEqual(['trialPhone', 'recoveryCode', 'lockNow']);
  });

  test('is nothing that main did not allow', () => {
    expect(curtainActions(views.locking, false)).toEqual([]);
    expect(curtainActions(views.rateLimited, false)).toEqual(['lockNow']);
  });

  test('is the way back while a recovery code is typed', () => {
    expect(curtainActions(views.unreachable, true)).toEqual(['backToPhone', 'lockNow']);
  });
});

test('only the exact word makes a curtain a calm one', () => {
  expect(displayRoleOf('?display=secondary')).toBe('secondary');
  for (const search of ['', '?display=primary', '?display=', '?secondary', '?display=Secondary']) {
    expect(displayRoleOf(search)).toBe('main');
  }
});

describe('a typed code', () => {
  test('loses the spaces and line ends that pasting brings, where the length is known', () => {
    expect(asTyped(' 123 456\r\n', 6)).toBe('123456');
    expect(asTyped('1234567', 6)).toBe('123456');
  });

  test('keeps inner spaces where the length is open, but no control characters', () => {
    expect(asTyped('  abcd efgh\n', undefined)).toBe('abcd efgh ');
  });

  test('loses the hyphens of grouped digits, and of nothing else', () => {
    expect(asTyped('123-456', 6)).toBe('123456');
    expect(asTyped('ab-cde', 6)).toBe('ab-cde');
    expect(asSent(' 123 456 ')).toBe('123456');
    expect(asSent('12–34-56')).toBe('123456');
    expect(asSent(' k7qm-2x9d ')).toBe('k7qm-2x9d');
    expect(asSent('correct horse')).toBe('correct horse');
  });

  test('is never longer than main accepts', () => {
    const longest = asTyped('x'.repeat(500), undefined);
    expect(IPC['action.answer'].args.safeParse({ data: longest }).success).toBe(true);
    expect(IPC['action.answer'].args.safeParse({ data: `${longest}x` }).success).toBe(false);
  });
});

describe('a phone number', () => {
  test.each([
    ['+441632960961', '+441632960961'],
    ['+44 (0)1632 960-961', '+441632960961'],
    ['0044 1632.960.961', '+441632960961'],
  ])('%s becomes %s', (typed, number) => {
    expect(e164From(typed)).toBe(number);
  });

  test.each(['', '+', '01632960961', '+0441632', '+44163', '+4416329609611234567', '+44x1632960961', 'phone'])(
    '"%s" is no number to send to',
    (typed) => {
      expect(e164From(typed)).toBeNull();
    },
  );
});

describe('the account form', () => {
  const embedded = { appId: 'app-1', appSecret: 's3cret', baseUrl: '', displayName: 'Desk' };
  const shared = { gatewayUrl: 'wss://gateway.example.org', gatewayToken: '0123456789abcdef', displayName: 'Desk' };
  const reader = (fields: Partial<Record<FieldName, string>>) => (field: FieldName) => fields[field] ?? '';

  test('gives what main decodes', () => {
    for (const read of [
      readAccountForm('embedded', 'activeconnect', reader(embedded)),
      readAccountForm('shared', 'iampass', reader(shared)),
    ]) {
      if (!read.ok) throw new Error('A right form was refused.');
      expect(AccountSchema.safeParse(read.account).success).toBe(true);
    }
  });

  test('keeps the spaces of a secret and drops those around an id', () => {
    const read = readAccountForm(
      'embedded',
      'activeconnect',
      reader({ ...embedded, appId: ' app-1 ', appSecret: ' s3cret ' }),
    );
    expect(read).toMatchObject({ ok: true, account: { appId: 'app-1', appSecret: ' s3cret ' } });
  });

  test.each([
    ['appId', ''],
    ['appId', 'with space'],
    ['appSecret', ''],
    ['baseUrl', 'not an address'],
    ['baseUrl', 'ftp://example.org'],
    ['displayName', ''],
    ['displayName', 'x'.repeat(61)],
  ] as const)('says what is wrong with %s = "%s"', (field, value) => {
    const read = readAccountForm('embedded', 'activeconnect', reader({ ...embedded, [field]: value }));
    expect(read).toEqual({ ok: false, mistakes: { [field]: words.enrollment.account.wrong[field] } });
  });

  test.each([
    ['gatewayUrl', 'https://gateway.example.org'],
    ['gatewayUrl', ''],
    ['gatewayToken', 'short'],
  ] as const)('says what is wrong with %s = "%s"', (field, value) => {
    const read = readAccountForm('shared', 'iampass', reader({ ...shared, [field]: value }));
    expect(read).toEqual({ ok: false, mistakes: { [field]: words.enrollment.account.wrong[field] } });
  });
});

describe('settings', () => {
  test('every setting stands in exactly one group, also one nobody has sorted yet', () => {
    const [first] = exampleSettings().normal.settings;
    if (first === undefined) throw new Error('There are no example settings.');
    const settings = [...exampleSettings().normal.settings, { ...first, key: 'somethingNew' }];
    const shown = SETTING_GROUPS.flatMap((group) => settingsIn(group, settings));
    expect(shown.map(({ key }) => key).toSorted()).toEqual(settings.map(({ key }) => key).toSorted());
  });

  test('every setting of the policy has been sorted', () => {
    const [first] = exampleSettings().normal.settings;
    if (first === undefined) throw new Error('There are no example settings.');
    const all = Object.keys(PolicySchema.shape).map((key) => ({ ...first, key }));
    expect(settingsIn('other', all)).toEqual([]);
  });
});

test('a pause is never longer than allowed, and the longest is offered', () => {
  expect(pauseChoices(60)).toEqual([5, 15, 30, 60]);
  expect(pauseChoices(45)).toEqual([5, 15, 30, 45]);
  expect(pauseChoices(3)).toEqual([3]);
});

test('the path of a QR code draws exactly its dark modules', () => {
  const modules = qrModules(APPROVAL_LINK);
  expect(modulesOfPath(qrPath(modules), modules.length)).toEqual(modules);
});

test('no sentence shouts', () => {
  const said: string[] = [];
  const collect = (value: unknown): void => {
    if (typeof value === 'string') said.push(value);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect);
  };
  collect(words);
  expect(said.length).toBeGreaterThan(100);
  expect(said.filter((text) => text.includes('!'))).toEqual([]);
});
