import { afterEach, describe, expect, it, vi } from 'vitest';
import { LockRungFailed } from '../../main/core/ports.ts';
import { proofFromOfflineCode, type UnlockProof } from '../../main/core/unlock-proof.ts';
import { LadderOfRungs, type LockRung, RUNG_TIMEOUT_MS } from '../../main/os/ladder-of-rungs.ts';

const watch = { expectChange: vi.fn() };

function ladder(rungs: readonly LockRung[], unlock: (() => Promise<void>) | null = null): LadderOfRungs {
  return new LadderOfRungs({ rungs, unlock, watch });
}

function proof(): UnlockProof {
  const accepted = proofFromOfflineCode(
    { codeKind: 'totp', lockCycle: 1 },
    { enrollment: { userId: 'u', deviceId: 'd' }, lockCycle: 1 },
    0,
  );
  if (accepted === null) throw new Error('no proof');
  return accepted;
}

describe('a ladder of rungs', () => {
  afterEach(() => {
    vi.useRealTimers();
    watch.expectChange.mockReset();
  });

  it('asks the rung it is told to and makes the watch look', async () => {
    const asked: string[] = [];
    const subject = ladder([
      { name: 'first', request: async () => void asked.push('first') },
      { name: 'second', request: async () => void asked.push('second') },
    ]);
    await subject.requestLock(1);
    expect(asked).toEqual(['second']);
    expect(watch.expectChange).toHaveBeenCalledWith('locked');
  });

  it('names the rung that failed and keeps the cause', async () => {
    const cause = new Error('refused by the bus');
    const subject = ladder([{ name: 'desktop', request: async () => Promise.reject(cause) }]);
    const failure = await subject.requestLock(0).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(LockRungFailed);
    expect(failure).toMatchObject({ rung: 'desktop', message: 'refused by the bus', cause });
  });

  it('has the watch look after a refusal, too, which may mean that the screen is locked already', async () => {
    const subject = ladder([{ name: 'second locker', request: async () => Promise.reject(new Error('refused')) }]);
    await subject.requestLock(0).catch(() => undefined);
    expect(watch.expectChange).toHaveBeenCalledWith('locked');
  });

  it('cannot end the session where the system does not offer it', async () => {
    await expect(ladder([{ name: 'any', request: async () => undefined }]).terminateSession()).rejects.toMatchObject({
      name: 'LockRungFailed',
      rung: 'terminate',
    });
  });

  it('gives up on a rung that never answers', async () => {
    vi.useFakeTimers();
    const subject = ladder([{ name: 'silent', request: () => new Promise(() => undefined) }]);
    const failure = subject.requestLock(0).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(RUNG_TIMEOUT_MS);
    expect(await failure).toMatchObject({ name: 'LockRungFailed', rung: 'silent' });
  });

  it('fails for a rung that does not exist', async () => {
    await expect(ladder([{ name: 'only', request: async () => undefined }]).requestLock(1)).rejects.toThrow(
      LockRungFailed,
    );
  });

  it('is never empty', () => {
    expect(() => ladder([])).toThrow('at least one rung');
  });

  it('cannot unlock where the OS offers no way, and says so instead of doing nothing', async () => {
    const subject = ladder([{ name: 'only', request: async () => undefined }]);
    expect(subject.canUnlock).toBe(false);
    await expect(subject.requestUnlock(proof())).rejects.toThrow(LockRungFailed);
  });

  it('asks for an unlock with a proof', async () => {
    const unlock = vi.fn(async () => undefined);
    const subject = ladder([{ name: 'only', request: async () => undefined }], unlock);
    await subject.requestUnlock(proof());
    expect(unlock).toHaveBeenCalledOnce();
    expect(watch.expectChange).toHaveBeenCalledWith('unlocked');
  });
});
