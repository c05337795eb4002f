import { runToEnd, startManaged, waitFor } from './managed-process.ts';

const START_TIMEOUT_MS = 10_000;
const SCREENSHOT_TIMEOUT_MS = 15_000;

export interface PrivateXServer {
  /** e.g. `:42`. */
  readonly display: string;
  /** Saves what is on the screen as a PNG. */
  screenshot(file: string): Promise<void>;
  stop(): Promise<void>;
}

/** Xvfb on a free display, with openbox unless told otherwise. Default screen 1280×800. */
export async function startXServer(options: {
  readonly env: Readonly<Record<string, string>>;
  readonly width?: number;
  readonly height?: number;
  readonly windowManager?: boolean;
}): Promise<PrivateXServer> {
  const screen = `${options.width ?? 1280}x${options.height ?? 800}x24`;
  const server = await startManaged(
    [
      'Xvfb',
      '-displayfd',
      '1',
      '-screen',
      '0',
      screen,
      '-nolisten',
      'tcp',
      '-dpi',
      '96',
      '+extension',
      'RANDR',
      '-noreset',
    ],
    options.env,
  );
  const number = await waitFor(
    'the X server',
    () => {
      if (!server.alive) throw new Error(`Xvfb ended: ${server.output}`);
      return server.stdout.match(/^([0-9]+)\n/m)?.[1];
    },
    START_TIMEOUT_MS,
  );
  const display = `:${number}`;
  const env = { ...options.env, DISPLAY: display };
  const manager = options.windowManager === false ? null : await startManaged(['openbox', '--sm-disable'], env);
  return {
    display,
    screenshot: async (file) => {
      await runToEnd(['import', '-window', 'root', file], env, { timeoutMs: SCREENSHOT_TIMEOUT_MS });
    },
    stop: async () => {
      await manager?.stop();
      await server.stop();
    },
  };
}
