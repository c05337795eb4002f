import { scryptSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { totpCode, totpStepAt } from '../../main/offline/one-time-password.ts';
import { scryptOfRecoveryCode } from '../../main/offline/recovery-code.ts';
import { CodeDesk, secretOf, USER } from './code-desk.ts';

const HOUR_MS = 3_600_000;

describe('a recovery code', () => {
  it('lets in by its scrypt hash, with the parameters that the keychain names', async () => {
    const desk = await CodeDesk.withCodes(scryptOfRecoveryCode);
    const book = JSON.parse([...desk.keychain.entries.values()].join());
    const salt = Buffer.from(book.salt, 'base64url');
    const [, N, r, p] = book.kdf.split('-').map(Number);
    const options = { N, r, p, maxmem: 64 * 1024 * 1024 };
    const expected = scryptSync(desk.code(2).replaceAll('-', ''), salt, 32, options).toString('base64url');
    expect(book.unused[2]).toBe(expected);
    expect(await desk.check(desk.code(2))).toMatchObject({ kind: 'accepted' });
  });

  it('lets in once', async () => {
    const desk = await CodeDesk.withCodes();
    expect(await desk.check(desk.code(3).toLowerCase())).toEqual({
      kind: 'accepted',
      codeKind: 'recovery',
      recoveryLeft: 9,
    });
    expect(await desk.check(desk.code(3))).toMatchObject({ kind: 'used', codeKind: 'recovery' });
    await desk.restart();
    desk.time.pass(HOUR_MS);
    expect(await desk.check(desk.code(3))).toMatchObject({ kind: 'used' });
    expect(await desk.check(desk.code(4))).toMatchObject({ kind: 'accepted', recoveryLeft: 8 });
  });

  it('is not spent by being typed as proof that it was kept', async () => {
    const desk = await CodeDesk.withCodes();
    expect(await desk.check(desk.code(0))).toMatchObject({ kind: 'accepted' });
  });

  it('of which ten are made, all different, lets in ten times and no more', async () => {
    const desk = await CodeDesk.withCodes();
    expect(new Set(desk.recovery).size).toBe(10);
    for (const [place, code] of desk.recovery.entries()) {
      expect(await desk.check(code)).toMatchObject({ kind: 'accepted', recoveryLeft: 9 - place });
    }
    expect(await desk.codes.left(USER)).toBe(0);
  });

  it('of a set that was replaced is void, and one of a set that was never proven is not in force', async () => {
    const desk = await CodeDesk.withCodes();
    const old = desk.code(1);
    const unproven = desk.codes.make(USER, 'DESK-0412').recovery[0] ?? '';
    expect(await desk.check(unproven)).toMatchObject({ kind: 'wrong' });
    expect(await desk.check(old)).toMatchObject({ kind: 'accepted' });
    await desk.renew();
    expect(await desk.check(desk.code(2))).toMatchObject({ kind: 'accepted' });
    expect(await desk.check(old)).toMatchObject({ kind: 'wrong' });
  });

  it('lets in once when it is typed twice at the same moment', async () => {
    const desk = await CodeDesk.withCodes();
    const both = await Promise.all([desk.check(desk.code(5)), desk.check(desk.code(5))]);
    expect(both.map(({ kind }) => kind)).toEqual(['accepted', 'used']);
  });
});

describe('a code from an app', () => {
  it('lets in once, also after a restart', async () => {
    const desk = await CodeDesk.withCodes();
    const code = desk.app();
    expect(await desk.check(code)).toEqual({ kind: 'accepted', codeKind: 'totp', recoveryLeft: 10 });
    expect(await desk.check(code)).toMatchObject({ kind: 'used', codeKind: 'totp' });
    await desk.restart();
    expect(await desk.check(code)).toMatchObject({ kind: 'used' });
  });

  it('counts one step before and after, and none beyond', async () => {
    for (const [steps, kind] of [
      [-2, 'wrong'],
      [-1, 'accepted'],
      [1, 'accepted'],
      [2, 'wrong'],
    ] as const) {
      const desk = await CodeDesk.withCodes();
      expect(await desk.check(desk.app(steps))).toMatchObject({ kind });
    }
  });

  it('of a step before one that let in is spent with it', async () => {
    const desk = await CodeDesk.withCodes();
    expect(await desk.check(desk.app(1))).toMatchObject({ kind: 'accepted' });
    expect(await desk.check(desk.app(0))).toMatchObject({ kind: 'used' });
  });

  it('stays spent when the wall clock is set back, and the next one is taken when time gets there', async () => {
    const desk = await CodeDesk.withCodes();
    const code = desk.app();
    await desk.check(code);
    desk.time.moveWallClock(-10 * 60_000);
    desk.time.pass(10 * 60_000);
    expect(await desk.check(code)).toMatchObject({ kind: 'used' });
    desk.time.pass(60_000);
    expect(await desk.check(desk.app())).toMatchObject({ kind: 'accepted' });
  });

  it('accepted while the wall clock was ahead keeps earlier ones out; recovery codes still let in', async () => {
    const desk = await CodeDesk.withCodes();
    desk.time.moveWallClock(HOUR_MS);
    expect(await desk.check(desk.app())).toMatchObject({ kind: 'accepted' });
    desk.time.moveWallClock(-HOUR_MS);
    expect(await desk.check(desk.app())).toMatchObject({ kind: 'used' });
    expect(await desk.check(desk.code(0))).toMatchObject({ kind: 'accepted' });
  });

  it('typed as proof that the app works does not let in afterwards', async () => {
    const desk = await CodeDesk.withCodes();
    const { totp } = desk.codes.make(USER, 'DESK-0412');
    const shown = totpCode(secretOf(totp.link), totpStepAt(desk.time.wallNow()));
    expect(await desk.codes.prove(USER, shown)).toBe('proven');
    expect(await desk.check(shown)).toMatchObject({ kind: 'used' });
  });
});

describe('wrong codes', () => {
  it('cost nothing twice, then a wait that doubles up to an hour', async () => {
    const desk = await CodeDesk.withCodes();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 12; attempt += 1) {
      const outcome = await desk.check('0000-0000-0000-0000');
      if (outcome.kind !== 'wrong') throw new Error(`attempt ${attempt} was ${outcome.kind}`);
      expect(outcome.failures).toBe(attempt + 1);
      waits.push(outcome.waitMs / 1_000);
      desk.time.pass(outcome.waitMs);
    }
    expect(waits).toEqual([0, 0, 30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600]);
  });

  it('are counted together, whatever their kind and whether wrong or used', async () => {
    const desk = await CodeDesk.withCodes();
    await desk.check(desk.code(0));
    await desk.check(desk.code(0));
    await desk.check(desk.wrongDigits());
    expect(await desk.check('0000-0000-0000-0000')).toMatchObject({ kind: 'wrong', failures: 3, waitMs: 30_000 });
  });

  it('during the wait are not looked at, and neither are right ones; neither makes it longer', async () => {
    const desk = await CodeDesk.withCodes();
    await desk.fail(2);
    await desk.check('0000-0000-0000-0000');
    desk.time.pass(29_999);
    expect(await desk.check(desk.code(1))).toEqual({ kind: 'wait', waitMs: 1 });
    desk.time.pass(1);
    expect(await desk.check(desk.code(1))).toMatchObject({ kind: 'accepted' });
  });

  it('are forgotten after a right one', async () => {
    const desk = await CodeDesk.withCodes();
    await desk.fail(5);
    await desk.check(desk.code(1));
    expect(await desk.check(desk.wrongDigits())).toMatchObject({ failures: 1, waitMs: 0 });
  });

  it('that are none at all are no attempts', async () => {
    const desk = await CodeDesk.withCodes();
    for (let attempt = 0; attempt < 20; attempt += 1) expect(await desk.check('hello')).toEqual({ kind: 'malformed' });
    expect(await desk.check(desk.wrongDigits())).toMatchObject({ failures: 1 });
  });

  it('ten times in a row end six digits until a recovery code was used', async () => {
    const desk = await CodeDesk.withCodes();
    await desk.fail(10);
    expect(await desk.check(desk.app())).toEqual({ kind: 'totp-off' });
    await desk.restart();
    desk.time.pass(HOUR_MS);
    expect(await desk.check(desk.app())).toEqual({ kind: 'totp-off' });
    expect(await desk.check(desk.code(1))).toMatchObject({ kind: 'accepted' });
    expect(await desk.check(desk.app())).toMatchObject({ kind: 'accepted' });
  });
});

