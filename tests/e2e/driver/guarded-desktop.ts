import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PolicyOverride } from '../../../protocol/policy.ts';
import { type Desktop, startDesktop } from '../../system/desktop/desktop.ts';
import { runToEnd } from '../../system/desktop/managed-process.ts';
import { AppPages } from './app-pages.ts';
import { AppRun } from './app-run.ts';
import { childOfApp } from './child-of-app.ts';
import { chosenHost } from './chosen-host.ts';
import { SOON_MS } from './patience.ts';
import { Phone } from './phone.ts';
import { ProgramsBeside } from './programs-beside.ts';
import { SeenDisplay } from './seen-display.ts';

/** What is particular about one start of the app. */
export interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  /** See LaunchOptions. */
  readonly enter?: readonly string[];
}

/** A real desktop of this machine's parts with the built app on it, and a phone beside it. */
export class GuardedDesktop extends AppPages {
  readonly desktop: Desktop;
  readonly userData: string;
  readonly display: SeenDisplay;
  readonly beside: ProgramsBeside;
  readonly #host = chosenHost(process.env);
  #app: AppRun | null = null;
  #phone: Phone | null = null;

  /** How the app is started from the next time on. */
  surroundings: Surroundings = {};

  private constructor(desktop: Desktop) {
    super();
    this.desktop = desktop;
    this.userData = join(desktop.folder, 'presence-locker');
    this.display = new SeenDisplay(desktop, () => this.app);
    this.beside = new ProgramsBeside(desktop, this.#host, this.userData);
  }

  /** @param prepare called before the app is started for the first time. */
  static async start(
    policy: PolicyOverride = {},
    screen = { width: 1440, height: 900 },
    prepare: (guarded: GuardedDesktop) => Promise<void> = async () => undefined,
  ): Promise<GuardedDesktop> {
    const desktop = await startDesktop({ parts: ['x-server', 'logind', 'locker', 'keychain'], screen });
    try {
      const guarded = new GuardedDesktop(desktop);
      await mkdir(guarded.userData, { recursive: true, mode: 0o700 });
      if (Object.keys(policy).length > 0) {
        await writeFile(join(guarded.userData, 'policy.json'), JSON.stringify(policy), { mode: 0o600 });
      }
      await prepare(guarded);
      await guarded.startApp();
      return guarded;
    } catch (error) {
      await desktop.stop();
      throw error;
    }
  }

  /** What the app runs on. */
  get runsOn(): string {
    return this.#host.name;
  }

  get app(): AppRun {
    if (this.#app === null) throw new Error('the app does not run');
    return this.#app;
  }

  get phone(): Phone {
    if (this.#phone === null) throw new Error('no phone was enrolled');
    return this.#phone;
  }

  async startApp(): Promise<void> {
    const { env, folder } = this.desktop;
    const { enter = [] } = this.surroundings;
    this.#app = await AppRun.start(this.#host, {
      env: { ...env, ...this.surroundings.env },
      userData: this.userData,
      controlSocket: join(folder, 'control.sock'),
      enter,
    });
  }

  async stopApp(): Promise<void> {
    await this.#app?.kill();
  }

  async stop(): Promise<void> {
    await this.stopApp();
    await this.desktop.stop();
  }

  /** Enrolls through the product's own trial: its simulator, its phone, its pages. Ends where the curtain asks for the first approval. */
  async enrollTrial(look: (stage: string) => Promise<void> = async () => undefined): Promise<void> {
    await this.tryTrialApproval(look);
    await this.startGuarding();
  }

  /** The way to an enrolled phone up to the approved test. */
  async tryTrialApproval(look: (stage: string) => Promise<void> = async () => undefined): Promise<void> {
    await this.window('enrollment');
    await look('enroll-choose');
    await this.press('enrollment', 'role=button[name=/Try it without an account/]');
    const { phonePage } = await this.enrollmentUntil(
      (view) => view.registration !== null && view.phonePage !== null,
      'the registration link',
    );
    await look('enroll-phone');
    if (phonePage === null) throw new Error('the trial has no phone page');
    this.#phone = new Phone(phonePage);
    await this.phone.act('register');
    await this.#tryApproval(look);
  }

  /** Another phone than a trial's own, for an enrollment that is made elsewhere. */
  takePhone(phone: Phone): void {
    this.#phone = phone;
  }

  /** From a registered phone to a guarded workstation. */
  async finishEnrollment(): Promise<void> {
    await this.#tryApproval(async () => undefined);
    await this.startGuarding();
  }

  /** Without recovery codes, where the policy lets one skip them. */
  async startGuarding(): Promise<void> {
    await this.bridge('enrollment', 'window.presenceLocker.enrollment.finish()');
  }

  async #tryApproval(look: (stage: string) => Promise<void>): Promise<void> {
    await this.enrollmentUntil(
      (view) => view.registration?.registered === true || view.step === 'test',
      'the phone is registered',
    );
    await this.bridge('enrollment', 'window.presenceLocker.enrollment.test()');
    await look('enroll-test');
    await this.phone.actOnceAsked('approve');
    await this.enrollmentUntil((view) => view.test === 'approved', 'the test approval');
    await look('enroll-approved');
  }

