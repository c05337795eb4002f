import type { PolicyOverride } from '../../../protocol/policy.ts';
import { type ApproverPhone, PhoneShop } from './approver-phone.ts';
import { GuardedDesktop } from './guarded-desktop.ts';
import { DESK, PasskeyGateway } from './passkey-gateway.ts';
import { SOON_MS } from './patience.ts';

/** Names the person gives their phones. */
export const FIRST_PHONE = 'Ada’s phone';
export const SECOND_PHONE = 'Ada’s tablet';

/** Called at each stage worth seeing, with both sides as they are then; no phone while it has not been taken out. */
export type LookAtBoth = (stage: string, phone: ApproverPhone | null) => Promise<void>;
/** Effects that somebody at work would see. */
const DISTURBING: ReadonlySet<string> = new Set(['raiseCurtain', 'lowerCurtain', 'requestLock']);
const nobodyLooks: LookAtBoth = async () => undefined;

/** A guarded desktop, the gateway process it belongs to, and the phones of its person. */
export class PasskeyDesk {
  readonly guarded: GuardedDesktop;
  readonly gateway: PasskeyGateway;
  readonly shop: PhoneShop;
  /** The person's first phone. */
  readonly phone: ApproverPhone;

  private constructor(guarded: GuardedDesktop, gateway: PasskeyGateway, shop: PhoneShop, phone: ApproverPhone) {
    this.guarded = guarded;
    this.gateway = gateway;
    this.shop = shop;
    this.phone = phone;
  }

