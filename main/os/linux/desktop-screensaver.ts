import { z } from 'zod';
import { LockRungFailed, type OsSignal } from '../../core/ports.ts';
import type { LockRung } from '../ladder-of-rungs.ts';
import type { LockSource } from '../lock-source.ts';
import { BusCallFailed } from './bus-connection.ts';
import type { DesktopScreenSaver } from './desktops.ts';
import type { Bus } from './reconnecting-bus.ts';

/** GNOME, KDE and Cinnamon answer once the lock is shown, which may take a while on a busy machine. Shorter than RUNG_TIMEOUT_MS. */
const LOCK_CALL_TIMEOUT_MS = 3_500;
/** A refusal comes at once; a screen saver that never answers has taken the request when none came by then. */
const REFUSAL_WAIT_MS = 500;

const booleanReplySchema = z.tuple([z.boolean()]);

/** Errors of the bus daemon that mean: nobody is there who could be locked, or could lock. */
const NOBODY_THERE: readonly string[] = [
  'org.freedesktop.DBus.Error.ServiceUnknown',
  'org.freedesktop.DBus.Error.NameHasNoOwner',
];

/** The rung that asks the desktop itself: the only one on Linux that answers when the lock is shown. */
export function desktopLockRung(bus: Bus, saver: DesktopScreenSaver): LockRung {
  const name = `${saver.desktop}: ${saver.interface}.Lock`;
  return { name, request: async () => await requestLock(bus, saver, name) };
}

/** Asks whichever screen saver has its name on the bus when the lock is wanted. None is started for it. */
export function anyDesktopLockRung(bus: Bus, savers: readonly DesktopScreenSaver[]): LockRung {
  const name = 'screen saver on the session bus';
  return {
    name,
    request: async () => {
      const failures: string[] = [];
      for (const saver of savers) {
        try {
          if (!(await isOnBus(bus, saver))) continue;
          await requestLock(bus, saver, name);
          return;
        } catch (error) {
          failures.push(error instanceof Error ? error.message : 'unknown failure');
        }
      }
      throw new LockRungFailed(name, failures.length === 0 ? 'there is none' : failures.join('; '));
    },
  };
}

async function requestLock(bus: Bus, saver: DesktopScreenSaver, rung: string): Promise<void> {
  const answered = bus.call({
    destination: saver.service,
    path: saver.path,
    interface: saver.interface,
    member: 'Lock',
    ...(saver.lockTakesMessage ? { signature: 's', body: [''] } : {}),
    timeoutMs: LOCK_CALL_TIMEOUT_MS,
  });
  try {
    await (saver.answersLock ? answered : unlessRefused(answered));
  } catch (error) {
    throw new LockRungFailed(rung, error instanceof Error ? error.message : 'unknown failure', { cause: error });
  }
}

async function unlessRefused(answered: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const taken = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, REFUSAL_WAIT_MS);
  });
  try {
    // The race also takes care of the time-out that is certain to come later.
    await Promise.race([answered, taken]);
  } finally {
    clearTimeout(timer);
  }
}

async function isOnBus(bus: Bus, saver: DesktopScreenSaver): Promise<boolean> {
  const reply = await bus.call({
    destination: 'org.freedesktop.DBus',
    path: '/org/freedesktop/DBus',
    interface: 'org.freedesktop.DBus',
    member: 'NameHasOwner',
    signature: 's',
    body: [saver.service],
  });
  return booleanReplySchema.parse(reply)[0];
}

/**
 * `ActiveChanged` of a screen saver whose activity means a lock. Says nothing until its service is on the bus. A service that leaves
 * the bus while active was the locker itself, killed or crashed: the desktop is open, and that proves nothing (as with any locker).
 */
export class ScreenSaverSource implements LockSource {
  readonly name: string;
  readonly #bus: Bus;
  readonly #saver: DesktopScreenSaver;
  readonly #expected: boolean;
  #report: ((signal: OsSignal) => void) | null = null;
  #active: boolean | null = null;
  /** Counts what the service said by itself, so that an answer asked for earlier is not applied after it. */
  #changes = 0;

  /** @param options.expected false: it may well not be there, which is no trouble, and it is not started by asking it. */
  constructor(bus: Bus, saver: DesktopScreenSaver, { expected }: { readonly expected: boolean }) {
    this.name = `${saver.desktop} screen saver`;
    this.#bus = bus;
    this.#saver = saver;
    this.#expected = expected;
  }

  async start(report: (signal: OsSignal) => void): Promise<void> {
    this.#report = report;
    const { service, path, interface: at } = this.#saver;
    this.#bus.onServiceBack(service, () => this.expectChange());
    this.#bus.onServiceGone(service, () => {
      this.#changes += 1;
      this.#gone();
    });
    await this.#bus.subscribe({ sender: service, path, interface: at, member: 'ActiveChanged' }, (body) => {
      const active = booleanReplySchema.safeParse(body);
      if (!active.success) return;
      this.#changes += 1;
      this.#tell(active.data[0], `${at} active=${active.data[0]}`);
    });
    await this.#read();
  }

  expectChange(): void {
    this.#read().catch((error: unknown) => {
      // Not reached just now: its last word stands. Not there any more: nothing of it covers the screen.
      if (error instanceof BusCallFailed && NOBODY_THERE.includes(error.dbusName ?? '')) this.#gone();
    });
  }

  async stop(): Promise<void> {
    this.#report = null;
  }

  async #read(): Promise<void> {
    const { service: destination, path, interface: at } = this.#saver;
    if (!this.#expected && !(await isOnBus(this.#bus, this.#saver))) {
      this.#gone();
      return;
    }
    const changesBefore = this.#changes;
    const reply = await this.#bus.call({ destination, path, interface: at, member: 'GetActive' });
    const [active] = booleanReplySchema.parse(reply);
    if (changesBefore === this.#changes) this.#tell(active, `${at} active=${active}`);
  }

  #gone(): void {
    if (this.#active === true) this.#tell(false, `${this.#saver.service} left the bus`);
  }

  #tell(active: boolean, evidence: string): void {
    this.#active = active;
    this.#report?.({ type: active ? 'os.locked' : 'os.unlocked', evidence });
  }
}
