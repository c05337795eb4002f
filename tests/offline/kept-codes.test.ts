import { describe, expect, it } from 'vitest';
import { CodeDesk, USER } from './code-desk.ts';

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