  /** @param page folder of the built phones' page */
  static async start(policy: PolicyOverride, page: string): Promise<PasskeyDesk> {
    const guarded = await GuardedDesktop.start(policy);
    const begun: { stop(): Promise<void> }[] = [guarded];
    try {
      const gateway = await PasskeyGateway.start(guarded.desktop, page);
      begun.unshift(gateway);
      const shop = await PhoneShop.open();
      begun.unshift({ stop: () => shop.close() });
      return new PasskeyDesk(guarded, gateway, shop, await shop.phone());
    } catch (error) {
      for (const part of begun) await part.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.shop.close();
    await this.guarded.stop();
    await this.gateway.stop();
  }

  /** From address and token to the test approval, the workstation's page following the phone by itself. Ends where the curtain asks. */
  async enroll(look = nobodyLooks): Promise<void> {
    const { guarded, phone } = this;
    const link = await this.gateway.join(guarded);
    await look('enroll-link', null);
    await phone.openLink(link);
    await guarded.read('enrollment', 'text=A phone has opened the link');
    await look('enroll-opened', phone);
    await phone.createPasskey(FIRST_PHONE);
    await phone.sees('Keep this recovery code');
    await guarded.read('enrollment', 'role=button[name="Ask my phone"]');
    await look('enroll-passkey', phone);
    await phone.press('I have kept it');
    await phone.sees('Be told when a workstation asks');
    await phone.press('Allow notifications');
    await phone.seesText('Nothing buzzes when a workstation asks');
    await look('enroll-notifications-refused', phone);
    await phone.press('Not now');
    await phone.sees('Try one approval');
    await guarded.press('enrollment', 'role=button[name="Ask my phone"]');
    const number = await this.#numberOfTest();
    await phone.numbersOffered();
    await look('enroll-test', phone);
    await phone.choose(number);
    await phone.approve(number);
    await phone.sees('The test worked');
    await guarded.read('enrollment', 'h2:has-text("It works")');
    await look('enroll-tested', phone);
    await phone.press('Done');
    await phone.press('Finish');
    await phone.sees('Nothing to approve');
    await guarded.startGuarding();
    await guarded.app.untilState('verifying', SOON_MS);
  }

  /** The number on the curtain, once it asks. */
  async numberAsked(): Promise<string> {
    const { guarded } = this;
    await guarded.untilCovered(true);
    return numberIn(await guarded.read('curtain', 'h1:has-text("Choose")'));
  }

  /** The person at the curtain reads the number, and their phone approves it. @returns wall time just before the touch. */
  async approve(phone = this.phone): Promise<number> {
    const { app } = this.guarded;
    const from = app.mark;
    const number = await this.numberAsked();
    await phone.numbersOffered();
    await phone.choose(number);
    const at = await phone.approve(number);
    await phone.sees('Approved');
    await app.untilState('present', SOON_MS, from);
    await this.guarded.untilCovered(false);
    return at;
  }

  /** The real locker ends, and the curtain is up and asks. */
  async unlock(): Promise<void> {
    await this.guarded.unlockByHand();
    await this.guarded.untilCovered(true);
  }

  /** One of the numbers that the phone shows and the curtain does not. */
  async approveWrongNumber(look = nobodyLooks): Promise<void> {
    const { phone } = this;
    const right = await this.numberAsked();
    const wrong = (await phone.numbersOffered()).find((number) => number !== right);
    if (wrong === undefined) throw new Error('the phone shows one number only');
    await phone.choose(wrong);
    await look('wrong-number', phone);
    await phone.approve(wrong);
    await phone.sees('That was another number');
  }

  /** @returns wall time just before. */
  async lockFromPhone(look = nobodyLooks): Promise<number> {
    const { phone } = this;
    await phone.goTo('Workstations');
    await phone.seesText('You are in since');
    await look('phone-workstations', phone);
    return await phone.press('Lock now');
  }

  /** For the time that the phone suggests. Ends where the phone says until when. @returns wall time just before the touch. */
  async pauseFromPhone(look = nobodyLooks): Promise<number> {
    const { phone } = this;
    await phone.goTo('Workstations');
    await phone.press('Pause…');
    await phone.seesText(`Pause guarding ${DESK} for`);
    await look('phone-pause', phone);
    const at = await phone.press('Pause with passkey');
    await phone.seesText(/^Paused until/);
    return at;
  }

  /** @returns wall time just before the report. */
  async reportNotMe(look = nobodyLooks): Promise<number> {
    const { phone } = this;
    await phone.numbersOffered();
    await phone.press('That wasn’t me…');
    await phone.sees(/^You are not at/);
    await look('not-me', phone);
    const at = await phone.press('Lock it and block it');
    await phone.sees('Locked and blocked');
    return at;
  }

  /** What the phone offers against its own block, and what the curtain offers then. Ends where the curtain asks. */
  async takeBackBlock(): Promise<void> {
    const { phone, guarded } = this;
    await phone.goTo('Workstations');
    await phone.press('Take back the block');
    await phone.seesText('may ask you again');
    await guarded.press('curtain', 'role=button[name=/Ask again/]');
  }

  /** The first phone makes the link, another one becomes a key of the same person with it. */
  async addPhone(look = nobodyLooks): Promise<ApproverPhone> {
    const link = await this.phone.linkForAnother();
    await look('second-phone-link', this.phone);
    await this.phone.press('Done');
    const second = await this.shop.phone();
    await second.openLink(link);
    await second.createPasskey(SECOND_PHONE);
    await second.press('Not now');
    await second.press('Skip the test');
    await second.sees('Nothing to approve');
    return second;
  }

  /** The number to choose for going on: beside the work, in the status window. @param from mark in the app's log */
  async numberOfRenewal(timeoutMs: number, from: number): Promise<string> {
    await this.guarded.app.until(
      (line) => line.effects?.includes('startSession') === true,
      'the phone is asked to go on',
      timeoutMs,
      from,
    );
    const { detail } = await this.guarded.untilView(
      (view) => view.state === 'present' && view.prompt?.kind === 'number',
      'the number to choose for going on',
    );
    return numberIn(detail);
  }

  /** Asked beside the work and approved. @returns whether the person was left alone: nothing came up or went down, and nothing locked. */
  async approveRenewal(timeoutMs: number, from: number, look = nobodyLooks): Promise<boolean> {
    const { guarded, phone } = this;
    const number = await this.numberOfRenewal(timeoutMs, from);
    const hiddenBefore = await guarded.lastHiddenAtWall();
    await phone.numbersOffered();
    await look('renewal-asks', phone);
    const covered = await guarded.covered();
    await phone.choose(number);
    await phone.approve(number);
    await phone.seesText(/goes on\.$/);
    await guarded.untilView(
      ({ state, prompt, session }) => state === 'present' && prompt === null && session?.asksAgainAtWall != null,
      'the renewed session',
    );
    const disturbed = guarded.app.lines
      .slice(from)
      .some(({ effects }) => effects?.some((effect) => DISTURBING.has(effect)));
    return !covered && !disturbed && (await guarded.lastHiddenAtWall()) === hiddenBefore;
  }

  async #numberOfTest(): Promise<string> {
    const { testPrompt } = await this.guarded.enrollmentUntil(
      (view) => view.testPrompt?.kind === 'number',
      'the number of the test approval',
    );
    if (testPrompt?.kind !== 'number') throw new Error('no number is shown');
    return testPrompt.number;
  }
}

function numberIn(sentence: string): string {
  const [number] = sentence.match(/\b\d{2}\b/) ?? [];
  if (number === undefined) throw new Error(`no number in “${sentence}”`);
  return number;
}
