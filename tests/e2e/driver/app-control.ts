import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

const LOOK_AGAIN_MS = 20;

/** A window of the app. */
export interface AppWindow {
  readonly id: number;
  /** The first part of its address's path, which in this app names the page. */
  readonly page: string;
  /** As the app believes. */
  readonly visible: boolean;
  /** As the X server has it. */
  readonly viewable: boolean;
  readonly crashed: boolean;
}

/** What a person at this screen could do and see, which is all that the suite and the demonstration may use, whatever runs the app. */
export interface AppControl {
  windows(): Promise<readonly AppWindow[]>;
  click(windowId: number, selector: string, timeoutMs: number): Promise<void>;
  /** In the page's own world, as its scripts would; the result is JSON. */
  evaluate(windowId: number, expression: string): Promise<unknown>;
  /** Text of an element, once it is there. */
  textOf(windowId: number, selector: string, timeoutMs: number): Promise<string>;
  trayLabels(): Promise<readonly string[]>;
  /** @throws when the tray menu has no such item, or it is disabled: a person could not click it either. */
  trayClick(label: string): Promise<void>;
  /** The page's renderer dies as if it had crashed. Resolves once the app was told. */
  killRenderer(windowId: number, timeoutMs: number): Promise<void>;
  /** The file that the first file chooser was answered with, once there was one: its suggestion is taken, as nobody sits there. */
  savedFile(timeoutMs: number): Promise<string>;
  /** Process id of the embedded gateway. @throws when it does not run. */
  gatewayProcessId(): Promise<number>;
  /** Process id of the simulated service of a trial. @throws when it does not run. */
  serviceProcessId(): Promise<number>;
  /** Wall time at which the last window was seen to go off the screen; 0 before the first. */
  lastHiddenAtWall(): Promise<number>;
  close(): void;
}

export interface LaunchOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly userData: string;
  /** Path free for a socket of the driver's own. */
  readonly controlSocket: string;
  /** Put before the command line, e.g. to start it in another network. Such a command must become the app, not start it. */
  readonly enter?: readonly string[];
}

export interface LaunchedApp {
  /** With a pipe for its log. */
  readonly child: ChildProcess;
  /** To be called once its log is listened to: before that the app has not begun. */
  begin(): Promise<void>;
  control(): Promise<AppControl>;
  /** Of the app that its sentinel started in the place of the one that died. @throws where that cannot be driven. */
  controlAgain(processId: number): Promise<AppControl>;
}

/** What the built app can be run on (DESIGN §8). */
export interface AppHost {
  /** For the log: which of the two this run says something about. */
  readonly name: string;
  launch(options: LaunchOptions): Promise<LaunchedApp>;
  /** A plain start of the app, as a second click on its icon. */
  plainStart(userData: string): { readonly file: string; readonly args: readonly string[] };
}

/** Waits until a window is as wanted. @throws naming the windows there are when none is in time. */
export async function untilWindow(
  control: Pick<AppControl, 'windows'>,
  wanted: (window: AppWindow) => boolean,
  timeoutMs: number,
): Promise<AppWindow> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const windows = await control.windows();
    const found = windows.find(wanted);
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`no such window in time; there are ${JSON.stringify(windows)}`);
    await delay(LOOK_AGAIN_MS);
  }
}
