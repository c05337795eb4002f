import { type BusCall, BusCallFailed } from '../../main/os/linux/bus-connection.ts';
import type { Bus, SignalInterest } from '../../main/os/linux/reconnecting-bus.ts';

/** A bus whose services are functions; `emit` delivers a signal as its owner would send it. */
export class FakeBus implements Bus {
  readonly calls: BusCall[] = [];
  readonly #answers = new Map<string, (call: BusCall) => readonly unknown[] | Promise<readonly unknown[]>>();
  readonly #subscriptions: {
    readonly interest: SignalInterest;
    readonly listener: (body: readonly unknown[]) => void;
  }[] = [];
  readonly #gone: { readonly service: string; readonly listener: () => void }[] = [];
  readonly #back: { readonly service: string; readonly listener: () => void }[] = [];

  /** @param member `Interface.Member`, e.g. `org.freedesktop.DBus.Properties.Get`. */
  answer(member: string, reply: (call: BusCall) => readonly unknown[] | Promise<readonly unknown[]>): this {
    this.#answers.set(member, reply);
    return this;
  }

  emit(path: string, at: string, member: string, body: readonly unknown[]): void {
    for (const { interest, listener } of this.#subscriptions) {
      if (interest.path === path && interest.interface === at && interest.member === member) listener(body);
    }
  }

  serviceGone(service: string): void {
    for (const entry of this.#gone) if (entry.service === service) entry.listener();
  }

  serviceBack(service: string): void {
    for (const entry of this.#back) if (entry.service === service) entry.listener();
  }

  async call(call: BusCall): Promise<readonly unknown[]> {
    this.calls.push(call);
    const reply = this.#answers.get(`${call.interface}.${call.member}`);
    if (reply === undefined) {
      throw new BusCallFailed(`no such method ${call.member}`, 'org.freedesktop.DBus.Error.ServiceUnknown');
    }
    return await reply(call);
  }

  async subscribe(interest: SignalInterest, listener: (body: readonly unknown[]) => void): Promise<void> {
    this.#subscriptions.push({ interest, listener });
  }

  onServiceBack(service: string, listener: () => void): void {
    this.#back.push({ service, listener });
  }

  onServiceGone(service: string, listener: () => void): void {
    this.#gone.push({ service, listener });
  }
}
