import { scryptSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { totpCode, totpStepAt } from '../../main/offline/one-time-password.ts';
import { scryptOfRecoveryCode } from '../../main/offline/recovery-code.ts';
import { CodeDesk, HOUR_MS, secretOf, USER } from './code-desk.ts';

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
