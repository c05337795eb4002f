import type { PasskeyAssertion } from '../../../protocol/approver-passkey.ts';
import type { GatewayClock } from '../../clock.ts';
import { SlidingWindow } from '../../rate-limit.ts';
import type { GatewayHost } from '../provider.ts';
import { FAILED_ASSERTIONS_PER_TEN_MINUTES } from './limits.ts';
import type { People } from './people.ts';
import type { Phone, Phones } from './phones.ts';
import { ApproverRefusal } from './refusal.ts';
import type { ApproverSite } from './site.ts';
import { verifiedAssertion } from './verify.ts';

const TEN_MINUTES_MS = 600_000;

export interface PasskeyUsePorts {
  readonly clock: GatewayClock;
  readonly site: ApproverSite;
  readonly people: People;
  readonly phones: Phones;
  readonly host: () => GatewayHost | null;
}

/** Checks that the person used a registered phone's passkey, just now, for this. */
export class PasskeyUse {
  readonly #ports: PasskeyUsePorts;
  readonly #failures: SlidingWindow;

  constructor(ports: PasskeyUsePorts) {
    this.#ports = ports;
    this.#failures = new SlidingWindow(
      [{ events: FAILED_ASSERTIONS_PER_TEN_MINUTES, windowMs: TEN_MINUTES_MS }],
      ports.clock,
    );
  }

  /**
   * @param challenge has been taken out already: it cannot be answered again, whatever comes of this
   * @returns the phone, as it still is after the check
   * @throws ApproverRefusal
   */
  async check(claimed: PasskeyAssertion, challenge: string): Promise<Phone> {
    const { phones, people, site, clock } = this.#ports;
    const phone = phones.findByCredential(claimed.id);
    if (phone === null) throw new ApproverRefusal('PASSKEY_UNKNOWN');
    if (!this.#failures.hasRoom(phone.userId)) throw new ApproverRefusal('RATE_LIMITED');
    const { userHandle } = claimed.response;
    const person = people.find(phone.userId);
    if (userHandle !== undefined && userHandle !== person?.handle) throw this.#failed(phone, 'PASSKEY_REFUSED');
    const used = await verifiedAssertion(claimed, { challenge, site, phone }).catch((fault: unknown) => {
      throw fault instanceof ApproverRefusal ? this.#failed(phone, fault.code) : fault;
    });
    // Revoked, or used elsewhere, while the signature was checked.
    const present = phones.find(phone.phoneId);
    if (present === null) throw new ApproverRefusal('PASSKEY_UNKNOWN');
    const now = Math.floor(clock.wallMs());
    if (!phones.noteUse(phone.phoneId, used, now)) {
      // The same passkey counts in two places: one of them is a copy.
      people.note(phone.userId, now, 'counter-went-back', { phone: phone.name });
      const detail = `counter went back: phone ${phone.phoneId}`;
      this.#ports.host()?.audit.append({ event: 'approver.alarm', userId: phone.userId, detail });
      throw this.#failed(phone, 'PASSKEY_REFUSED');
    }
    return present;
  }

  #failed(phone: Phone, code: ApproverRefusal['code']): ApproverRefusal {
    this.#failures.take(phone.userId);
    this.#ports.host()?.audit.append({
      event: 'approver.refused',
      userId: phone.userId,
      detail: `${code}: phone ${phone.phoneId}`,
    });
    return new ApproverRefusal(code);
  }
}