describe('the wait after wrong codes', () => {
  const waiting = async (): Promise<CodeDesk> => {
    const desk = await CodeDesk.withCodes();
    await desk.fail(3);
    expect(await desk.check('0000-0000-0000-0000')).toMatchObject({ kind: 'wrong', waitMs: 60_000 });
    return desk;
  };

  it.each([10 * HOUR_MS, -10 * HOUR_MS])('is not moved by a wall clock moved by %i ms', async (ms) => {
    const desk = await waiting();
    desk.time.moveWallClock(ms);
    expect(await desk.check(desk.code(1))).toEqual({ kind: 'wait', waitMs: 60_000 });
    desk.time.pass(60_000);
    expect(await desk.check(desk.code(1))).toMatchObject({ kind: 'accepted' });
  });

  it.each([0, 10 * HOUR_MS, -10 * HOUR_MS])(
    'begins again with a restart, the wall clock moved by %i ms',
    async (wallMs) => {
      const desk = await waiting();
      desk.time.pass(59_999);
      await desk.restart({ wallMs });
      expect(await desk.check(desk.code(1))).toEqual({ kind: 'wait', waitMs: 60_000 });
      desk.time.pass(60_000);
      expect(await desk.check(desk.code(1))).toMatchObject({ kind: 'accepted' });
    },
  );

  it('counts from the restart itself, not from the first code typed after it', async () => {
    const desk = await waiting();
    await desk.restart();
    desk.time.pass(60_000);
    expect(await desk.check(desk.code(1))).toMatchObject({ kind: 'accepted' });
  });

  it('cannot be got rid of without getting rid of the codes', async () => {
    const desk = await waiting();
    desk.keychain.entries.clear();
    await desk.restart();
    expect(await desk.check(desk.code(1))).toEqual({ kind: 'none-made' });
    expect(await desk.codes.left(USER)).toBeNull();
  });
});

