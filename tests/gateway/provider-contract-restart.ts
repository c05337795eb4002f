import { describe, expect, test } from 'vitest';
import { type ContractWorld, IN_PROGRESS, OVER } from './provider-contract-world.ts';

/** What is left of a session when the process that started it is gone: its handle, as JSON. */
export function describeRestart(world: () => ContractWorld): void {
  describe('after a restart', () => {
    const stored = <T>(value: T): T => structuredClone(value);

    test('an approved session goes on from its handle alone, and can be ended', async () => {
      const { handle } = await world().approved();
      const again = world().subject.open();
      expect((await world().poll(stored(handle), again)).status).toBe('active');
      await again.endSession(stored(handle), world().signal);
      expect(OVER).toContain((await world().poll(stored(handle), again)).status);
      world().observed.note('restart', 'yes');
    });

    test('a session that waits for the person is approved at the new one', async () => {
      const { userId, phone, handle, answer } = await world().started();
      const restarted = world().restarted();
      expect(IN_PROGRESS).toContain((await restarted.poll(stored(handle))).status);
      await restarted.approve({ userId, phone, handle: stored(handle), answer });
    });

    test('a session that was taken back meanwhile is over', async () => {
      const { phone, handle } = await world().approved();
      await phone.close();
      expect(OVER).toContain((await world().poll(stored(handle), world().subject.open())).status);
    });

    test('the handle of another service, or one that cannot be read, is not asked about', async () => {
      const { provider, signal } = world();
      const { handle } = await world().started();
      const { asked } = world();
      for (const foreign of [
        { ...handle, providerId: 'another' },
        { ...handle, serialized: '{}' },
        { ...handle, serialized: handle.serialized.slice(1) },
        { ...handle, serialized: '' },
      ]) {
        expect(await world().codeOf(provider.pollSession(foreign, signal))).toBe('PROVIDER_BAD_ANSWER');
        expect(await world().codeOf(provider.endSession(foreign, signal))).toBe('PROVIDER_BAD_ANSWER');
      }
      expect(world().asked).toBe(asked);
    });
  });
}
