import { parseArgs } from 'node:util';
import { findProgram, missingTools } from '../tests/system/desktop/tools.ts';
import { tellPasskeyStory } from './demo/passkey-story.ts';
import { tellStory } from './demo/story.ts';
import { DEMO_PROVIDERS, Timeline } from './demo/timeline.ts';

const USAGE = `Usage: npm run demo -- [--provider activeconnect|passkey] [--json] [--screenshots DIR] [--policy curtain|session] [--audit FILE]

Runs the main job on this machine with real parts and exits with 1 when anything is not as told.
--audit FILE leaves the record of what happened there; npm run audit -- verify FILE checks it.
--provider passkey tells the story of your own phone and your own server, with a second Chromium as the phone; it takes about three minutes.`;

function options() {
  try {
    const { values } = parseArgs({
      options: {
        provider: { type: 'string', default: 'activeconnect' },
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

const { provider: named, json, screenshots, policy, audit, help } = options();
if (help) {
  console.log(USAGE);
  process.exit(0);
}
if (policy !== 'curtain' && policy !== 'session') {
  console.error(`--policy is curtain or session.\n\n${USAGE}`);
  process.exit(2);
}
const provider = DEMO_PROVIDERS.find((known) => known === named);
if (provider === undefined) {
  console.error(`--provider is ${DEMO_PROVIDERS.join(' or ')}.\n\n${USAGE}`);
  process.exit(2);
}
if (provider === 'passkey' && policy === 'session') {
  console.error(
    `With passkeys the number to choose stands on the curtain: --policy session is told without them.\n\n${USAGE}`,
  );
  process.exit(2);
}
const timeline = new Timeline({ json, screenshots: screenshots ?? null, provider });
const missing = [
  ...missingTools(['x-server', 'logind', 'locker', 'keychain']),
  ...(findProgram('/usr/bin/chromium') === null ? ['chromium (Debian package chromium)'] : []),
];
if (missing.length > 0) {
  timeline.summary(false, `this machine lacks ${missing.join(', ')}`);
  process.exit(1);
}
try {
  if (provider === 'passkey') await tellPasskeyStory(timeline, audit ?? null);
  else await tellStory(timeline, policy, audit ?? null);
  timeline.summary(true, null);
} catch (error) {
  const reason = error instanceof Error ? error.message : 'unknown';
  timeline.summary(false, json ? (reason.split('\n')[0] ?? reason) : reason);
  process.exitCode = 1;
}
