import { describe, expect, it } from 'vitest';
import { CodeDesk, HOUR_MS, USER } from './code-desk.ts';

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
