import { z } from 'zod';
import { installElectronHooks } from '../../chromium-host/electron-hooks.ts';

// Before anything that imports electron is loaded: one of the targets is main's side of the channels to the pages.
installElectronHooks(new URL('../../tests/electron/fake-electron.ts', import.meta.url).href);
const { FUZZ_TARGETS } = await import('../../tests/fuzz/targets.ts');
const { runTarget } = await import('../../tests/fuzz/run-target.ts');

const isName = (name: unknown): name is keyof typeof FUZZ_TARGETS =>
  typeof name === 'string' && Object.hasOwn(FUZZ_TARGETS, name);
const WorkSchema = z.array(
  z.object({ name: z.custom<keyof typeof FUZZ_TARGETS>(isName), first: z.int(), step: z.int(), count: z.int().min(0) }),
);

process.once('message', (message) => {
  void (async () => {
    for (const { name, first, step, count } of WorkSchema.parse(message)) {
      if (count === 0) continue;
      const seeds = Array.from({ length: count }, (_, index) => first + index * step);
      process.send?.(await runTarget(FUZZ_TARGETS[name](), seeds));
    }
    process.disconnect();
  })();
});
