import { join } from 'node:path';
import { createRecordFile } from '../../../main/audit/record-file.ts';
import { createGatewayLink } from '../../../main/link/gateway-link.ts';
import type { PresenceGatewayLink } from '../../../main/link/presence-gateway-link.ts';
import { createOsAdapter } from '../../../main/os/create-os-adapter.ts';
import { createMonotonicClock } from '../../../main/os/monotonic-clock.ts';
import { createGuard } from '../../../main/runtime/guard.ts';
import { createWakeUp, NODE_TIMERS } from '../../../main/runtime/wake-up.ts';
import { startWatchdog } from '../../../main/runtime/watchdog.ts';
import { DEFAULT_POLICY } from '../../../protocol/policy.ts';

/**
 * What main does in `present` apart from its windows: session watch, guard, link, record and watchdog, joined as main/session-guard.ts joins
 * them, with a curtain that is nothing. Takes the folder with the gateway's socket; its environment is the desktop's.
 */
const folder = process.argv[2] ?? '';
const clock = createMonotonicClock();
const nothing = async (): Promise<void> => undefined;
const silent = { info: () => undefined, warn: () => undefined };
const { watch, ladder } = createOsAdapter(process.platform, { env: process.env });
let link: PresenceGatewayLink | null = null;
const guard = createGuard({
  runId: 'bench',
  policy: () => DEFAULT_POLICY,
  ports: (dispatch) => {
    link = createGatewayLink({
      connect: { socketPath: join(folder, 'gateway.sock'), token: 'token-of-the-bench-in-process' },
      deviceId: 'device',
      appVersion: '0.1.0',
      platform: 'linux',
      clock,
      dispatch,
      logger: silent,
    });
    return {
      ladder,
      curtain: { raise: nothing, lower: nothing, discard: nothing },
      link,
      notifier: { notify: nothing, withdraw: nothing },
      audit: createRecordFile(join(folder, 'record.jsonl'), {
        personal: () => ({ ids: [], names: [], homeDirectory: '' }),
        onWritable: () => undefined,
      }),
      alarm: { raise: nothing },
      wakeUp: createWakeUp(clock, NODE_TIMERS),
      clock,
    };
  },
  onFault: (error) => {
    throw error;
  },
});
const tellState = (): void => void process.send?.({ state: guard.current().state.name });
const stopTelling = guard.subscribe(({ machine }) => {
  if (machine.state.name !== 'present') return;
  stopTelling();
  tellState();
});
process.on('message', tellState);
process.on('disconnect', () => process.exit(0));
await watch.start((signal) => guard.dispatch({ ...signal, at: clock.monotonicNow() }));
startWatchdog({
  clock,
  timers: NODE_TIMERS,
  onTick: () => guard.dispatch({ type: 'timer.fired', at: clock.monotonicNow() }),
  onSlept: () => guard.dispatch({ type: 'os.resumed', at: clock.monotonicNow() }),
});
guard.dispatch({
  type: 'enrollment.changed',
  enrollment: { userId: 'user', deviceId: 'device' },
  at: clock.monotonicNow(),
});
