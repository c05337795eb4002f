import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { PolicyOverride } from '../../../protocol/policy.ts';
import {
  type EnrollmentView,
  EnrollmentViewSchema,
  type ViewModel,
  ViewModelSchema,
} from '../../../protocol/view-model.ts';
import { type Desktop, startDesktop } from '../../system/desktop/desktop.ts';
import { runToEnd, waitFor } from '../../system/desktop/managed-process.ts';
import { type AppWindow, untilWindow } from './app-control.ts';
import { AppRun } from './app-run.ts';
import { childOfApp } from './child-of-app.ts';
import { chosenHost } from './chosen-host.ts';
import { Phone } from './phone.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Resolves two frames later, when what was there is on the screen; at the latest after a second. */
const DRAWN =
  'new Promise((done) => { setTimeout(() => done(true), 1000); requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(true), 100))); })';

/** Of 1; the curtain’s background stays below a fifth of it. */
const BRIGHTNESS_OF_WORDS = 0.7;

/** Time a person would call "at once", with room for a busy machine. */
export const SOON_MS = 20_000;

/** What is particular about one start of the app. */
export interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  /** See LaunchOptions. */
  readonly enter?: readonly string[];
}

/** A real desktop of this machine's parts with the built app on it, and a phone beside it. */
export class GuardedDesktop {
  readonly desktop: Desktop;
  readonly userData: string;
  readonly #host = chosenHost(process.env);
  #app: AppRun | null = null;
  #phone: Phone | null = null;

  /** How the app is started from the next time on. */
  surroundings: Surroundings = {};