describe('an attempt is on the account before it is looked at:', () => {
  it('a power cut while it is verified has cost it all the same', async () => {
    const desk = await CodeDesk.withCodes();
    await desk.fail(2);
    desk.keychain.storesLeft = 1; // The count, and nothing after it.
    await expect(desk.check(desk.code(1))).rejects.toThrow();
    desk.keychain.storesLeft = Number.POSITIVE_INFINITY;
    await desk.restart();
    expect(await desk.check(desk.code(2))).toEqual({ kind: 'wait', waitMs: 30_000 });
  });

  it('a keychain that does not store lets nobody in, however often and whatever is typed', async () => {
    const desk = await CodeDesk.withCodes();
    desk.keychain.refusesToStore = true;
    for (const typed of [desk.code(1), desk.app(), desk.wrongDigits()])
      await expect(desk.check(typed)).rejects.toMatchObject({ code: 'locked' });
  });

  it('a right code whose spending cannot be stored is not accepted', async () => {
    const desk = await CodeDesk.withCodes();
    desk.keychain.storesLeft = 1;
    await expect(desk.check(desk.app())).rejects.toMatchObject({ code: 'locked' });
  });

  it.each(['locked', 'unavailable', 'timeout'] as const)('a keychain that is %s lets nobody in', async (fault) => {
    const desk = await CodeDesk.withCodes();
    desk.keychain.fault = fault;
    await expect(desk.check(desk.code(1))).rejects.toMatchObject({ code: fault });
    desk.keychain.fault = null;
    expect(await desk.check(desk.code(1))).toMatchObject({ kind: 'accepted' });
  });
});

