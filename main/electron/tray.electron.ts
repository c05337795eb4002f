import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Menu, type MenuItemConstructorOptions, type NativeImage, nativeImage, nativeTheme, Tray } from 'electron';
import type { Mark, ViewModel } from '../../protocol/view-model.ts';
import type { ShellLog } from './shell-log.ts';

/** What the tray can ask for. Every one of them ends in an event or a window; none of them decides anything. */
export interface TrayActions {
  lockNow(): void;
  pause(minutes: number): void;
  askAgain(): void;
  openStatus(): void;
  openEnrollment(): void;
  openSettings(): void;
  openTrialPhone(): void;
  quit(): void;
}

export type TrayView = Pick<ViewModel, 'mark' | 'headline' | 'actions' | 'trial' | 'problem' | 'disabledSinceWall'>;

export interface StatusTray {
  show(view: TrayView): void;
  dispose(): void;
}

/** Offered lengths of a pause, in minutes; the policy's maximum cuts the list. */
const PAUSE_CHOICES_MINUTES: readonly number[] = [5, 15, 30, 60, 120, 240, 480];

function pauseChoices(maxMinutes: number): readonly number[] {
  const allowed = PAUSE_CHOICES_MINUTES.filter((minutes) => minutes <= maxMinutes);
  return allowed.length > 0 ? allowed : [maxMinutes];
}

function inWords(minutes: number): string {
  if (minutes < 60) return minutes === 1 ? '1 minute' : `${minutes} minutes`;
  return minutes === 60 ? '1 hour' : `${minutes / 60} hours`;
}

/** The whole menu as a function of what is shown, so that it can be read and tested without a tray. */
export function trayMenu(view: TrayView, actions: TrayActions): MenuItemConstructorOptions[] {
  const { lockNow, askAgain, pause, maxPauseMinutes } = view.actions;
  // Main allows enrolling again while present; an enrolled phone is managed, not enrolled.
  const nobody = view.mark === 'unenrolled' && view.disabledSinceWall === null;
  const menu: MenuItemConstructorOptions[] = [{ label: view.headline, enabled: false }];
  const problem = view.problem?.title.replace(/\.$/, '') ?? view.headline;
  if (problem !== view.headline) menu.push({ label: problem, enabled: false });
  // Once nothing is guarded the headline says so itself.
  if (view.disabledSinceWall !== null && view.mark !== 'unenrolled') {
    menu.push({ label: 'Guarding is switched off', enabled: false });
  }
  if (view.trial) menu.push({ label: 'Trial: simulated service', enabled: false });
  menu.push({ type: 'separator' }, { label: 'Lock now', enabled: lockNow, click: () => actions.lockNow() });
  if (pause && maxPauseMinutes > 0) {
    menu.push({
      label: 'Pause…',
      submenu: pauseChoices(maxPauseMinutes).map((minutes) => ({
        label: `For ${inWords(minutes)}, after approval`,
        click: () => actions.pause(minutes),
      })),
    });
  }
  if (askAgain) menu.push({ label: 'Ask my phone again', click: () => actions.askAgain() });
  menu.push(
    { type: 'separator' },
    { label: 'Status', click: () => actions.openStatus() },
    { label: nobody ? 'Enroll a phone' : 'Enrollment', click: () => actions.openEnrollment() },
    { label: 'Settings', click: () => actions.openSettings() },
  );
  if (view.trial) menu.push({ label: 'Open the trial phone', click: () => actions.openTrialPhone() });
  menu.push({ type: 'separator' }, { label: 'Quit Presence Locker', click: () => actions.quit() });
  return menu;
}

/** `template` is black on transparent for macOS; `dark` is drawn to stand on a dark panel, `light` on a light one. `@2x` lies beside. */
export function trayIconName(
  mark: Mark,
  surroundings: { readonly platform: NodeJS.Platform; readonly dark: boolean },
): string {
  if (surroundings.platform === 'darwin') return `${mark}-template.png`;
  return `${mark}-${surroundings.dark ? 'dark' : 'light'}.png`;
}

export interface TrayOptions {
  /** Folder with `<mark>-{template,light,dark}{,@2x}.png`. */
  readonly iconDirectory: string;
  readonly platform: NodeJS.Platform;
  readonly actions: TrayActions;
  readonly log: ShellLog;
}

/** Call after `ready`. */
export function createTray(options: TrayOptions): StatusTray {
  const iconOf = (mark: Mark): NativeImage => {
    const path = join(
      options.iconDirectory,
      trayIconName(mark, { platform: options.platform, dark: nativeTheme.shouldUseDarkColors }),
    );
    if (!existsSync(path)) {
      options.log.warn(`No tray icon for ${mark}`);
      return nativeImage.createEmpty();
    }
    const image = nativeImage.createFromPath(path);
    if (options.platform === 'darwin') image.setTemplateImage(true);
    return image;
  };

  const tray = new Tray(iconOf('unenrolled'));
  let shown: TrayView | null = null;
  let shownMenu = '';

  const onThemeChange = (): void => {
    if (shown !== null) tray.setImage(iconOf(shown.mark));
  };
  nativeTheme.on('updated', onThemeChange);
  tray.on('click', () => options.actions.openStatus());

  return {
    show(view) {
      if (shown?.mark !== view.mark) tray.setImage(iconOf(view.mark));
      tray.setToolTip(`Presence Locker: ${view.headline}`);
      const menu = trayMenu(view, options.actions);
      shown = view;
      // An open menu would close under the pointer each time it is replaced by an equal one.
      const described = JSON.stringify(menu);
      if (described === shownMenu) return;
      shownMenu = described;
      tray.setContextMenu(Menu.buildFromTemplate(menu));
    },
    dispose() {
      nativeTheme.removeListener('updated', onThemeChange);
      tray.destroy();
    },
  };
}
