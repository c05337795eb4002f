import { AfterDeath } from './after-death.ts';
import { FIRST_SIGN_TIMEOUT_MS, HEARTBEAT_INTERVAL_MS } from './limits.ts';
import type { SentinelPorts, WatchedMain } from './sentinel-ports.ts';

/** How watching over one main ended. */
interface End {
  readonly how: 'farewell' | 'ended' | 'hung';
  /** What main last said of whether somebody is guarded. */
  readonly guarding: boolean;
  readonly processId: number | null;
}

/**
 * The process that outlives main: when main dies the workstation is locked and main is started again, untrusted (S5). Resolves when there
 * is nothing left to watch over: a farewell, the end of the session, or somebody else who starts main again.
 */
export async function watchOverMain(first: WatchedMain, ports: SentinelPorts): Promise<void> {
  const afterDeath = new AfterDeath(ports);
  let main = first;
  for (;;) {
    const end = await untilEnd(main, ports, (guarding) => afterDeath.mainLives(guarding));
    if (end.how === 'farewell') {
      await afterDeath.close();
      return;
    }
    ports.log.error({ how: end.how, guarding: end.guarding }, 'sentinel: the app died');
    const kill = end.how === 'hung' ? () => main.kill(end.processId) : () => undefined;
    const next = await afterDeath.lockAndStart({ how: end.how, guarding: end.guarding, kill });
    if (next === null) return;
    main = next;
  }
}

function untilEnd(
  main: WatchedMain,
  ports: SentinelPorts,
  onAlive: (guarding: boolean) => Promise<void>,
): Promise<End> {
  const { clock, timers, log } = ports;
  return new Promise((resolve) => {
    let guarding = false;
    let processId: number | null = null;
    let settled = false;
    let silentLooks = 0;
    let mayBeSilent = Math.ceil(FIRST_SIGN_TIMEOUT_MS / HEARTBEAT_INTERVAL_MS);
    let lookedAt = clock.monotonicNow();
    const settle = (how: End['how']): void => {
      if (settled) return;
      settled = true;
      timers.clearTimeout(timer);
      resolve({ how, guarding, processId });
    };
    const look = (): void => {
      const now = clock.monotonicNow();
      const lateMs = now - lookedAt - HEARTBEAT_INTERVAL_MS;
      lookedAt = now;
      // This process did not run either (sleep, a machine at its limit): then main's silence means nothing.
      silentLooks = lateMs > HEARTBEAT_INTERVAL_MS ? 0 : silentLooks + 1;
      if (silentLooks >= mayBeSilent) settle('hung');
      else timer = timers.setTimeout(look, HEARTBEAT_INTERVAL_MS);
    };
    let timer = timers.setTimeout(look, HEARTBEAT_INTERVAL_MS);
    main.wire.listen({
      onMessage(message) {
        if (settled) return;
        if (message.type === 'farewell') settle('farewell');
        if (message.type !== 'alive') return;
        silentLooks = 0;
        mayBeSilent = ports.silentLooksUntilHung;
        guarding = message.guarding;
        processId = message.processId;
        main.wire.say({ type: 'watching' });
        onAlive(guarding).catch((cause: unknown) =>
          log.warn({ err: cause }, 'sentinel: the session watch did not end'),
        );
      },
      onClosed: () => settle('ended'),
    });
  });
}