describe('what lies in the keychain', () => {
  const entryOf = (desk: CodeDesk): string => [...desk.keychain.entries.values()].join();

  it('is one entry that fits where least fits (Windows: 1,280 characters), also when everything was used', async () => {
    const desk = await CodeDesk.withCodes();
    for (const code of desk.recovery) await desk.check(code);
    await desk.fail(2);
    expect([...desk.keychain.entries.keys()]).toEqual(['offline-codes:user-a']);
    expect(entryOf(desk).length).toBeLessThan(1_200);
  });

  it('holds no recovery code, neither as printed nor as typed', async () => {
    const desk = await CodeDesk.withCodes();
    for (const code of desk.recovery) {
      expect(entryOf(desk)).not.toContain(code);
      expect(entryOf(desk)).not.toContain(code.replaceAll('-', ''));
    }
  });

  it.each([
    ['is no JSON', () => '{"v":1,'],
    ['has a key nobody knows', (entry: string) => entry.replace('{', '{"extra":1,')],
    ['has fewer failures than none', (entry: string) => entry.replace('"failures":0', '"failures":-1')],
    ['has no failures', (entry: string) => entry.replace('"failures":0,', '')],
    ['has a step that is no number', (entry: string) => entry.replace(/"totpStep":-?\d+/, '"totpStep":null')],
    ['has a shorter secret', (entry: string) => entry.replace(/"totpSecret":"..../, '"totpSecret":"')],
    ['has a code twice', (entry: string) => entry.replace(/"unused":\[("[^"]+")/, '"unused":[$1,$1')],
    [
      'has a code twice, spent once',
      (entry: string) => entry.replace(/"unused":\[("[^"]+")(.*?)"used":\[/, '"unused":[$1$2"used":[$1,'),
    ],
    ['names another hash', (entry: string) => entry.replace('scrypt-32768-8-1', 'md5')],
  ])('counts for nothing when it %s', async (_what, tamper) => {
    const desk = await CodeDesk.withCodes();
    for (const [account, entry] of desk.keychain.entries) {
      expect(tamper(entry)).not.toBe(entry);
      desk.keychain.entries.set(account, tamper(entry));
    }
    expect(await desk.check(desk.code(1))).toEqual({ kind: 'damaged' });
    expect(await desk.check(desk.app())).toEqual({ kind: 'damaged' });
    expect(await desk.codes.left(USER)).toBeNull();
    await desk.renew();
    expect(await desk.check(desk.code(1))).toMatchObject({ kind: 'accepted' });
  });

  it('is of one person: another one’s codes let nobody else in', async () => {
    const desk = await CodeDesk.withCodes();
    expect(await desk.codes.check('user-b', desk.code(1))).toEqual({ kind: 'none-made' });
    desk.codes.make(USER, 'DESK-0412');
    expect(desk.codes.made('user-b')).toBeNull();
    expect(await desk.codes.prove('user-b', desk.code(1))).toBe('none-made');
  });

  it('is gone when it is to be forgotten, and a set that was not proven with it', async () => {
    const desk = await CodeDesk.withCodes();
    desk.codes.make(USER, 'DESK-0412');
    expect(await desk.codes.forget(USER)).toBe(true);
    expect(desk.keychain.entries.size).toBe(0);
    expect(desk.codes.made(USER)).toBeNull();
    expect(await desk.codes.forget(USER)).toBe(false);
  });
});

describe('proving a new set', () => {
  it('is refused with a code that is none of it, and nothing is in force', async () => {
    const desk = await CodeDesk.withCodes();
    const old = desk.code(1);
    desk.codes.make(USER, 'DESK-0412');
    expect(await desk.codes.prove(USER, old)).toBe('wrong');
    expect(await desk.codes.prove(USER, 'hello')).toBe('malformed');
    expect(await desk.check(old)).toMatchObject({ kind: 'accepted' });
  });

  it('is impossible once it was dropped', async () => {
    const desk = await CodeDesk.withCodes();
    const code = desk.codes.make(USER, 'DESK-0412').recovery[0] ?? '';
    desk.codes.drop();
    expect(await desk.codes.prove(USER, code)).toBe('none-made');
  });

  it('that the keychain does not take leaves the old set in force, and can be tried again', async () => {
    const desk = await CodeDesk.withCodes();
    const code = desk.codes.make(USER, 'DESK-0412').recovery[0] ?? '';
    desk.keychain.refusesToStore = true;
    await expect(desk.codes.prove(USER, code)).rejects.toMatchObject({ code: 'locked' });
    desk.keychain.refusesToStore = false;
    expect(await desk.check(desk.code(1))).toMatchObject({ kind: 'accepted' });
    expect(await desk.codes.prove(USER, code)).toBe('proven');
  });
});

describe('what has to be told', () => {
  const reported = async (desk: CodeDesk): Promise<unknown[]> => {
    const told: unknown[] = [];
    await desk.codes.report(USER, (untold) => told.push(untold));
    return told;
  };

  it('is every code that let in and every one that did not, once, also after a restart', async () => {
    const desk = await CodeDesk.withCodes();
    await desk.check(desk.code(1));
    await desk.fail(2);
    await desk.restart();
    expect(await reported(desk)).toEqual([{ accepted: 1, refused: 2 }]);
    expect(await reported(desk)).toEqual([]);
    await desk.check(desk.app());
    expect(await reported(desk)).toEqual([{ accepted: 1, refused: 0 }]);
  });

  it('is nothing when nothing happened', async () => {
    expect(await reported(await CodeDesk.withCodes())).toEqual([]);
  });

  it('is told again rather than never, when it cannot be noted that it was', async () => {
    const desk = await CodeDesk.withCodes();
    await desk.check(desk.code(1));
    desk.keychain.refusesToStore = true;
    await expect(reported(desk)).rejects.toMatchObject({ code: 'locked' });
    desk.keychain.refusesToStore = false;
    await desk.restart();
    expect(await reported(desk)).toEqual([{ accepted: 1, refused: 0 }]);
  });

  it('outlives a renewal of the codes: whoever got in first cannot wipe it', async () => {
    const desk = await CodeDesk.withCodes();
    await desk.check(desk.code(1));
    await desk.renew();
    expect(await reported(desk)).toEqual([{ accepted: 1, refused: 0 }]);
  });
});
