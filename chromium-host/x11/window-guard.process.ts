import { readFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { z } from 'zod';
import { XConnection } from './connection.ts';
import {
  announceWithdrawal,
  createWindow,
  EVENT,
  EVENT_MASK,
  processOfWindow,
  reparentWindow,
  selectEvents,
} from './requests.ts';

/**
 * Takes every top-level window of our browser off the screen in the moment it is created, before it is mapped: a window that was
 * made hidden must not flash. It runs in a process of its own because the host may be busy in exactly that moment.
 */
const GUARD_PRIORITY = -15;

const Options = z.strictObject({ display: z.string(), profileDirectory: z.string() });

const [display, profileDirectory] = process.argv.slice(2);
const options = Options.parse({ display, profileDirectory });
process.once('disconnect', () => process.exit(0));
const x = await XConnection.open(options.display, process.env);
const resource = await x.extension('X-Resource');
if (resource === null) throw new Error('the X server lacks the X-Resource extension');
const { opcode } = resource;
try {
  // A busy machine must not give the browser's mapping a head start. Only root may do this; others have the odds of a quiet machine.
  setPriority(GUARD_PRIORITY);
} catch (error) {
  if (process.getuid?.() === 0) throw error;
}
const holder = createWindow(
  x,
  { x: 0, y: 0, width: 1, height: 1 },
  { backgroundPixel: 0, overrideRedirect: true, eventMask: EVENT_MASK.substructureNotify },
);
/** Clients (named by the high bits of their window ids) that are our browser. "Not ours" is never remembered: numbers are used again. */
const ourClients = new Set<number>();
const CLIENT_BITS = ~0x1fffff;

async function isOurs(window: number): Promise<boolean> {
  const client = window & CLIENT_BITS;
  if (ourClients.has(client)) return true;
  const pid = await processOfWindow(x, opcode, window);
  if (pid === null) return false;
  // Chromium rewrites its command line with spaces in the place of NULs some time after its start.
  const commandLine = `${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')} `;
  const ours = commandLine.includes(`--user-data-dir=${options.profileDirectory} `);
  if (ours) ourClients.add(client);
  return ours;
}

function take(window: number): void {
  reparentWindow(x, window, holder, { x: 0, y: 0 });
  // The browser may have asked for the mapping already: the window manager, which has yet to look at it, is told to forget it.
  announceWithdrawal(x, window);
  process.send?.({ window });
}

/** Only the host may fetch a window from here. A window manager that was quicker than we were gets it taken away again. */
function onFetched(window: number, newParent: number): void {
  processOfWindow(x, opcode, newParent).then(
    (pid) => {
      if (pid !== process.ppid) take(window);
    },
    () => undefined, // The new parent went away, and the window with it.
  );
}

x.on('event', (event) => {
  const isReparent = (event.readUInt8(0) & 0x7f) === EVENT.reparentNotify && event.readUInt32LE(4) === holder;
  if (isReparent && event.readUInt32LE(12) !== holder) onFetched(event.readUInt32LE(8), event.readUInt32LE(12));
  if ((event.readUInt8(0) & 0x7f) !== EVENT.createNotify || event.readUInt32LE(4) !== x.screen.root) return;
  const window = event.readUInt32LE(8);
  const overrideRedirect = event.readUInt8(22) === 1;
  if (ourClients.has(window & CLIENT_BITS)) {
    if (!overrideRedirect) take(window);
    return;
  }
  // Chromium makes small helper windows (clipboard) before its first real one: they tell who it is while there is time.
  isOurs(window).then(
    (ours) => {
      if (ours && !overrideRedirect) take(window);
    },
    () => undefined, // The window, or its process, went away before it could be asked about.
  );
});
x.once('closed', () => process.exit(0));
selectEvents(x, x.screen.root, EVENT_MASK.substructureNotify);
await x.atom('UTF8_STRING'); // A round trip: from here on nothing is missed.
process.send?.({ ready: true });
