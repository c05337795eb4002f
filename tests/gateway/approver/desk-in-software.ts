import type { TestClient } from '../gateway-under-test.ts';
import type { ApproverUnderTest } from './approver-under-test.ts';
import { PhoneInSoftware } from './phone-in-software.ts';

export const PERSON = 'user-1';

/** A workstation that has introduced itself, with what a person does at it. */
export class Desk {
  readonly client: TestClient;
  #requests = 0;

  constructor(client: TestClient) {
    this.client = client;
  }

  static async at(approver: ApproverUnderTest, deviceId = 'device-1'): Promise<Desk> {
    return new Desk(await approver.workstation({ deviceId }));
  }

  async enrollmentLink(userId = PERSON): Promise<string> {
    this.client.send({ v: 1, type: 'enroll.begin', requestId: this.#next(), userId, displayName: 'Ada' });
    const { link } = await this.client.next('enroll.state');
    if (link === undefined) throw new Error('no link was given');
    return link;
  }

  /** A phone of the person that is enrolled and signed in. */
  async enrolledPhone(approver: ApproverUnderTest, userId = PERSON, name = 'Phone'): Promise<PhoneInSoftware> {
    const phone = new PhoneInSoftware(approver);
    await phone.enroll(await this.enrollmentLink(userId), name);
    return phone;
  }

  start(userId = PERSON, more: Record<string, unknown> = {}): string {
    const requestId = this.#next();
    const workstation = { name: 'Ada’s desk', network: 'office' };
    this.client.send({ v: 1, type: 'session.start', requestId, userId, reason: 'unlock', workstation, ...more });
    return requestId;
  }

  /** Starts a session; resolves with its id and the number that is shown. */
  async asks(userId = PERSON, more: Record<string, unknown> = {}): Promise<{ sessionId: string; number: string }> {
    const requestId = this.start(userId, more);
    const { sessionId, prompt } = await this.client.next('session.state', (state) => state.requestId === requestId);
    if (prompt?.kind !== 'number') throw new Error('no number is shown');
    return { sessionId, number: prompt.number };
  }

  /** The next word about the session with this status. */
  becomes(sessionId: string, status: string) {
    return this.client.next('session.state', (state) => state.sessionId === sessionId && state.status === status);
  }

  /** As the gateway says when it is asked. */
  async statusOf(sessionId: string): Promise<string> {
    this.client.received.splice(0);
    this.client.send({ v: 1, type: 'session.poll', sessionId, seq: 0 });
    return (await this.client.next('session.state', (state) => state.sessionId === sessionId)).status;
  }

  #next(): string {
    this.#requests += 1;
    return `request-${this.#requests}`;
  }
}
