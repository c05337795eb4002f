import type { ProviderEnrollment } from '../../gateway/providers/provider.ts';
import type { Capabilities } from '../../protocol/frames.ts';

/** What the services of the bench can do. */
export const benchCapabilities = (push: boolean): Capabilities => ({
  title: 'Bench',
  proximity: true,
  push,
  prompts: ['phone'],
  enrollment: ['link'],
  lostDevice: false,
  durations: true,
  methods: [],
  simulated: true,
});

/** Everybody’s phone is registered already. */
export const BENCH_ENROLLMENT: ProviderEnrollment = {
  begin: async () => ({ link: 'https://phone.invalid/register', registered: true }),
  check: async () => ({ registered: true }),
  remove: async () => undefined,
};
