import { z } from 'zod';
import {
  type EnrollmentView,
  EnrollmentViewSchema,
  type ViewModel,
  ViewModelSchema,
} from '../../../protocol/view-model.ts';
import { untilWindow } from './app-control.ts';
import type { AppRun } from './app-run.ts';
import { SOON_MS } from './patience.ts';

/** The windows of the app that runs: what stands in them, and hands on them. */
export abstract class AppPages {
  /** @throws while it does not run. */
  abstract get app(): AppRun;

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

  /** When the curtain was last taken from the screen, in wall ms. */
  lastHiddenAtWall(): Promise<number> {
    return this.app.control.lastHiddenAtWall();
  }

  /** @throws with the sentence when the page is refused. */
  async bridge(page: 'curtain' | 'status' | 'enrollment', expression: string): Promise<unknown> {
    const { id } = await this.window(page);
    const value = await this.app.control.evaluate(id, expression);
    const refusal = z.strictObject({ ok: z.literal(false), sentence: z.string() }).safeParse(value);
    if (refusal.success) throw new Error(`${expression}: ${refusal.data.sentence}`);
    return value;
  }

  async #enrollmentLabel(): Promise<string> {
    const labels = await this.app.control.trayLabels();
    return labels.find((label) => label === 'Enroll a phone') ?? 'Enrollment';
  }
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
