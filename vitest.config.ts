import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** These look at real windows: with a browser to start, they are no unit tests. */
const WITH_A_BROWSER = [
  'tests/chromium-host/**/*.test.ts',
  'tests/renderer/every-screen.test.ts',
  'tests/renderer/*-page.test.ts',
  'tests/approver/every-screen.test.ts',
  'tests/approver/*-page.test.ts',
  'tests/simulators/phone-page.test.ts',
];
/** Processes of their own, slow hashes by the dozen, or every question to every service spoilt in every way: too slow for `npm run check`. */
const TOO_SLOW_FOR_CHECK = [
  'tests/audit/crashes.test.ts',
  'tests/bench/result.test.ts',
  'tests/command/account.test.ts',
  'tests/command/session.test.ts',
  'tests/command/users-and-devices.test.ts',
  'tests/enrollment/*with-real-parts.test.ts',
  'tests/gateway/admin/command.test.ts',
  'tests/gateway/admin/socket.test.ts',
  'tests/gateway/cli.test.ts',
  'tests/gateway/methods/one-time.test.ts',
  'tests/gateway/methods/recovery-code.test.ts',
  'tests/gateway/provider-contract-matrix.test.ts',
  'tests/scripts/demo-usage.test.ts',
  'tests/simulators/cli.test.ts',
];
const NOT_UNIT = ['tests/packaging/**', 'tests/system/**', 'tests/e2e/**', ...WITH_A_BROWSER, ...TOO_SLOW_FOR_CHECK];

/**
 * Real processes, sockets and windows on a machine that may be busy with other work: a test that fails is run once more, and a second
 * failure counts.
 */
const SECOND_ATTEMPT = 1;

/** Each file has buses, servers and a desktop of its own, and waits more than it works: as many as the cores of the machine that CI has. */
const DESKTOPS_AT_ONCE = 2;

/** Begun first, in this order: one that is begun last keeps everybody waiting. They wait for real time to pass. */
const LONGEST = [
  'tests/e2e/passkey-renewal.test.ts',
  'tests/e2e/story.test.ts',
  'tests/e2e/sentinel.test.ts',
  'tests/e2e/offline.test.ts',
  'tests/approver/every-screen.test.ts',
  'tests/renderer/every-screen.test.ts',
  'tests/system/exhaustive-walk.test.ts',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = LONGEST.findIndex((name) => moduleId.endsWith(name));
      return place === -1 ? LONGEST.length : place;
    };
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}

/** Unit tests run in every `npm run check`; packaging takes longer, system and end-to-end suites need the real parts of a Debian desktop. */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['tests/**/*.test.ts', 'tests/**/*.test.tsx'],
          exclude: NOT_UNIT,
          testTimeout: 30_000,
          // Vitest leaves one core to whoever watches; here nobody does.
          maxWorkers: availableParallelism(),
          retry: SECOND_ATTEMPT,
        },
      },
      {
        test: {
          name: 'packaging',
          include: ['tests/packaging/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'system',
          include: ['tests/system/**/*.test.ts', ...WITH_A_BROWSER, ...TOO_SLOW_FOR_CHECK],
          testTimeout: 60_000,
          retry: SECOND_ATTEMPT,
          hookTimeout: 60_000,
          maxWorkers: DESKTOPS_AT_ONCE,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          testTimeout: 180_000,
          retry: SECOND_ATTEMPT,
          hookTimeout: 180_000,
          maxWorkers: DESKTOPS_AT_ONCE,
        },
      },
    ],
  },
});
