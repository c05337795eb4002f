import type { Logger } from 'pino';
import type { Policy, PolicyOverride } from '../protocol/policy.ts';
import type { Clock } from './core/ports.ts';
import type { Guard } from './runtime/guard.ts';
import type { PolicyFiles, PolicyReading } from './settings/policy-files.ts';

/** The policy that holds now, and the way by which it changes: files, settings page, gateway. */
export class PolicyInForce {
  readonly #files: PolicyFiles;
  readonly #log: Pick<Logger, 'error'>;
  #reading: PolicyReading;
  #onChanged: (before: PolicyReading) => void = () => undefined;

  private constructor(files: PolicyFiles, log: Pick<Logger, 'error'>, reading: PolicyReading) {
    this.#files = files;
    this.#log = log;
    this.#reading = reading;
  }

  static async read(files: PolicyFiles, log: Pick<Logger, 'error'>): Promise<PolicyInForce> {
    return new PolicyInForce(files, log, await files.read());
  }

  get reading(): PolicyReading {
    return this.#reading;
  }

  readonly policy = (): Policy => this.#reading.policy;

  /** Tells the guard, and then whoever records and shows it, from now on. @returns a function that stops. */
  async follow(
    guard: Guard,
    clock: Clock,
    tell: (before: PolicyReading, now: PolicyReading) => void,
  ): Promise<() => void> {
    this.#onChanged = (before) => {
      guard.dispatch({ type: 'policy.changed', at: clock.monotonicNow() });
      tell(before, this.#reading);
    };
    return this.#files.watch((reading) => this.#use(reading));
  }

  async reload(): Promise<void> {
    this.#use(await this.#files.read());
  }

  /** Keeps what the gateway stated, so that it holds without the gateway too; null forgets it. A failure is logged: the last word holds. */
  keepGatewayPolicy(stated: PolicyOverride | null): void {
    this.#files
      .writeGateway(stated)
      .then(() => this.reload())
      .catch((error: unknown) => this.#log.error({ err: error }, 'the gateway’s policy could not be kept'));
  }

  #use(reading: PolicyReading): void {
    const before = this.#reading;
    this.#reading = reading;
    this.#onChanged(before);
  }
}