  /**
   * Somebody at the locked screen presses a key that types nothing, again and again, until the phone is asked: input right after a
   * lock is taken for the person leaving.
   */
  async touchKeyboardUntilAsked(): Promise<void> {
    const from = this.app.mark;
    const deadline = performance.now() + SOON_MS;
    const asked = (): boolean => this.app.lines.slice(from).some(({ effects }) => effects?.includes('startSession'));
    while (!asked()) {
      if (performance.now() > deadline) throw new Error(`the phone was not asked\n${this.app.tail()}`);
      await runToEnd(['xdotool', 'key', 'shift'], this.desktop.env, { timeoutMs: SOON_MS });
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  /** The password is typed while nothing is guarded. */
  async unlockByHandUnguarded(): Promise<void> {
    await this.desktop.logind?.unlock();
    await this.desktop.locker?.waitForLocker('gone');
  }

  /** From any covered state to `present`. */
  async approve(): Promise<number> {
    const from = this.app.mark;
    const at = await this.phone.actOnceAsked('approve', SOON_MS);
    await this.app.untilState('present', SOON_MS, from);
    return at;
  }

  /** The person locks by the desktop's own means, and the locker is seen by logind's session. */
  async lockByHand(): Promise<void> {
    const from = this.app.mark;
    await this.desktop.logind?.lock();
    await this.app.untilState('locked', SOON_MS, from);
  }

  /** The person types the password: the real locker ends. @returns wall time just before. */
  async unlockByHand(): Promise<number> {
    const from = this.app.mark;
    const at = Date.now();
    await this.desktop.logind?.unlock();
    await this.app.until((line) => line.step === 'os.unlocked', 'the unlock is observed', SOON_MS, from);
    return at;
  }

  /** Every story of a fault begins with the person here: unlocked by password where needed, approved on the phone. */
  async toPresent(): Promise<void> {
    if (this.app.state === 'leaving' || this.app.state === 'locking') {
      const settled = ({ state }: { readonly state?: string | undefined }) => state === 'locked' || state === 'present';
      await this.app.until(settled, 'what went before is over', SOON_MS, this.app.mark);
    }
    if (this.app.state === 'locked') await this.unlockByHand();
    if (this.app.state === 'verifying') await this.approve();
    if (this.app.state !== 'present') throw new Error(`not present but ${this.app.state}\n${this.app.tail()}`);
    await this.untilCovered(false);
  }

  async lockerRuns(): Promise<boolean> {
    return (await this.desktop.locker?.lockerProcess()) !== null;
  }

  /** The i3lock that the app itself started, or null. */
  ownLocker(): Promise<number | null> {
    return childOfApp(this.app.processId, 'i3lock').catch(() => null);
  }
}
