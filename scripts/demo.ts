import { parseArgs } from 'node:util';
import { findProgram, missingTools } from '../tests/system/desktop/tools.ts';
import { tellStory } from './demo/story.ts';
import { Timeline } from './demo/timeline.ts';

const USAGE = `Usage: npm run demo -- [--json] [--screenshots DIR] [--policy curtain|session] [--audit FILE]

Runs the main job on this machine with real parts and exits with 1 when anything is not as told.
--audit FILE leaves the record of what happened there; npm run audit -- verify FILE checks it.`;

function options() {
  try {
    const { values } = parseArgs({
      options: {
        json: { type: 'boolean', default: false },
        screenshots: { type: 'string' },
        policy: { type: 'string', default: 'curtain' },
        audit: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : 'unknown option'}\n\n${USAGE}`);
    process.exit(2);
  }
}

const { json, screenshots, policy, audit, help } = options();
if (help) {
  console.log(USAGE);
  process.exit(0);
}
if (policy !== 'curtain' && policy !== 'session') {
  console.error(`--policy is curtain or session.\n\n${USAGE}`);
  process.exit(2);
}
const timeline = new Timeline({ json, screenshots: screenshots ?? null });
const missing = [
  ...missingTools(['x-server', 'logind', 'locker', 'keychain']),
  ...(findProgram('/usr/bin/chromium') === null ? ['chromium (Debian package chromium)'] : []),
];
if (missing.length > 0) {
  timeline.summary(false, `this machine lacks ${missing.join(', ')}`);
  process.exit(1);
}
try {
  await tellStory(timeline, policy, audit ?? null);
  timeline.summary(true, null);
} catch (error) {
  const reason = error instanceof Error ? error.message : 'unknown';
  timeline.summary(false, json ? (reason.split('\n')[0] ?? reason) : reason);
  process.exitCode = 1;
}