  private constructor(desktop: Desktop) {
    this.desktop = desktop;
    this.userData = join(desktop.folder, 'presence-locker');
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

  /** What a page was told, asked through its own bridge as its scripts would. */
  async view(): Promise<ViewModel> {
    return ViewModelSchema.parse(await this.bridge('status', 'window.presenceLocker.view.get()'));
  }

  async untilView(wanted: (view: ViewModel) => boolean, what: string): Promise<ViewModel> {
    const deadline = performance.now() + SOON_MS;
    for (;;) {
      const view = await this.view();
      if (wanted(view)) return view;
      if (performance.now() > deadline) throw new Error(`${what}: not in time; the page shows ${JSON.stringify(view)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async enrollmentView(): Promise<EnrollmentView> {
    return EnrollmentViewSchema.parse(await this.bridge('enrollment', 'window.presenceLocker.enrollment.get()'));
  }

  async enrollmentUntil(wanted: (view: EnrollmentView) => boolean, what: string): Promise<EnrollmentView> {
    const deadline = performance.now() + SOON_MS;
    for (;;) {
      const view = await this.enrollmentView();
      if (wanted(view)) return view;
      if (performance.now() > deadline) throw new Error(`${what}: not in time; the page shows ${JSON.stringify(view)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async press(page: 'curtain' | 'status' | 'enrollment', selector: string): Promise<void> {
    const { id } = await this.window(page);
    await this.app.control.click(id, selector, SOON_MS);
  }

  /** Types into the one field of a form and sends it off, as a person with a keyboard. */
  async fillIn(page: 'curtain' | 'enrollment', form: string, text: string): Promise<void> {
    await this.read(page, form);
    const { id } = await this.window(page);
    await this.app.control.evaluate(id, `(${fillAndSend})(${JSON.stringify(form)}, ${JSON.stringify(text)})`);
  }

  /** Types into several fields by their names, as a person would before pressing a button. */
  async type(page: 'enrollment', fields: Readonly<Record<string, string>>): Promise<void> {
    const { id } = await this.window(page);
    for (const name of Object.keys(fields)) await this.app.control.textOf(id, `:has(> [name="${name}"])`, SOON_MS);
    await this.app.control.evaluate(id, `(${typeInto})(${JSON.stringify(fields)})`);
  }

  /** The text of what matches, once it is there. */
  async read(page: 'curtain' | 'enrollment', selector: string, timeoutMs = SOON_MS): Promise<string> {
    const { id } = await this.window(page);
    return await this.app.control.textOf(id, selector, timeoutMs);
  }

  /** The window of a page, opened through the tray where it is not there yet. */
  async window(page: 'curtain' | 'status' | 'enrollment') {
    const loaded = (found: { readonly page: string }): boolean => found.page === page;
    const windows = await this.app.control.windows();
    if (page !== 'curtain' && !windows.some(loaded)) {
      await this.app.control.trayClick(page === 'status' ? 'Status' : await this.#enrollmentLabel());
    }
    return await untilWindow(this.app.control, loaded, SOON_MS);
  }

  /** Whether every curtain window is on the screen, as the X server sees it. */
  async covered(): Promise<boolean> {
    const curtains = (await this.app.control.windows()).filter(({ page }) => page === 'curtain');
    return curtains.length > 0 && curtains.every(({ viewable }) => viewable);
  }

  async untilCovered(covered: boolean): Promise<void> {
    await untilWindow(this.app.control, ({ page, viewable }) => page === 'curtain' && viewable === covered, SOON_MS);
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

  /** The whole display as a person sees it, once every page on it has drawn what it was told. */
  async look(): Promise<Buffer> {
    for (const { id, page, visible } of await this.app.control.windows()) {
      if (!visible || page === '') continue;
      await this.app.control.textOf(id, 'h1, h2', SOON_MS);
      await this.app.control.evaluate(id, DRAWN);
    }
    const file = join(this.desktop.folder, 'look.png');
    await this.desktop.x?.screenshot(file);
    return await readFile(file);
  }

  /** Waits until something bright is on the display: a curtain that is only its dark background tells nobody anything. */
  async untilWordsShow(): Promise<void> {
    const file = join(this.desktop.folder, 'brightest.png');
    await waitFor(
      'words to show on the display',
      async () => {
        await writeFile(file, await this.look());
        const brightest = await runToEnd(['identify', '-format', '%[fx:maxima]', file], this.desktop.env, {
          timeoutMs: SOON_MS,
        });
        return Number(brightest) > BRIGHTNESS_OF_WORDS;
      },
      SOON_MS,
    );
  }

  lastHiddenAtWall(): Promise<number> {
    return this.app.control.lastHiddenAtWall();
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

  /** A monitor of the X server's own making, over part of the screen. */
  async plugIn(
    name: string,
    at: { readonly width: number; readonly height: number; readonly x: number; readonly y: number },
  ): Promise<void> {
    const geometry = `${at.width}/200x${at.height}/150+${at.x}+${at.y}`;
    await runToEnd(['xrandr', '--setmonitor', name, geometry, 'none'], this.desktop.env, { timeoutMs: SOON_MS });
  }

  async unplug(name: string): Promise<void> {
    await runToEnd(['xrandr', '--delmonitor', name], this.desktop.env, { timeoutMs: SOON_MS });
  }

  async untilCurtains(wanted: (curtains: readonly AppWindow[]) => boolean): Promise<void> {
    const deadline = performance.now() + SOON_MS;
    for (;;) {
      const curtains = (await this.app.control.windows()).filter(({ page }) => page === 'curtain');
      if (wanted(curtains)) return;
      if (performance.now() > deadline) throw new Error(`the curtains are not as wanted: ${JSON.stringify(curtains)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** The password is typed while nothing is guarded. */
  async unlockByHandUnguarded(): Promise<void> {
    await this.desktop.logind?.unlock();
    await this.desktop.locker?.waitForLocker('gone');
  }

  /** `presence-locker …` as from an SSH login: no display, no bus. @returns its exit code. */
  console(command: 'disable' | 'enable' | 'status'): Promise<number | null> {
    const { PATH = '', HOME = '' } = this.desktop.env;
    const args = [join(ROOT, 'command/presence-locker.ts'), command, `--user-data-dir=${this.userData}`];
    return exitCodeOf({ file: process.execPath, args }, { PATH, HOME });
  }

  /** Starts the app again while it runs. @returns the exit code of the second one. */
  startSecondInstance(): Promise<number | null> {
    return exitCodeOf(this.#host.plainStart(this.userData), this.desktop.env);
  }

  /** What the systemd unit runs when the app ended (ExecStopPost). @returns its exit code. */
  afterDeath(serviceResult: 'success' | 'signal'): Promise<number | null> {
    const { file, args } = this.#host.plainStart(this.userData);
    const env = { ...this.desktop.env, SERVICE_RESULT: serviceResult };
    return exitCodeOf({ file, args: [...args, '--sentinel', '--after-death'] }, env);
  }

  /** What the app keeps in the keychain, read by another program. */
  async keychainSecrets(): Promise<readonly string[]> {
    const found = await runToEnd(['secret-tool', 'search', '--all', 'service', 'presence-locker'], this.desktop.env, {
      timeoutMs: SOON_MS,
    });
    return [...found.matchAll(/^secret = (.+)$/gm)].flatMap(([, secret]) => secret ?? []);
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

  async #enrollmentLabel(): Promise<string> {
    const labels = await this.app.control.trayLabels();
    return labels.find((label) => label === 'Enroll a phone') ?? 'Enrollment';
  }

  /** @throws with the sentence when the page is refused. */
  async bridge(page: 'curtain' | 'status' | 'enrollment', expression: string): Promise<unknown> {
    const { id } = await this.window(page);
    const value = await this.app.control.evaluate(id, expression);
    const refusal = z.strictObject({ ok: z.literal(false), sentence: z.string() }).safeParse(value);
    if (refusal.success) throw new Error(`${expression}: ${refusal.data.sentence}`);
    return value;
  }
}

async function exitCodeOf(
  { file, args }: { readonly file: string; readonly args: readonly string[] },
  env: Readonly<Record<string, string>>,
): Promise<number | null> {
  const child = spawn(file, args, {
    cwd: ROOT,
    env,
    stdio: 'ignore',
    timeout: SOON_MS,
    killSignal: 'SIGKILL',
  });
  await once(child, 'exit');
  return child.exitCode;
}

/** Runs in the page. The setter of the prototype, because the page's own library watches the one of the element. */
const fillAndSend = `(selector, text) => {
  const form = document.querySelector(selector);
  const input = form.querySelector('input');
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(input, text);
  input.dispatchEvent(new Event('input', { bubbles: true }));
  form.requestSubmit();
  return true;
}`;

/** Runs in the page. */
const typeInto = `(fields) => {
  for (const [name, text] of Object.entries(fields)) {
    const input = document.querySelector('input.input[name="' + name + '"]');
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(input, text);
    input.dispatchEvent(new Event('input', { bubbles: true }));
  }
  return true;
}`;
