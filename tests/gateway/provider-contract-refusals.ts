import { describe, expect, test } from 'vitest';
import { type ContractWorld, pressed } from './provider-contract-world.ts';

/** Who is not let in, and how it is said. */
export function describeRefusals(world: () => ContractWorld, inside: boolean): void {
  describe('a start is refused', () => {
    /** Services whose people are made by `begin` know who was not; where people are a host project's own, everybody may be one. */
    test('for a person nobody added', async () => {
      const { provider, signal, observed } = world();
      const peopleAreOurs = provider.capabilities.enrollment.some((kind) => kind !== 'methods');
      const code = await world().codeOf(provider.startSession(world().request('nobody-at-all'), signal));
      expect(code).toBe(peopleAreOurs ? 'USER_UNKNOWN' : 'NO_MOBILE_DEVICE');
      observed.note('unknownPerson', `\`${code}\``);
    });

    test('for a person with nothing to approve with', async () => {
      const { provider, signal, observed } = world();
      const { userId } = await world().introduced();
      const code = await world().codeOf(provider.startSession(world().request(userId), signal));
      expect(code).toBe('NO_MOBILE_DEVICE');
      observed.note('notEnrolled', `\`${code}\``);
    });

    test.skipIf(inside)('with credentials that are not the account’s, and nobody is asked', async () => {
      const { signal, observed, subject } = world();
      const { userId, phone } = await world().enrolled();
      const stranger = subject.open({ secret: `${subject.secrets[0]}x` });
      const start = stranger.startSession(world().request(userId), signal);
      const code = await world().codeOf(start);
      expect(code).toBe('PROVIDER_UNAUTHORIZED');
      const nothingWaits = async () => (phone.code === undefined ? await pressed(phone, 'approve') : phone.code());
      await expect(nothingWaits()).rejects.toThrow();
      expect(await world().codeOf(stranger.enrollment.begin(world().newUser(), signal))).toBe(code);
      expect(await world().codeOf(stranger.enrollment.check(userId, signal))).toBe(code);
      observed.note('wrongCredentials', `\`${code}\``);
    });

    test('for somebody who was removed', async () => {
      const { provider, signal, observed } = world();
      const { userId } = await world().approved();
      await provider.enrollment.remove(userId, signal);
      await expect(provider.enrollment.remove(userId, signal)).resolves.toBeUndefined();
      const peopleAreOurs = provider.capabilities.enrollment.some((kind) => kind !== 'methods');
      expect(await provider.enrollment.check(userId, signal).catch(() => ({ registered: false }))).toEqual({
        // Who makes people deletes them; a host project's people sign in there with the same methods (docs/adr/0021).
        registered: !peopleAreOurs,
      });
      if (peopleAreOurs) {
        expect(await world().codeOf(provider.startSession(world().request(userId), signal))).toBe('USER_UNKNOWN');
      }
      observed.note('remove', peopleAreOurs ? 'deleted at the service' : 'left to the host project');
    });
  });
}
